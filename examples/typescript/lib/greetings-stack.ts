import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { PipFunction } from 'cdk-pip-source-artifact';
import type { Construct } from 'constructs';

export class GreetingsStack extends Stack {
  public readonly greeter: PipFunction;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.greeter = new PipFunction(this, 'Greeter', {
      entry: '../demo/my-lambda-project', // relative to cdk.json
      runtime: lambda.Runtime.PYTHON_3_13,
      architecture: lambda.Architecture.X86_64,
      memorySize: 512,
    });
    new CfnOutput(this, 'FunctionName', { value: this.greeter.functionName });
    new CfnOutput(this, 'S3Url', { value: this.greeter.source.s3Url });
  }
}
