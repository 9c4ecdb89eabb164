// A CDK app in a process of its own, as `cdk synth` starts it: node app.mjs '{"kind":"ours","first":"…","entries":[…],"python":"…"}'
// Prints how long its artifacts took to construct, in seconds. The first of an app is measured apart: with it the CDK loads half of itself.
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';

const { kind, first, entries = [], layers = [], count = entries.length, python } = JSON.parse(process.argv[2]);
// APP: the folder of an app with another CDK, and with the library as a package
const require = createRequire(process.env.APP ? `${process.env.APP}/app.mjs` : import.meta.url);
const { App, Stack } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const s3 = require('aws-cdk-lib/aws-s3');
const library = ['ours', 'layers'].includes(kind) ? require(process.env.APP ? 'cdk-pip-source-artifact' : '../../lib/index.js') : {}; // what is not asked for is not loaded

// functions without their layers, and of a handler that is not there: it is the artifact that is measured
const skipChecks = library.ContractCheck && [library.ContractCheck.REQUIREMENTS, library.ContractCheck.HANDLER];
const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Stack');
const bucket = new s3.Bucket(stack, 'Bucket');
const RUNTIME = new lambda.Runtime(process.env.RUNTIME ?? 'python3.13', lambda.RuntimeFamily.PYTHON); // of the Python that builds, as users have it
const makeFunction = (id, code) => new lambda.Function(stack, `Function${id}`, { runtime: RUNTIME, handler: 'app.handler', code });

/** Seconds of what makes the code of a function. */
function construct(entry, id) {
  const started = performance.now();
  if (kind !== 'ours') makeFunction(id, lambda.Code.fromAsset(entry)); // staged when it is bound
  if (kind === 'layers') new lambda.LayerVersion(stack, `Layer${id}`, { code: lambda.Code.fromAsset(entry) });
  const source = kind === 'ours' ? new library.PipSourceArtifact(stack, `Source${id}`, { entry, bucket, python, prefix: `p${id}/`, skipChecks }) : undefined;
  const seconds = (performance.now() - started) / 1000;
  if (source) makeFunction(id, source.code);
  return seconds;
}

const times = { first: first === undefined ? undefined : construct(first, 'First'), constructor: 0 };
for (let i = 0; i < count; i++) times.constructor += construct(entries[i % entries.length], i);
if (layers.length > 0) {
  const started = performance.now();
  for (const [i, { requirements, runtime, architecture, installer, bytecode }] of layers.entries()) {
    new library.PipDependencyLayer(stack, `Layer${i}`, { requirements, installer, bytecode, python, runtime: new lambda.Runtime(runtime, lambda.RuntimeFamily.PYTHON), architecture: lambda.Architecture.custom(architecture) });
  }
  times.layers = (performance.now() - started) / 1000;
}
app.synth();
process.stdout.write(JSON.stringify(times));
