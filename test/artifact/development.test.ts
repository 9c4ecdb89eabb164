import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, NestedStack, Stack, type AppProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { developedVersion } from '../../lib/artifact/development';
import { sha256 } from '../../lib/core/base/tree';
import { PipSourceArtifact, type PipSourceArtifactProps } from '../../lib/index';
import { tinyProject } from '../pipeline/projects';
import { temporaryFolder } from '../setup/projects';

const ON = { 'pip-source-artifact:development': true };
const entry = tinyProject();

beforeEach(() => vi.stubEnv('CI', undefined));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => vi.unstubAllEnvs());

function newStack(context: AppProps['context'] = {}) {
  const app = new App({ context, outdir: path.join(temporaryFolder(), 'cdk.out') });
  return { app, stack: new Stack(app, 'Stack') };
}

function develop(context: AppProps['context'], props: Partial<PipSourceArtifactProps> = {}) {
  const { app, stack } = newStack(context);
  const source = new PipSourceArtifact(stack, 'Source', { entry, ...props });
  const run = (scope: Stack, id = 'Function') => new lambda.Function(scope, id, { runtime: lambda.Runtime.PYTHON_3_13, handler: source.handler, code: source.code });
  return { app, stack, source, run };
}

const codeOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).map(({ Properties, Metadata, DependsOn }) => ({ code: Properties.Code, Metadata, DependsOn }));

