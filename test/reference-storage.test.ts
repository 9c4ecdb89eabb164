// Code that Lambda runs from the bucket. The local AWS copies it all the same: what it is told is in the template.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { tinyProject } from './pipeline/projects';
import { temporaryFolder } from './setup/projects';
import { makeArchive, stage, type TestArchive } from './setup/publication';
import type { PublicationEvent } from '../lib/core/publish/event';
import { handler } from '../lib/core/publish/handler';
import { forReference } from '../lib/core/publish/version/reference';
import { CodeStorage, PipDependencyLayer, PipSourceArtifact, type PipSourceArtifactProps } from '../lib/index';

const ACCOUNT = '111111111111';
const env = { region: 'eu-west-1', account: ACCOUNT };
const runtime = lambda.Runtime.PYTHON_3_13;
let entry: string;

beforeAll(() => {
  entry = tinyProject();
});

const newApp = () => new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });
const newStack = () => new Stack(newApp(), 'Stack', { env });
const newSource = (stack: Stack, more: Partial<PipSourceArtifactProps> = {}, id = 'Source') => new PipSourceArtifact(stack, id, { entry, storage: CodeStorage.REFERENCE, ...more });
const newFunction = (stack: Stack, code: lambda.Code, layers: lambda.ILayerVersion[] = []) =>
  new lambda.Function(stack, 'Function', { runtime, handler: 'tiny.lambda_function.lambda_handler', code, layers });
const digestOf = ({ sourceSha256 }: PipSourceArtifact) => sourceSha256.slice(0, 12);

describe('in the template', () => {
  test('the function names the object, its version, and that it is referred to; Lambda may read it, and nobody may take it away', () => {
    const stack = newStack();
    const source = newSource(stack);
    newFunction(stack, source.code);
    const template = Template.fromStack(stack);
    const [publication] = Object.keys(template.findResources('Custom::PipSourcePublication'));
    const [bucket] = Object.keys(template.findResources('AWS::S3::Bucket'));
    template.hasResource('AWS::Lambda::Function', {
      DependsOn: Match.arrayWith([publication]),
      Properties: {
        Code: {
          S3Bucket: { Ref: bucket },
          S3Key: 'lambda/source/1.0/source.zip',
          S3ObjectVersion: { 'Fn::GetAtt': [publication, `VersionId${digestOf(source)}`] },
          S3ObjectStorageMode: 'REFERENCE',
        },
      },
    });
    template.hasResourceProperties('Custom::PipSourcePublication', { Storage: 'REFERENCE' });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: ['s3:GetObject', 's3:GetObjectVersion'],
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, '/lambda/source/*']] },
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
        }]),
      },
    });
    const role = JSON.stringify(template.findResources('AWS::IAM::Role'));
    for (const action of ['s3:GetBucketVersioning', 's3:GetObjectVersion']) expect(role).toContain(action);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('the default is a copy: nothing of it is there', () => {
    const stack = newStack();
    newFunction(stack, newSource(stack, { storage: undefined }).code);
    newFunction(new Stack(stack.node.root as App, 'Other', { env }), newSource(stack, { storage: CodeStorage.COPY, prefix: 'copy/' }, 'Copy').code);
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    for (const name of ['S3ObjectVersion', 'S3ObjectStorageMode', 'GetBucketVersioning', 'lambda.amazonaws.com"},"Action', 'REFERENCE']) expect(text).not.toContain(name);
  });

  test('fn.currentVersion changes with the content', () => {
    const stack = newStack();
    expect(() => newFunction(stack, newSource(stack).code).currentVersion).not.toThrow();
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Version', 1);
  });

  test('a bucket of the app is protected, and its key lets Lambda decrypt; one that is emptied with its stack is not protected', () => {
    const stack = newStack();
    newSource(stack, { bucket: new s3.Bucket(stack, 'Bucket', { versioned: true, encryptionKey: new kms.Key(stack, 'Key') }) });
    newSource(stack, { bucket: new s3.Bucket(stack, 'Emptied', { versioned: true, autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY }) }, 'Other');
    const template = Template.fromStack(stack);
    const policies = Object.values(template.findResources('AWS::S3::BucketPolicy')).map((policy) => JSON.stringify(policy));
    expect(policies.map((policy) => [policy.includes('AreNotDeleted'), policy.includes('aws:SourceAccount')])).toEqual([[true, true], [false, true]]);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt', Principal: { Service: 'lambda.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } })]) },
    });
  });

  test('of an imported bucket, the owner is told what its policy needs', () => {
    const stack = newStack();
    newSource(stack, { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'imported') });
    Annotations.fromStack(stack).hasWarning('/Stack/Source/Publication', Match.stringLikeRegexp('its policy has to let Lambda read[^]*"s3:GetObjectVersion"[^]*"aws:SourceAccount":"111111111111"'));
  });

  test('the layer is published beside the code, under the digest of its content', () => {
    const stack = newStack();
    const requirements = path.join(temporaryFolder(), 'requirements.txt');
    fs.writeFileSync(requirements, 'six==1.17.0\n');
    const layer = new PipDependencyLayer(stack, 'Layer', { requirements, runtime, storage: CodeStorage.REFERENCE });
    newFunction(stack, newSource(stack).code, [layer]);
    const template = Template.fromStack(stack);
    const key = `lambda/source/layer-${layer.layerSha256.slice(0, 16)}/layer.zip`;
    const [publication] = Object.entries(template.findResources('Custom::PipSourcePublication')).find(([, { Properties }]) => Properties.Key === key)!;
    template.hasResource('AWS::Lambda::LayerVersion', {
      DependsOn: Match.arrayWith([publication]),
      Properties: {
        Content: { S3Key: key, S3ObjectVersion: { 'Fn::GetAtt': [publication, `VersionId${layer.layerSha256.slice(0, 12)}`] }, S3ObjectStorageMode: 'REFERENCE' },
      },
    });
    template.resourceCountIs('AWS::S3::Bucket', 1);
  });

  test('a published version', () => {
    const stack = newStack();
    newFunction(stack, PipSourceArtifact.fromPublishedVersion(stack, 'Old', { version: '0.9', storage: CodeStorage.REFERENCE }).code);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', { Code: { S3Key: 'lambda/source/0.9/source.zip', S3ObjectVersion: Match.anyValue(), S3ObjectStorageMode: 'REFERENCE' } });
    template.hasResourceProperties('Custom::PipSourcePublishedVersion', { Storage: 'REFERENCE' });
  });
});

