/** A Python function whose code is an immutable, versioned artifact in a bucket of the same stack, with its dependencies in a layer. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PipDependencyLayer, PipSourceArtifact } from 'cdk-pip-source-artifact';

const app = new App();
const stack = new Stack(app, 'PipSourceDemo');

// kept when the stack is destroyed, which is the default of a bucket: published versions outlive what runs them
const artifacts = new s3.Bucket(stack, 'Artifacts');

const entry: string = app.node.tryGetContext('entry') ?? 'my-lambda-project';
// the local AWS of the demo runs functions with this machine's Python
const runtime = new lambda.Runtime(app.node.tryGetContext('runtime') ?? 'python3.13', lambda.RuntimeFamily.PYTHON);
const architecture = lambda.Architecture.custom(app.node.tryGetContext('architecture') ?? 'x86_64');

const dependencies = new PipDependencyLayer(stack, 'Dependencies', { entry, runtime, architecture }); // of uv.lock: numpy

const source = new PipSourceArtifact(stack, 'Source', {
  entry,
  bucket: artifacts,
  layers: [dependencies],
  runtime, // its modules are compiled for it, so that it starts faster
  metadata: { team: 'greeters' },
  tags: { stage: app.node.tryGetContext('stage') ?? 'demo' }, // may change; content and metadata of a version never do
});

const greeter = new lambda.Function(stack, 'Greeter', {
  runtime,
  architecture,
  handler: source.handler, // my_lambda_app.lambda_function.lambda_handler
  code: source.code,
  layers: source.layers,
  memorySize: 512, // MB: numpy
});

new CfnOutput(stack, 'FunctionName', { value: greeter.functionName });
new CfnOutput(stack, 'LayerArn', { value: dependencies.layerVersionArn });
new CfnOutput(stack, 'Version', { value: source.version });
new CfnOutput(stack, 'S3Url', { value: source.s3Url });
new CfnOutput(stack, 'ConsoleUrl', { value: source.consoleUrl });
