/** A Python function whose code is an immutable, versioned artifact in a bucket of the same stack. */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PipSourceArtifact } from 'cdk-pip-source-artifact';

const app = new App();
const stack = new Stack(app, 'PipSourceDemo');

// kept when the stack is destroyed, which is the default of a bucket: published versions outlive what runs them
const artifacts = new s3.Bucket(stack, 'Artifacts');

const source = new PipSourceArtifact(stack, 'Source', {
  entry: app.node.tryGetContext('entry') ?? 'my-lambda-project',
  bucket: artifacts,
  metadata: { team: 'greeters' },
  tags: { stage: 'demo' },
});

const greeter = new lambda.Function(stack, 'Greeter', {
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: source.handler, // my_lambda_app.lambda_function.lambda_handler
  code: source.code,
  layers: source.layers, // none here: the project has no dependencies
});

new CfnOutput(stack, 'FunctionName', { value: greeter.functionName });
new CfnOutput(stack, 'Version', { value: source.version });
new CfnOutput(stack, 'S3Url', { value: source.s3Url });
new CfnOutput(stack, 'ConsoleUrl', { value: source.consoleUrl });