describe('fails', () => {
  test.each<[string, (stack: Stack) => s3.IBucket, RegExp]>([
    ['a bucket without versions', (stack) => new s3.Bucket(stack, 'Bucket'), /^Stack\/Source: Lambda is to run the code from a bucket that keeps no versions, got "Stack\/Bucket"; set versioned: true of the bucket, or leave out storage \[bucket-unversioned\]$/],
    ['a bucket of another account', (stack) => s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'imported', account: '222222222222' }), /from a bucket of another account, got "222222222222"; publish to a bucket of account 111111111111, or leave out storage \[reference-bucket\]$/],
    ['a bucket of another region', (stack) => s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'imported', region: 'us-east-1' }), /another region, got "us-east-1"; .* \[reference-bucket\]$/],
  ])('%s', (_, bucket, message) => {
    const stack = newStack();
    expect(() => newSource(stack, { bucket: bucket(stack) })).toThrow(message);
  });

  test.each<[string, s3.LifecycleRule, boolean]>([
    ['to an archive', { id: 'rule', transitions: [{ storageClass: s3.StorageClass.DEEP_ARCHIVE, transitionAfter: Duration.days(90) }] }, true],
    ['to Glacier, of a folder above', { id: 'rule', prefix: 'lambda/', transitions: [{ storageClass: s3.StorageClass.GLACIER, transitionAfter: Duration.days(90) }] }, true],
    ['to nothing', { id: 'rule', expiration: Duration.days(90) }, true],
    ['to a class that Lambda reads', { transitions: [{ storageClass: s3.StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(90) }] }, false],
    ['of noncurrent versions', { noncurrentVersionExpiration: Duration.days(90) }, false],
    ['of another folder', { prefix: 'logs/', expiration: Duration.days(90) }, false],
    ['that is off', { enabled: false, expiration: Duration.days(90) }, false],
  ])('a lifecycle rule %s', (_, rule, isRefused) => {
    const stack = newStack();
    const make = () => newSource(stack, { bucket: new s3.Bucket(stack, 'Bucket', { versioned: true, lifecycleRules: [rule] }) });
    if (isRefused) expect(make).toThrow(/^Stack\/Source: .* whose lifecycle rule archives or deletes it, got "rule"; exempt source\/\* from the rule, or leave out storage \[reference-lifecycle\]$/);
    else expect(make).not.toThrow();
  });

  test('a function in another stack', () => {
    const stack = newStack();
    const other = new Stack(stack.node.root as App, 'Other', { env });
    expect(() => newFunction(other, newSource(stack).code)).toThrow(/for a function in another stack, got "Other\/Function"; make the artifact in the stack of its functions, .* \[reference-other-stack\]$/);
  });

  test('a layer with a bucket that it does not use, and one whose bucket keeps no versions', () => {
    const stack = newStack();
    const requirements = path.join(temporaryFolder(), 'requirements.txt');
    fs.writeFileSync(requirements, 'six==1.17.0\n');
    const bucket = new s3.Bucket(stack, 'Bucket');
    expect(() => new PipDependencyLayer(stack, 'One', { requirements, runtime, bucket })).toThrow(/^Stack\/One: .*, got "Stack\/Bucket"; set storage: CodeStorage\.REFERENCE, or leave them out \[layer-storage\]$/);
    expect(() => new PipDependencyLayer(stack, 'Two', { requirements, runtime, bucket, storage: CodeStorage.REFERENCE })).toThrow(/^Stack\/Two: .* \[bucket-unversioned\]$/);
  });
});

