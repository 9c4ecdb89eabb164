import { App, Aws, CfnParameter, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { PipSourceArtifact, type PublishedVersionProps } from '../../lib/index';
import { tinyProject } from '../pipeline/projects';

const TYPE = 'Custom::PipSourcePublishedVersion';
const SHA256 = 'a'.repeat(64);
const KEY = 'lambda/source/1.2.0/source.zip';

function use(props: Partial<PublishedVersionProps> = {}, env: StackProps['env'] = { region: 'eu-west-1', account: '111111111111' }) {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env });
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'releases');
  const source = PipSourceArtifact.fromPublishedVersion(stack, 'Source', { bucket, version: '1.2.0', ...props });
  const run = (scope = stack, more: Partial<lambda.FunctionProps> = {}) => new lambda.Function(scope, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: 'app.main.handler', code: source.code, layers: source.layers, ...more });
  return { app, stack, source, run };
}

const propertiesOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources(TYPE)).map(({ Properties }) => Properties)[0];
/** What the publishing function may, besides writing its log. */
const statementsOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')).flatMap(({ Properties }) => Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter(({ Action }) => !Action.includes('logs:PutLogEvents'));

describe('fromPublishedVersion', () => {
  test('the function runs the published object, after the publishing function has looked for it', () => {
    const { stack, source, run } = use({ sourceSha256: SHA256, handler: 'app.main.handler' });
    run(stack, { handler: source.handler });
    const template = Template.fromStack(stack);
    const [resource] = Object.keys(template.findResources(TYPE));
    template.hasResource('AWS::Lambda::Function', { Properties: { Code: { S3Bucket: 'releases', S3Key: KEY }, Handler: 'app.main.handler' }, DependsOn: Match.arrayWith([resource]) });
    expect(propertiesOf(stack)).toEqual({ ServiceToken: expect.anything(), ServiceTimeout: '360', Bucket: 'releases', Key: KEY, Version: '1.2.0', SourceSha256: SHA256, Handler: 'app.main.handler' });
    expect([source.version, source.sourceSha256, source.s3Url, source.consoleUrl]).toEqual(['1.2.0', SHA256, `s3://releases/${KEY}`, `https://console.aws.amazon.com/s3/object/releases?region=eu-west-1&prefix=${encodeURIComponent(KEY)}`]);
    expect(stack.resolve([source.objectKey, source.codeSha256])).toEqual([{ 'Fn::GetAtt': [resource, 'Keyaaaaaaaaaaaa'] }, { 'Fn::GetAtt': [resource, 'CodeSha256aaaaaaaaaaaa'] }]);
    expect(template.findResources('Custom::PipSourcePublication')).toEqual({});
  });

  test('the publishing function may read the version, and nothing else', () => {
    const { stack } = use({ bucket: undefined });
    const encrypted = s3.Bucket.fromBucketAttributes(stack, 'Encrypted', { bucketName: 'encrypted', encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/k') });
    PipSourceArtifact.fromPublishedVersion(stack, 'Other', { bucket: encrypted, prefix: 'team', version: '2' });
    const rights = statementsOf(stack).map(({ Effect, Action, Resource }) => [Effect, Action, Resource]);
    const ofDefault = (suffix: string) => ({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^PipSourceArtifacts/), 'Arn'] }, suffix]] });
    const encryptedArn = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::encrypted']] };
    expect(rights).toEqual([
      ['Allow', ['s3:GetObject'], [ofDefault('/lambda/source/*'), { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::encrypted/team/source/*']] }]],
      ['Allow', ['s3:ListBucket'], [{ 'Fn::GetAtt': [expect.stringMatching(/^PipSourceArtifacts/), 'Arn'] }, encryptedArn]],
      ['Allow', ['kms:Decrypt'], ['arn:aws:kms:eu-west-1:111111111111:key/k']],
    ]);
  });

  test('without a digest, attributes are named by the key: another version is another name', () => {
    const tokens = ['1.2.0', '1.3.0'].map((version) => {
      const { stack, source } = use({ version });
      return JSON.stringify(stack.resolve([source.objectKey, source.sourceSha256]));
    });
    expect(tokens[0]).toMatch(/"Key[0-9a-f]{12}".*"SourceSha256[0-9a-f]{12}"/);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  test('a version of a stack can be replaced by one that is published: the bucket of the stack stays', () => {
    const one = new Stack(new App(), 'Stack');
    new PipSourceArtifact(one, 'Source', { entry: tinyProject() });
    const two = new Stack(new App(), 'Stack');
    PipSourceArtifact.fromPublishedVersion(two, 'Source', { version: '1.0' });
    const [before, after] = [one, two].map((stack) => Object.keys(Template.fromStack(stack).findResources('AWS::S3::Bucket')));
    expect(after).toEqual(before);
  });

  test('publishedIn: it is copied first, with the rights for that', () => {
    const there = Stack.of(use().stack);
    const { stack } = use({ publishedIn: { bucket: s3.Bucket.fromBucketName(there, 'Test', 'test-releases'), prefix: 'other' }, serverSideEncryption: 'AES256' });
    expect(propertiesOf(stack)).toMatchObject({ Bucket: 'releases', Key: KEY, From: { Bucket: 'test-releases', Key: 'other/source/1.2.0/source.zip' }, ServerSideEncryption: 'AES256' });
    const arn = (name: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${name}`]] });
    expect(statementsOf(stack)).toEqual([
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging'], Resource: [arn('releases/lambda/source/*')] },
      { Effect: 'Allow', Action: ['s3:PutObject'], Resource: [arn('releases/lambda/source/*')], Condition: { Null: { 's3:if-none-match': 'false' } } },
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:GetObjectTagging'], Resource: [arn('test-releases/other/source/*')] },
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [arn('releases'), arn('test-releases')] },
    ]);
  });

  test('buckets of other accounts: those that the app makes get the grants, of the others it is told', () => {
    const app = new App();
    const testing = new Stack(app, 'Testing', { env: { account: '222222222222', region: 'eu-west-1' } });
    const tested = new s3.Bucket(testing, 'Releases', { bucketName: 'test-releases' });
    const production = new Stack(app, 'Production', { env: { account: '111111111111', region: 'eu-west-1' } });
    const imported = s3.Bucket.fromBucketAttributes(production, 'Imported', { bucketName: 'central', account: '333333333333' });
    PipSourceArtifact.fromPublishedVersion(production, 'Source', { bucket: imported, version: '1.0', publishedIn: { bucket: tested } });
    Template.fromStack(testing).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: ['s3:GetObject', 's3:GetObjectTagging'] }), Match.objectLike({ Action: 's3:ListBucket' })] },
    });
    expect(Annotations.fromStack(production).findWarning('/Production/Source', Match.stringLikeRegexp('the bucket is of account 333333333333: its policy has to allow the publishing function'))).toHaveLength(1);
  });

  test('grantRead: the object alone', () => {
    const { stack, source } = use();
    source.grantRead(new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(`:s3:::releases/${KEY}`);
  });

  test('what is known at synth is checked: runtime, layers, region', () => {
    const layers = (scope: Stack) => Array.from({ length: 6 }, (_, i) => lambda.LayerVersion.fromLayerVersionArn(scope, `Layer${i}`, `arn:aws:lambda:eu-west-1:111111111111:layer:l:${i + 1}`));
    const wrong = use();
    wrong.run(wrong.stack, { runtime: lambda.Runtime.NODEJS_22_X });
    expect(() => wrong.app.synth()).toThrow(/the function does not run on Python, but its code is a Python project, got "nodejs22\.x"/);
    const many = use();
    const given = PipSourceArtifact.fromPublishedVersion(many.stack, 'Layered', { version: '1', layers: layers(many.stack) });
    const cfn = new lambda.CfnFunction(many.stack, 'Cfn', { role: 'arn:aws:iam::111111111111:role/r', runtime: 'python3.13', handler: 'a.b', code: { s3Bucket: given.bucket.bucketName, s3Key: given.objectKey }, layers: given.layers.map(({ layerVersionArn }) => layerVersionArn) });
    expect(cfn.layers).toHaveLength(6);
    expect(() => many.app.synth()).toThrow(/Cfn.*: a function takes at most 5 layers, got 6/);
    const fine = use();
    fine.run(fine.stack, { handler: 'anything.at_all' });
    fine.app.synth();
    const far = use();
    const elsewhere = new Stack(far.app, 'Elsewhere', { env: { region: 'us-east-1', account: '111111111111' } });
    expect(() => far.run(elsewhere)).toThrow(/takes code from buckets of its own region alone.*\[function-region\]/s);
  });

  test.each<[string, Partial<PublishedVersionProps>, RegExp]>([
    ['a version that cannot be in a key', { version: '../1' }, /^Stack\/Source: the version cannot stand in an S3 key, got "\.\.\/1"/],
    ['a version that is known at deploy', { version: Aws.STACK_NAME }, /^Stack\/Source: version is a token, .*; give a value: the key, and what depends on it, is made at synth \[option-token\]$/],
    ['a prefix of patterns', { prefix: '*' }, /\[prefix-pattern\]$/],
    ['no digest', { sourceSha256: 'abc' }, /^Stack\/Source: sourceSha256 is not a SHA-256 digest, got "abc"; .*\[sha256-invalid\]$/],
    ['no handler', { handler: 'handler' }, /\[handler-form\]$/],
    ['no encryption', { serverSideEncryption: 'rot13', publishedIn: { bucket: s3.Bucket.fromBucketName(new Stack(), 'B', 'other') } }, /\[encryption-unknown\]$/],
    ['onto itself', { publishedIn: { bucket: s3.Bucket.fromBucketName(new Stack(), 'B', 'releases') } }, /^Stack\/Source: the version is to be copied onto itself, got "lambda\/"; leave out publishedIn, or name another place \[promote-itself\]$/],
    ['from another partition', { publishedIn: { bucket: s3.Bucket.fromBucketAttributes(new Stack(), 'B', { bucketName: 'other', region: 'cn-north-1' }), prefix: 'x' }, bucket: s3.Bucket.fromBucketAttributes(new Stack(), 'B', { bucketName: 'releases', region: 'eu-west-1' }) }, /^Stack\/Source: publishedIn is in cn-north-1, .*got "eu-west-1".*\[promote-partition\]$/],
  ])('is refused: %s', (_, props, message) => {
    expect(() => use(props)).toThrow(message);
  });

  test('handler, where none was given', () => {
    expect(() => use().source.handler).toThrow('Stack/Source: the handler of a published version is not known at synth, got "1.2.0"; set handler to <module>.<function> [handler-unknown]');
  });

  test('takes a bucket whose name is known at deploy', () => {
    const { stack } = use();
    const name = new CfnParameter(stack, 'Name');
    const source = PipSourceArtifact.fromPublishedVersion(stack, 'Late', { bucket: s3.Bucket.fromBucketName(stack, 'LateBucket', name.valueAsString), version: '3' });
    expect(stack.resolve(source.s3Url)).toEqual({ 'Fn::Join': ['', ['s3://', { Ref: 'Name' }, '/lambda/source/3/source.zip']] });
  });
});
