// An app of one artifact for each folder, in a process of its own: `node app.mjs <the library's index.js> <entry>...`
import { createRequire } from 'node:module';

const [library, ...entries] = process.argv.slice(2);
const require = createRequire(library);
const { App, Stack } = require('aws-cdk-lib');
const { Bucket } = require('aws-cdk-lib/aws-s3');
const { PipSourceArtifact } = require(library);

const props = JSON.parse(process.env.APP_PROPS ?? '{}');
const stack = new Stack(new App(), 'Stack');
const bucket = new Bucket(stack, 'Bucket');
const sources = entries.map((entry, i) => new PipSourceArtifact(stack, `Source${i}`, { entry, bucket, prefix: `p${i}/`, ...props }));
process.stdout.write(JSON.stringify(sources.map((source) => source.sourceSha256)));
