import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { PipDependencyLayer, PipSourceArtifact } from 'cdk-pip-source-artifact';
import type { Construct } from 'constructs';

export class GreetingsStack extends Stack {
  public readonly source: PipSourceArtifact;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const entry = '../demo/my-lambda-project'; // relative to cdk.json
    const runtime = lambda.Runtime.PYTHON_3_13;
    const architecture = lambda.Architecture.X86_64;

    const dependencies = new PipDependencyLayer(this, 'Dependencies', { entry, runtime, architecture });
    this.source = new PipSourceArtifact(this, 'Source', {
      entry,
      bucket: new s3.Bucket(this, 'Artifacts'),
      layers: [dependencies],
      metadata: { team: 'greeters' },
    });
    const greeter = new lambda.Function(this, 'Greeter', {
      runtime,
      architecture,
      handler: this.source.handler,
      code: this.source.code,
      layers: this.source.layers,
    });
    new CfnOutput(this, 'FunctionName', { value: greeter.functionName });
  }
}
