// The bucket that a stack gets where none is given, and the protection of published versions.
import * as path from 'node:path';
import { App, NestedStack, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyProject } from './pipeline/projects';
import { decide, type Statement } from './setup/permissions';
import { temporaryFolder } from './setup/projects';
import { PipSourceArtifact } from '../lib/index';

let entry: string;

beforeAll(() => {
  entry = tinyProject();
});

function newStack(app = new App({ outdir: path.join(temporaryFolder(), 'cdk.out') })): Stack {
  return new Stack(app, 'Stack', { env: { region: 'eu-west-1', account: '111111111111' } });
}

const source = (stack: Stack, prefix: string, more: { readonly bucket?: s3.IBucket; readonly protect?: boolean } = {}, id = `Source ${prefix}`) =>
  new PipSourceArtifact(stack, id, { entry, prefix, ...more });

/** The policy of the only bucket, as S3 has it: named `bucket`. */
function policyOf(stack: Stack): Statement[] {
  const [{ Properties: { PolicyDocument } }] = Object.values(Template.fromStack(stack).findResources('AWS::S3::BucketPolicy'));
  return JSON.parse(JSON.stringify(PolicyDocument, (_, value) => {
    if (value?.['Fn::GetAtt']) return /Role/.test(value['Fn::GetAtt'][0]) ? 'arn:aws:iam::111111111111:role/pruner' : 'arn:aws:s3:::bucket';
    return value?.['Fn::Join'] ? JSON.parse(JSON.stringify(value['Fn::Join'][1]).replace(/\{"Fn::GetAtt":[^}]*\}/g, '"arn:aws:s3:::bucket"').replace(/\{"Ref":"AWS::Partition"\}/g, '"aws"')).join('') : value;
  })).Statement;
}

const may = async (policy: readonly Statement[], action: string, key: string, context: Record<string, string> = {}) => {
  const call = { action, resource: `arn:aws:s3:::bucket/${key}`, context: { 'aws:SecureTransport': 'true', ...context } };
  return await decide(call, [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }], policy) === 'Allowed';
};

describe('a bucket that is left out', () => {
  test('is one for the stack: private, encrypted, versioned, for TLS alone, protected, and kept with its policy', () => {
    const stack = newStack();
    const sources = ['a/', 'b/'].map((prefix) => source(stack, prefix));
    expect(new Set(sources.map(({ bucket }) => bucket)).size).toBe(1);
    new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: 'tiny.lambda_function.lambda_handler', code: sources[0].code });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::S3::Bucket', 1);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketName: Match.absent(),
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
    template.hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'Retain' });
    const bucket = { Ref: Object.keys(template.findResources('AWS::S3::Bucket'))[0] };
    template.hasResourceProperties('AWS::Lambda::Function', { Code: { S3Bucket: bucket, S3Key: 'a/source/1.0/source.zip' } });
    template.allResourcesProperties('Custom::PipSourcePublication', { Bucket: bucket, ServerSideEncryption: 'AES256' });
    const [policy] = Object.keys(template.findResources('AWS::S3::BucketPolicy'));
    template.hasResource('Custom::PipSourcePublication', { DependsOn: Match.arrayWith([policy]) });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('has a policy under which nothing is replaced, nothing is deleted, and TLS is a must; what publishes may do what it does', async () => {
    const stack = newStack();
    source(stack, 'lambda/');
    const policy = policyOf(stack);
    const key = 'lambda/source/1.0/source.zip';
    expect(await may(policy, 's3:PutObject', key, { 's3:if-none-match': '*' })).toBe(true);
    expect(await may(policy, 's3:GetObject', key)).toBe(true);
    expect(await may(policy, 's3:PutObject', key)).toBe(false);
    expect(await may(policy, 's3:PutObject', key, { 's3:if-match': 'etag' })).toBe(false);
    expect(await may(policy, 's3:DeleteObject', key)).toBe(false);
    expect(await may(policy, 's3:DeleteObjectVersion', key)).toBe(false);
    expect(await may(policy, 's3:GetObject', key, { 'aws:SecureTransport': 'false' })).toBe(false);
  });

  test('is that of the stack around a nested one, and each stack has its own', () => {
    const app = new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });
    const stack = newStack(app);
    const nested = new NestedStack(stack, 'Nested');
    const other = new Stack(app, 'Other');
    expect(source(nested, 'a/').bucket).toBe(source(stack, 'b/').bucket);
    expect(source(other, 'a/').bucket).not.toBe(source(stack, 'c/').bucket);
    app.synth();
  });

  test('may be beside a bucket that is given', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    expect(source(stack, 'a/', { bucket }).bucket).toBe(bucket);
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 1);
    const both = newStack();
    source(both, 'a/', { bucket: new s3.Bucket(both, 'Bucket') });
    source(both, 'b/');
    Template.fromStack(both).resourceCountIs('AWS::S3::Bucket', 2);
  });
});

