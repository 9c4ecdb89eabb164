import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PipDependencyLayer, PipSourceArtifact } from 'cdk-pip-source-artifact';

export function makeStack(app = new App()): Stack {
  const stack = new Stack(app, 'Demo');
  const python = app.node.tryGetContext('python');
  const dependencies = new PipDependencyLayer(stack, 'Dependencies', { requirements: 'requirements.txt', runtime: lambda.Runtime.PYTHON_3_13, python });
  const source = new PipSourceArtifact(stack, 'Source', {
    entry: 'my-lambda-project',
    bucket: new s3.Bucket(stack, 'Artifacts'),
    layers: [dependencies],
    python,
  });
  new lambda.Function(stack, 'Function', {
    runtime: lambda.Runtime.PYTHON_3_13,
    handler: source.handler,
    code: source.code,
    layers: source.layers,
  });
  return stack;
}

makeStack();
