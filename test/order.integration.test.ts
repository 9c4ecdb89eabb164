// Order and protection with the CDK's own command: a stack with a bucket of its own, a publisher that is set up, code that is referred to.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetFunctionConfigurationCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetBucketPolicyCommand, GetBucketVersioningCommand, HeadBucketCommand, ListBucketsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, test } from 'vitest';
import { command } from './cli/command';
import { tinyProject } from './pipeline/projects';
import { bootstrap, invoke, newCdkApp, type CdkApp } from './setup/cdk';

const DEPLOY = ['deploy', '--require-approval', 'never'];
let app: CdkApp;
let s3: S3Client;
let lambdaClient: LambdaClient;

const write = (version: string) => {
  fs.rmSync(path.join(app.folder, 'project'), { recursive: true, force: true });
  const code = `import six\ndef lambda_handler(event, context):\n    return "${version} with six " + six.__version__\n`;
  tinyProject({ version, code }, path.join(app.folder, 'project'));
};

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  lambdaClient = new LambdaClient({});
  app = await newCdkApp(`
const stack = new cdk.Stack(new cdk.App(), 'Ordered');
library.PipPublisher.configure(stack, {
  logRetention: 30,
  expectedBucketOwner: '000000000000',
  environment: { PURPOSE: 'publishing' },
  role: new cdk.aws_iam.Role(stack, 'Publisher', { assumedBy: new cdk.aws_iam.ServicePrincipal('lambda.amazonaws.com') }),
});
const storage = library.CodeStorage.REFERENCE;
const layers = [new library.PipDependencyLayer(stack, 'Layer', { requirements: 'requirements.txt', runtime, storage })];
const source = new library.PipSourceArtifact(stack, 'Source', { entry: 'project', layers, storage });
const fn = new lambda.Function(stack, 'Function', { functionName: 'ordered', runtime, handler: source.handler, code: source.code, layers });
new cdk.CfnOutput(stack, 'Bucket', { value: source.bucket.bucketName });`);
  fs.writeFileSync(path.join(app.folder, 'requirements.txt'), 'six==1.17.0\n');
  write('1.0');
  await bootstrap(app.cdk);
}, 120_000);

test('three versions are deployed from a bucket of the stack; those that are used stay when others are pruned, and all of it when the stack goes', async () => {
  for (const version of ['1.0', '1.1', '1.2']) {
    write(version);
    await app.cdk(DEPLOY);
    expect(await invoke('ordered')).toBe(`${version} with six 1.17.0`);
  }
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const Bucket = Buckets.map(({ Name }) => Name!).find((name) => name.startsWith('ordered-'))!;
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  for (const part of ['PipSourceArtifactsAreNotReplaced', 'PipSourceArtifactsAreNotDeleted', 's3:GetObjectVersion', 'aws:SourceAccount']) expect(Policy).toContain(part);
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect(Versions.map(({ Key }) => Key!.replace(/layer-[0-9a-f]{16}/, 'layer-*'))).toEqual([
    'lambda/source/1.0/source.zip', 'lambda/source/1.1/source.zip', 'lambda/source/1.2/source.zip', 'lambda/source/layer-*/layer.zip',
  ]);
  const publisher = await publisherOf('Ordered');
  expect(publisher).toMatchObject({ Environment: { Variables: { PURPOSE: 'publishing' } }, LoggingConfig: { LogGroup: expect.stringContaining('Logs') } });
  expect(publisher.Role).toContain('Ordered-Publisher');

  // the stack has published 1.2, and the function runs it
  const s3Dir = ['--s3-dir', `s3://${Bucket}/lambda/`];
  const refused = await command(['prune', '1.2', '--yes', ...s3Dir]);
  expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringMatching(/version 1\.2 is in use by ordered, .* \[version-in-use\]/)]);
  const pruned = await command(['prune', '--keep', '0', '--in-use-by', 'Ordered', '--yes', '--json', ...s3Dir]);
  expect(pruned.stderr).toBe('');
  expect(JSON.parse(pruned.stdout).map(({ sourceVersion, outcome, usedBy }: any) => [sourceVersion, outcome, ...usedBy])).toEqual([
    ['1.0', 'deleted'], ['1.1', 'deleted'], ['1.2', 'kept', 'Ordered', 'ordered'],
  ]);
  expect((await command(['list', ...s3Dir])).stdout).toMatch(/^version .*\n1\.2 .*\n$/);

  await app.cdk(['destroy', '--force']);
  await s3.send(new HeadBucketCommand({ Bucket }));
  expect((await command(['list', ...s3Dir])).stdout).toMatch(/^version .*\n1\.2 .*\n$/);
}, 240_000);

async function publisherOf(stack: string) {
  const { Functions = [] } = await lambdaClient.send(new ListFunctionsCommand({}));
  const FunctionName = Functions.map((it) => it.FunctionName!).find((name) => name.startsWith(`${stack}-CustomPipSource`));
  return lambdaClient.send(new GetFunctionConfigurationCommand({ FunctionName }));
}