describe('protect', () => {
  test('is the policy of two statements, of all prefixes of a bucket; other objects are free', async () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    source(stack, 'a/', { bucket, protect: true });
    source(stack, 'b/', { bucket, protect: true });
    source(stack, 'b/', { bucket }, 'Same').protect();
    source(stack, 'free/', { bucket });
    const policy = policyOf(stack);
    expect(policy).toHaveLength(2);
    for (const prefix of ['a/', 'b/']) {
      expect(await may(policy, 's3:DeleteObject', `${prefix}source/1.0/source.zip`)).toBe(false);
      expect(await may(policy, 's3:PutObject', `${prefix}source/1.0/source.zip`)).toBe(false);
      expect(await may(policy, 's3:PutObject', `${prefix}source/1.1/source.zip`, { 's3:if-none-match': '*' })).toBe(true);
    }
    for (const key of ['free/source/1.0/source.zip', 'a/notes.txt']) expect(await may(policy, 's3:DeleteObject', key)).toBe(true);
  });

  test('lets roles delete that are named, and replace nothing', async () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    const pruner = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const artifact = source(stack, 'lambda/', { bucket, protect: true });
    artifact.protect({ deletableBy: [pruner] });
    artifact.protect({ deletableBy: [iam.Role.fromRoleArn(stack, 'Other', 'arn:aws:iam::111111111111:role/other')] });
    const policy = policyOf(stack);
    expect(policy).toHaveLength(2);
    const key = 'lambda/source/1.0/source.zip';
    for (const role of ['pruner', 'other']) {
      const context = { 'aws:PrincipalArn': `arn:aws:iam::111111111111:role/${role}` };
      expect(await may(policy, 's3:DeleteObject', key, context), role).toBe(true);
      expect(await may(policy, 's3:PutObject', key, context), role).toBe(false);
    }
    expect(await may(policy, 's3:DeleteObject', key, { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/somebody' })).toBe(false);
  });

  test('is no larger than a bucket\'s policy may be, however many prefixes there are', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    for (let i = 0; i < 60; i++) source(stack, `${'p'.repeat(200)}${i}/`, { bucket, protect: true });
    const [deletion] = policyOf(stack).filter(({ Action }) => Action.includes('s3:DeleteObject'));
    expect(deletion.Resource).toContain('arn:aws:s3:::bucket/*source/*');
    expect(JSON.stringify(policyOf(stack)).length).toBeLessThan(20_000);
  });

  test('fails for a bucket whose policy is not the app\'s', () => {
    const stack = newStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'imported');
    expect(() => source(stack, 'a/', { bucket, protect: true })).toThrow(
      /^Stack\/Source a--: the bucket is not made by this app, which therefore cannot change its policy, got "Stack\/Bucket"; leave out protect, .* \[protect-imported\]$/);
    expect(() => source(stack, 'b/', { bucket }).protect()).toThrow(/^Stack\/Source b--: the bucket is not made by this app/);
  });

  test('fails for a bucket that is emptied when its stack goes', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Bucket', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
    expect(() => source(stack, 'a/', { bucket, protect: true })).toThrow(/; leave out autoDeleteObjects of the bucket, or protect \[protect-auto-delete\]$/);
  });
});