describe('at deploy', () => {
  let client: S3Client;
  let artifact: TestArchive;
  const eventFor = async (bucket: string, version: string): Promise<PublicationEvent> => {
    const { ResourceProperties, ...event } = await stage(client, bucket, version, artifact);
    return { ...event, ResourceProperties: { ...ResourceProperties, Storage: 'REFERENCE' } };
  };

  beforeAll(async () => {
    Object.assign(process.env, inject('ministack'));
    client = new S3Client({});
    artifact = await makeArchive(10);
    for (const Bucket of ['referred', 'unversioned', 'late']) await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutBucketVersioningCommand({ Bucket: 'referred', VersioningConfiguration: { Status: 'Enabled' } }));
  });

  test('the object\'s version is an attribute whose name has the digest', async () => {
    const event = await eventFor('referred', '1.0');
    const { Data } = await handler(event);
    const id = Data![`VersionId${artifact.sourceSha256.slice(0, 12)}`];
    expect(id).toMatch(/^\S{10,}$/);
    expect((await handler(event)).Data).toMatchObject({ Outcome: 'unchanged', [`VersionId${artifact.sourceSha256.slice(0, 12)}`]: id });
  });

  test('fails for a bucket that keeps no versions, before anything is published', async () => {
    const event = await eventFor('unversioned', '1.0');
    await expect(handler(event)).rejects.toThrow(
      /^s3:\/\/unversioned\/lambda\/source\/1\.0\/source\.zip: Lambda is to run the code from the bucket, which keeps no versions, got "never enabled"; enable versioning .* \[bucket-unversioned\]$/);
    const { Storage: _storage, ...ResourceProperties } = event.ResourceProperties;
    expect((await handler({ ...event, ResourceProperties })).Data).toMatchObject({ Outcome: 'created' });
  });

  test('fails for what was published before the bucket kept versions', async () => {
    const event = await eventFor('late', '1.0');
    const { Storage: _storage, ...ResourceProperties } = event.ResourceProperties;
    await handler({ ...event, ResourceProperties });
    await client.send(new PutBucketVersioningCommand({ Bucket: 'late', VersioningConfiguration: { Status: 'Enabled' } }));
    await expect(handler(event)).rejects.toThrow(/it was published before the bucket kept versions.*; publish another version, or leave out storage \[object-unversioned\]$/);
    expect((await handler(await eventFor('late', '1.1'))).Data).toMatchObject({ Outcome: 'created' });
  });

  test('fails where a stack that has published it wants it now; a rollback of that is fine', async () => {
    const { ResourceProperties: wanted, ...event } = await eventFor('unversioned', '1.9');
    const { Storage: _storage, ...copied } = wanted;
    const { PhysicalResourceId } = await handler({ ...event, ResourceProperties: copied });
    const update = { RequestType: 'Update', PhysicalResourceId } as const;
    await expect(handler({ ...update, ResourceProperties: wanted, OldResourceProperties: copied })).rejects.toThrow(/\[bucket-unversioned\]$/);
    expect((await handler({ ...update, ResourceProperties: copied, OldResourceProperties: wanted })).Data).toMatchObject({ Outcome: 'unchanged' });
    const { Bucket, Key, Version } = copied;
    const found = await handler({ RequestType: 'Create', ResourceProperties: { Bucket, Key, Version } });
    await expect(handler({
      RequestType: 'Update', PhysicalResourceId: found.PhysicalResourceId, ResourceProperties: { Bucket, Key, Version, Storage: 'REFERENCE' }, OldResourceProperties: { Bucket, Key, Version },
    })).rejects.toThrow(/\[bucket-unversioned\]$/);
  });

  test('fails for a version that cannot be read, and says how long that may be so; and for one in an archive', async () => {
    const wanted = { Bucket: 'referred', Key: 'lambda/source/2.0/source.zip', Storage: 'REFERENCE' };
    await expect(forReference(client, wanted, async () => ({ versionId: '0f0f0f0f-0000-4000-8000-000000000000' }), undefined, [0.01])).rejects.toThrow(
      /: the object's version cannot be read yet, .*; deploy again: it takes S3 up to 15 minutes to know everywhere that a bucket keeps versions \[version-unreadable\]$/);
    const { VersionId } = await client.send(new PutObjectCommand({ Bucket: wanted.Bucket, Key: wanted.Key, Body: 'x', StorageClass: 'GLACIER' }));
    await expect(forReference(client, wanted, async () => ({ versionId: VersionId }), undefined, [])).rejects.toThrow(/, got "GLACIER"; exempt source\/\* .* \[storage-class-archive\]$/);
    expect(await forReference(client, { ...wanted, Storage: undefined }, async () => ({}))).toEqual({});
  });
});
