/** The stage after `app.ts`: it runs a version that is published there. Nothing of the project's code is built. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PipDependencyLayer, PipSourceArtifact } from 'cdk-pip-source-artifact';

const app = new App();
const stack = new Stack(app, 'PipSourceProduction');

const runtime = new lambda.Runtime(app.node.tryGetContext('runtime') ?? 'python3.13', lambda.RuntimeFamily.PYTHON);
const architecture = lambda.Architecture.custom(app.node.tryGetContext('architecture') ?? 'x86_64');

const source = PipSourceArtifact.fromPublishedVersion(stack, 'Source', {
  version: app.node.tryGetContext('version') ?? '0.1.1',
  handler: 'my_lambda_app.lambda_function.lambda_handler', // looked for in the version when it is deployed
  bucket: new s3.Bucket(stack, 'Releases'),
  publishedIn: { bucket: s3.Bucket.fromBucketName(stack, 'Tested', app.node.tryGetContext('tested') ?? 'test-releases') },
  layers: [new PipDependencyLayer(stack, 'Dependencies', { entry: app.node.tryGetContext('entry') ?? 'my-lambda-project', runtime, architecture })],
});

const greeter = new lambda.Function(stack, 'Greeter', {
  runtime,
  architecture,
  handler: source.handler,
  code: source.code,
  layers: source.layers,
  memorySize: 512, // MB: numpy
});

new CfnOutput(stack, 'FunctionName', { value: greeter.functionName });
new CfnOutput(stack, 'S3Url', { value: source.s3Url });