describe('development', () => {
  test('the function runs what is staged: nothing is published, and no other function is there', () => {
    const { app, stack, source, run } = develop({ ...ON, 'aws:cdk:enable-asset-metadata': true }, { bucket: s3.Bucket.fromBucketName(newStack().stack, 'Imported', 'imported') });
    run(stack);
    const template = Template.fromStack(stack);
    expect(Object.values(template.toJSON().Resources).map(({ Type }: any) => Type)).toEqual(['AWS::IAM::Role', 'AWS::Lambda::Function']);
    expect(source.version).toBe(`1.0+dev.${source.sourceSha256.slice(0, 8)}`);
    const [{ code, Metadata, DependsOn }] = codeOf(stack);
    expect(code).toEqual({ S3Bucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' }, S3Key: expect.stringMatching(/^[0-9a-f]{64}\.zip$/) });
    expect(stack.resolve([source.bucket.bucketName, source.objectKey])).toEqual([code.S3Bucket, code.S3Key]);
    expect(JSON.stringify(stack.resolve(source.s3Url))).toContain(`/${code.S3Key}`);
    expect(JSON.stringify(stack.resolve(source.consoleUrl))).toContain(`&prefix=${code.S3Key}`);
    expect(DependsOn).not.toEqual(expect.arrayContaining([expect.stringContaining('Publication')]));
    const { directory } = app.synth();
    expect(Metadata).toEqual({ 'aws:asset:path': expect.stringMatching(/^asset\.[0-9a-f]{64}\.zip$/), 'aws:asset:property': 'Code', 'aws:asset:is-bundled': true });
    expect(sha256(fs.readFileSync(path.join(directory, Metadata['aws:asset:path'])), 'base64'), 'as Lambda will report it').toBe(source.codeSha256);
    const { files } = JSON.parse(fs.readFileSync(path.join(directory, 'Stack.assets.json'), 'utf8'));
    expect(Object.values(files).filter(({ destinations }: any) => JSON.stringify(destinations).includes(code.S3Key))).toHaveLength(1);
  });

  test('other content has another key, version and Lambda version, whatever the project says its version is', () => {
    const [one, two] = ['x = 1', 'x = 2'].map((line) => {
      const { stack, source, run } = develop(ON, { entry: tinyProject({ code: `${line}\ndef lambda_handler(event, context): ...\n` }) });
      const { logicalId } = run(stack).currentVersion.node.defaultChild as lambda.CfnVersion;
      return { version: source.version, key: stack.resolve(source.objectKey), lambda: stack.resolve(logicalId) };
    });
    for (const name of ['version', 'key', 'lambda'] as const) expect(one[name]).not.toBe(two[name]);
  });

  test('the bucket of the stack stays while it is developed: it has versions', () => {
    const buckets = [{}, ON].map((context) => Object.keys(Template.fromStack(develop(context).stack).findResources('AWS::S3::Bucket')));
    expect(buckets[0]).toHaveLength(1);
    expect(buckets[1]).toEqual(buckets[0]);
  });

  test('what is staged for development never stands in the place of what is published', () => {
    const { stack, run } = develop(ON);
    run(stack);
    const published = develop({});
    published.run(published.stack);
    const [{ StagedKey }] = Object.values(Template.fromStack(published.stack).findResources('Custom::PipSourcePublication')).map(({ Properties }) => Properties);
    expect(codeOf(stack)[0].code.S3Key).not.toBe(StagedKey);
  });

  test('the stack is marked, once', () => {
    const { stack } = develop(ON);
    new PipSourceArtifact(stack, 'Other', { entry });
    expect(Annotations.fromStack(stack).findInfo('/Stack', Match.stringLikeRegexp('^development: functions of this stack run source artifacts as they are staged'))).toHaveLength(1);
    expect(Annotations.fromStack(develop({}).stack).findInfo('*', Match.anyValue())).toEqual([]);
  });

  test('each stack has it in its own staging bucket', () => {
    const { app, stack, run } = develop(ON);
    const other = new Stack(app, 'Other', { env: { account: '111111111111', region: 'eu-west-1' } });
    for (const id of ['One', 'Two']) run(other, id);
    run(new NestedStack(stack, 'Nested'));
    const [one, two] = codeOf(other);
    expect(one.code).toEqual({ S3Bucket: 'cdk-hnb659fds-assets-111111111111-eu-west-1', S3Key: expect.stringMatching(/^[0-9a-f]{64}\.zip$/) });
    expect(two.code).toEqual(one.code);
    const { directory } = app.synth();
    expect(fs.readFileSync(path.join(directory, 'Other.assets.json'), 'utf8')).toContain(one.code.S3Key);
    expect(other.dependencies).toEqual([]);
    expect(Annotations.fromStack(other).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test('what does not fit is found all the same', () => {
    const { app, stack, source } = develop(ON);
    new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: 'tiny.nowhere.handler', code: source.code });
    expect(() => app.synth()).toThrow(/Function\]? .*the handler's module tiny\.nowhere is not in the installed project|handler's module/);
    expect(() => develop(ON, { prefix: '*' })).toThrow(/\[prefix-pattern\]$/);
    expect(() => develop(ON, { serverSideEncryption: 'rot13' })).toThrow(/\[encryption-unknown\]$/);
  });

  test('the prop wins over the context', () => {
    expect(develop(ON, { development: false }).source.version).toBe('1.0');
    expect(develop({}, { development: true }).source.version).toMatch(/^1\.0\+dev\./);
  });

  test.each<[unknown, boolean]>([['true', true], ['force', true], ['false', false], [false, false], [undefined, false]])('the context %j', (value, expected) => {
    expect(develop({ 'pip-source-artifact:development': value }).source.version.includes('+dev.')).toBe(expected);
  });

  test.each(['yes', 1, ''])('the context %j is refused', (value) => {
    expect(() => develop({ 'pip-source-artifact:development': value })).toThrow(`Stack/Source: the context pip-source-artifact:development is none of true, false and force, got ${JSON.stringify(value)}; correct it [development-unknown]`);
  });

  test('protect has nothing to protect', () => {
    const { stack, source } = develop(ON, { protect: true, bucket: s3.Bucket.fromBucketName(newStack().stack, 'Imported', 'imported') });
    source.protect();
    expect(Template.fromStack(stack).toJSON().Resources ?? {}).toEqual({});
  });
});

describe('where CI is set', () => {
  test.each(['true', '1', 'woodpecker'])('CI=%s: development is refused, by prop or context', (CI) => {
    vi.stubEnv('CI', CI);
    const message = `Stack/Source: development is on where CI is set, and a pipeline publishes versions, got "${CI}"; leave out development and the context pip-source-artifact:development there, or say pip-source-artifact:development=force [development-in-ci]`;
    expect(() => develop(ON)).toThrow(message);
    expect(() => develop({}, { development: true })).toThrow(message);
    expect(develop({}).source.version).toBe('1.0');
    expect(develop(ON, { development: false }).source.version).toBe('1.0');
  });

  test('it can be forced; and where nothing is built, nothing is refused', () => {
    vi.stubEnv('CI', 'true');
    expect(develop({ 'pip-source-artifact:development': 'force' }).source.version).toMatch(/\+dev\./);
    expect(develop({ 'pip-source-artifact:development': 'force' }, { development: true }).source.version).toMatch(/\+dev\./);
    expect(develop({ ...ON, 'aws:cdk:bundling-stacks': [] }).source.version).toBe('1.0+dev.00000000');
  });

  test.each(['false', '0', ''])('CI=%j counts as not set', (CI) => {
    vi.stubEnv('CI', CI);
    expect(develop(ON).source.version).toMatch(/\+dev\./);
  });
});

test.each([['1.0', '1.0+dev.0a1b2c3d'], ['1.0+linux', '1.0+linux.dev.0a1b2c3d'], ['1.0.0-rc.1', '1.0.0-rc.1+dev.0a1b2c3d']])('%s is developed as %s', (version, expected) => {
  expect(developedVersion(version, `0a1b2c3d${'e'.repeat(56)}`)).toBe(expected);
});
