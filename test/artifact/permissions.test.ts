// Who is allowed what, where versions are looked for and promoted: by a simulator, of what was asked of S3.
import { createRequire } from 'node:module';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { PipSourceArtifact, type PublishedVersionProps } from '../../lib/index';
import { buildPackageUploadSourceArtifacts, promoteSourceArtifact } from '../../lib/pipeline/api';
import { tinyProject } from '../pipeline/projects';
import { ACCOUNT, decide, KEY_ARN, record, refused, superfluous, type Call, type Statement } from '../setup/permissions';

const TESTED = 'tested-versions';
const TARGET = 'promoted-versions';
const { handler } = createRequire(__filename)('../../lib/bundled/handler/index.js');

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  const s3Client = new S3Client({});
  for (const Bucket of [TESTED, TARGET]) await s3Client.send(new CreateBucketCommand({ Bucket }));
  for (const [version, tags] of [['1.0', undefined], ['2.0', { stage: 'test' }]] as const) {
    await buildPackageUploadSourceArtifacts({ verbose: false, s3Client, s3DirLambda: `s3://${TESTED}/lambda/`, dirProjectRoot: tinyProject({ version }), skipPrompt: true, tags });
  }
});

afterAll(() => {
  Object.assign(process.env, inject('ministack'));
});

const isOf = (bucket: string) => ({ resource }: Call) => resource.startsWith(`arn:aws:s3:::${bucket}`) || resource === KEY_ARN;

/** The statements of the publishing function's role, and the custom resource's properties. */
function stackWith(props: (stack: Stack) => Partial<PublishedVersionProps>): { readonly role: Statement[]; readonly properties: any } {
  const stack = new Stack(new App(), 'Stack', { env: { region: 'eu-west-1', account: ACCOUNT } });
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY_ARN);
  PipSourceArtifact.fromPublishedVersion(stack, 'Source', { bucket: s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: TARGET, encryptionKey }), version: '2.0', ...props(stack) });
  const template = JSON.parse(JSON.stringify(Template.fromStack(stack).toJSON()), (_, value) => {
    if (value?.Ref === 'AWS::Partition') return 'aws';
    return value?.['Fn::Join'] ? value['Fn::Join'][1].join(value['Fn::Join'][0]) : value;
  });
  const propertiesOf = (type: string): any => (Object.values(template.Resources) as any[]).find(({ Type }) => Type === type).Properties;
  const role = propertiesOf('AWS::IAM::Role').Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement as Statement[]);
  return { role: role.filter(({ Action }: Statement) => !JSON.stringify(Action).includes('logs:')), properties: propertiesOf('Custom::PipSourcePublishedVersion') };
}

/** What the publishing function asks of S3 for a version that is there, and for one that is not. */
async function callsOf(properties: any, encrypted: string): Promise<Call[]> {
  return record(encrypted, async (endpoint) => {
    process.env.AWS_ENDPOINT_URL = endpoint;
    await handler({ RequestType: 'Create', ResourceProperties: properties });
    await handler({ RequestType: 'Create', ResourceProperties: properties });
    const gone = JSON.parse(JSON.stringify(properties).replaceAll('/2.0/', '/9.9/').replace('"2.0"', '"9.9"'));
    await expect(handler({ RequestType: 'Create', ResourceProperties: gone })).rejects.toThrow('[version-not-published]');
    process.env.AWS_ENDPOINT_URL = inject('ministack').AWS_ENDPOINT_URL;
  });
}

describe('the publishing function', () => {
  test('that copies a version from another bucket: has all rights that it needs, no other, and replaces nothing', async () => {
    const { role, properties } = stackWith((stack) => ({ publishedIn: { bucket: s3.Bucket.fromBucketName(stack, 'Tested', TESTED) } }));
    const calls = await callsOf(properties, TARGET);
    expect(await refused(calls, role)).toEqual([]);
    expect(await superfluous(calls, role)).toEqual([]);
    const put = calls.find(({ action }) => action === 's3:PutObject')!;
    expect(await decide({ ...put, context: {} }, role)).toBe('ImplicitlyDenied');
    expect(await decide({ ...put, resource: put.resource.replace(TARGET, TESTED) }, role)).toBe('ImplicitlyDenied');
  });

  test('that looks for a version: has all rights that it needs, and no other', async () => {
    const { role, properties } = stackWith(() => ({}));
    const calls = await callsOf(properties, TARGET);
    expect(await refused(calls, role)).toEqual([]);
    expect(await superfluous(calls, role)).toEqual([]);
  });
});

test('promote: each side has the rights of docs/life-of-a-version.md, and no other', async () => {
  const calls = await record(TARGET, async (endpoint) => {
    const fromS3Client = new S3Client({ endpoint });
    const at = { verbose: false, fromS3Client, fromS3DirLambda: `s3://${TESTED}/lambda/`, toS3DirLambda: `s3://${TARGET}/by-hand/` };
    for (const sourceVersion of ['1.0', '2.0', '2.0']) await promoteSourceArtifact({ ...at, sourceVersion });
    await expect(promoteSourceArtifact({ ...at, sourceVersion: '9.9' })).rejects.toThrow('[version-not-published]');
  });
  const allow = (bucket: string, prefix: string, actions: readonly string[]): Statement[] => [
    { Effect: 'Allow', Action: actions, Resource: `arn:aws:s3:::${bucket}/${prefix}source/*` },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${bucket}` },
  ];
  const reader = allow(TESTED, 'lambda/', ['s3:GetObject', 's3:GetObjectTagging']);
  const writer = [
    ...allow(TARGET, 'by-hand/', ['s3:GetObject', 's3:PutObject', 's3:GetObjectTagging', 's3:PutObjectTagging']),
    { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: KEY_ARN },
  ];
  const [read, written] = [calls.filter(({ resource }) => resource.includes(TESTED)), calls.filter(isOf(TARGET))];
  expect(await refused(read, reader)).toEqual([]);
  expect(await superfluous(read, reader)).toEqual([]);
  expect(await refused(written, writer)).toEqual([]);
  expect(await superfluous(written, writer)).toEqual([]);
});
