import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { compileLibrary } from './setup/compiled';
import { copyFixture } from './setup/projects';

const APP = `
const [library, entry] = process.argv.slice(1);
const { App, Stack } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const s3 = require('aws-cdk-lib/aws-s3');
const app = new App();
const stack = new Stack(app, 'Stack');
const bucket = new s3.Bucket(stack, 'Bucket');
let code = lambda.Code.fromBucketV2(bucket, 'key');
if (library) {
  const { ContractCheck, PipSourceArtifact } = require(library);
  code = new PipSourceArtifact(stack, 'Source', { entry, bucket, skipChecks: [ContractCheck.HANDLER] }).code;
}
new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: 'app.handler', code });
app.synth();
console.log(JSON.stringify(Object.keys(require.cache)));
`;

let library: string;

beforeAll(async () => {
  library = await compileLibrary();
});

function modulesLoaded(...args: string[]): string[] {
  const { JEST_WORKER_ID: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ['-e', APP, ...args], {
    cwd: path.join(__dirname, '..'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...env, PIP_SOURCE_ARTIFACT_CACHE_DIR: path.join(inject('temporary'), 'start-cache') },
  });
  const ofCdk = (JSON.parse(output) as string[]).flatMap((file) => /aws-cdk-lib\/(.*)$/.exec(file)?.[1] ?? []);
  return ofCdk.filter((name) => !/^(core|cx-api|cloud-assembly-schema|node_modules)\//.test(name));
}

test('an artifact makes an app load little more of the CDK than its bucket and its function do', () => {
  const without = new Set(modulesLoaded());
  expect(without).toContain('aws-lambda/lib/function.js');
  const more = modulesLoaded(library, copyFixture('setuptools-flat')).filter((name) => !without.has(name));
  // the facts of all regions took a fifth of an app's start (region-info/lib/…), and its logs as much as all of our own
  expect(more.sort()).toEqual(['aws-kms/index.js', 'aws-lambda/lib/layers.js', 'aws-s3/lib/perms.js', 'region-info/index.js']);
});
