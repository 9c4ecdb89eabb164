import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aspects, Aws, Lazy, Stack, Stage, Token, type AppProps, type IAspect } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { takeRecord, uncommittedKey } from '../lib/core/plan/staged-archive';
import { PipSourceArtifact, type PipSourceArtifactProps } from '../lib/index';
import { tinyProject } from './pipeline/projects';
import { copyFixture, digestFolder, git, gitInit, temporaryFolder, writeFiles } from './setup/projects';

const PUBLICATION = 'Custom::PipSourcePublication';
let flat: string;
let twoHandlers: string;

beforeAll(() => {
  flat = copyFixture('setuptools-flat');
  twoHandlers = copyFixture('two-handlers');
});

interface Fixture { readonly app: App; readonly stack: Stack; readonly bucket: s3.Bucket }

function newStack(context: AppProps['context'] = {}): Fixture {
  const app = new App({ context, outdir: path.join(temporaryFolder(), 'cdk.out') });
  const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
  return { app, stack, bucket: new s3.Bucket(stack, 'Bucket') };
}

function newArtifact(props: Partial<PipSourceArtifactProps> = {}, fixture = newStack()): Fixture & { readonly source: PipSourceArtifact } {
  return { ...fixture, source: new PipSourceArtifact(fixture.stack, 'Source', { entry: flat, bucket: fixture.bucket, ...props }) };
}

function newFunction(stack: Stack, source: PipSourceArtifact, more: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: source.handler, code: source.code, layers: source.layers, ...more });
}

/** The project `flat` with a line more. */
function changedFlat(): string {
  const changed = copyFixture('setuptools-flat');
  fs.appendFileSync(path.join(changed, 'flat_app', 'greeting.py'), '# changed\n');
  return changed;
}

describe('the template', () => {
  test('as a whole', () => {
    const { stack, source } = newArtifact({ metadata: { team: 'billing' }, tags: { stage: 'test' } });
    newFunction(stack, source);
    const template = JSON.parse(JSON.stringify(Template.fromStack(stack).toJSON(), (_, value) =>
      typeof value === 'string' ? value.replace(/\b[0-9a-f]{64}\b/g, '<sha256>') : value)); // contents are not the template's matter
    expect(template).toMatchSnapshot();
  });

  test('the function reads the published key, after the publication', () => {
    const { stack, source } = newArtifact();
    newFunction(stack, source);
    const template = Template.fromStack(stack);
    const [publication] = Object.keys(template.findResources(PUBLICATION));
    template.hasResource('AWS::Lambda::Function', {
      Properties: { Code: { S3Bucket: { Ref: Match.stringLikeRegexp('^Bucket') }, S3Key: 'lambda/source/0.1.1/source.zip' }, Handler: 'flat_app.lambda_function.lambda_handler' },
      DependsOn: Match.arrayWith([publication]),
    });
    template.hasResource(PUBLICATION, {
      Properties: { Key: 'lambda/source/0.1.1/source.zip', Version: '0.1.1', SourceSha256: source.sourceSha256, Metadata: Match.absent(), Tags: Match.absent() },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('Code.fromBucket works too, and is ordered by its key', () => {
    const { stack, source } = newArtifact();
    newFunction(stack, source, { code: lambda.Code.fromBucket(source.bucket, source.objectKey) });
    const template = Template.fromStack(stack);
    const [publication] = Object.keys(template.findResources(PUBLICATION));
    template.hasResourceProperties('AWS::Lambda::Function', { Code: { S3Key: { 'Fn::GetAtt': [publication, `Key${source.sourceSha256.slice(0, 12)}`] } } });
  });

  test('prefix, version, metadata and tags are used', () => {
    const { stack } = newArtifact({ prefix: 'team/app', version: '1.0.0-rc.1', metadata: { Commit: 'abc' }, tags: { 'cost center': 'x' } });
    Template.fromStack(stack).hasResourceProperties(PUBLICATION, {
      Key: 'team/app/source/1.0.0-rc.1/source.zip', Version: '1.0.0-rc.1', Metadata: { commit: 'abc' }, Tags: { 'cost center': 'x' },
    });
  });

  test('one small function a stack publishes everything, with a role that names what it needs', () => {
    const { stack, bucket } = newArtifact();
    new PipSourceArtifact(stack, 'Again', { entry: flat, bucket, prefix: 'other/' });
    new PipSourceArtifact(stack, 'Third', { entry: twoHandlers, bucket });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    const [role] = Object.values(template.findResources('AWS::IAM::Role'));
    const statements = role.Properties.Policies[0].PolicyDocument.Statement;
    expect(statements.map(({ Action, Resource }: { Action: string[]; Resource: unknown[] }) => [Action, Resource.length])).toEqual([
      [['s3:GetObject'], 1], [['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging'], 2], [['s3:PutObject'], 2], [['s3:ListBucket'], 2], [['logs:CreateLogStream', 'logs:PutLogEvents'], 1],
    ]);
    expect(statements[2].Condition, 'it may create objects, and replace none').toEqual({ Null: { 's3:if-none-match': 'false' } });
    expect(JSON.stringify(statements)).not.toContain('"*"');
  });

  test('a bucket with a key of its own', () => {
    const fixture = newStack();
    const bucket = new s3.Bucket(fixture.stack, 'Encrypted', { encryptionKey: new kms.Key(fixture.stack, 'Key') });
    newArtifact({ bucket }, fixture);
    Template.fromStack(fixture.stack).hasResourceProperties('AWS::IAM::Role', {
      Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] }] })]) } }],
    });
  });

  const encryptedBuckets: Array<[string, (stack: Stack) => s3.IBucket, object]> = [
    ['a key', (stack) => new s3.Bucket(stack, 'Own', { encryptionKey: new kms.Key(stack, 'Key') }), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } }],
    ['DSSE', (stack) => new s3.Bucket(stack, 'Own', { encryption: s3.BucketEncryption.DSSE_MANAGED }), { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: Match.absent() }],
    ['S3\'s own', (stack) => new s3.Bucket(stack, 'Own', { encryption: s3.BucketEncryption.S3_MANAGED }), { ServerSideEncryption: 'AES256', SSEKMSKeyId: Match.absent() }],
    ['AWS\'s key', (stack) => new s3.Bucket(stack, 'Own', { encryption: s3.BucketEncryption.KMS_MANAGED }), { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: Match.absent() }],
    ['nothing that the app knows of', (stack) => s3.Bucket.fromBucketName(stack, 'Own', 'artifacts'), { ServerSideEncryption: Match.absent(), SSEKMSKeyId: Match.absent() }],
  ];
  test.each(encryptedBuckets)('a write names the encryption that the bucket has: %s', (_, bucketOf, expected) => {
    const fixture = newStack();
    newArtifact({ bucket: bucketOf(fixture.stack) }, fixture);
    Template.fromStack(fixture.stack).hasResourceProperties(PUBLICATION, expected);
  });

  test('a write names the encryption that is given', () => {
    const fixture = newStack();
    newArtifact({ bucket: s3.Bucket.fromBucketName(fixture.stack, 'Imported', 'artifacts'), serverSideEncryption: 'AES256' }, fixture);
    Template.fromStack(fixture.stack).hasResourceProperties(PUBLICATION, { ServerSideEncryption: 'AES256', SSEKMSKeyId: Match.absent() });
  });

  test('the publication waits for the bucket\'s policy, also for one that is added later', () => {
    const { stack, bucket } = newArtifact();
    bucket.addToResourcePolicy(new iam.PolicyStatement({ effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], actions: ['s3:DeleteObject'], resources: [bucket.arnForObjects('*')] }));
    Template.fromStack(stack).hasResource(PUBLICATION, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^BucketPolicy')]) });
  });

  test('sam local invoke finds the code', () => {
    const { stack, app, source } = newArtifact({}, newStack({ 'aws:cdk:enable-asset-metadata': true }));
    newFunction(stack, source);
    const [{ Metadata }] = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function', { Properties: { Runtime: 'python3.13' } }));
    expect(Metadata).toMatchObject({ 'aws:asset:property': 'Code', 'aws:asset:is-bundled': true });
    expect(fs.readFileSync(path.join(app.outdir, Metadata['aws:asset:path'])).subarray(0, 2).toString()).toBe('PK');
  });

  test('a layer and a second stack may use the code', () => {
    const { app, source } = newArtifact();
    const other = new Stack(app, 'Other', { env: { region: 'eu-west-1' } });
    newFunction(other, source);
    const template = Template.fromStack(other);
    template.hasResourceProperties('AWS::Lambda::Function', { Code: { S3Bucket: { 'Fn::ImportValue': Match.anyValue() }, S3Key: 'lambda/source/0.1.1/source.zip' } });
    expect(other.dependencies.map((stack) => stack.node.id)).toEqual(['Stack']);
    new lambda.LayerVersion(other, 'Layer', { code: source.code });
  });

  test('currentVersion changes with the content', () => {
    const versionOf = (entry: string) => {
      const { stack, source } = newArtifact({ entry });
      newFunction(stack, source).currentVersion;
      return Object.keys(Template.fromStack(stack).findResources('AWS::Lambda::Version'))[0];
    };
    const changed = changedFlat();
    expect(versionOf(copyFixture('setuptools-flat'))).toBe(versionOf(flat));
    expect(versionOf(changed)).not.toBe(versionOf(flat));
  });

  test('no warning of ours, and the user\'s own stay', () => {
    const { stack, source, bucket } = newArtifact();
    newFunction(stack, source);
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
    lambda.Code.fromBucket(bucket, 'mine.zip');
    Annotations.fromStack(stack).hasWarning('/Stack/Bucket', Match.stringLikeRegexp('objectVersion'));
  });
});

describe('attributes', () => {
  test('are values at synth', () => {
    const fixture = newStack();
    const bucket = s3.Bucket.fromBucketName(fixture.stack, 'Imported', 'artifacts');
    const layer = lambda.LayerVersion.fromLayerVersionArn(fixture.stack, 'Layer', 'arn:aws:lambda:eu-west-1:123456789012:layer:deps:1');
    const { source } = newArtifact({ bucket, layers: [layer] }, fixture);
    expect(source).toMatchObject({
      bucket,
      layers: [layer],
      version: '0.1.1',
      handler: 'flat_app.lambda_function.lambda_handler',
      s3Url: 's3://artifacts/lambda/source/0.1.1/source.zip',
      consoleUrl: 'https://console.aws.amazon.com/s3/object/artifacts?region=eu-west-1&prefix=lambda%2Fsource%2F0.1.1%2Fsource.zip',
    });
    expect(source.sourceSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(source.codeSha256).toMatch(/^[\w+/]{43}=$/);
    expect(Token.isUnresolved(source.objectKey)).toBe(true);
  });

  test('grantRead: this object and no other', () => {
    const { stack, source } = newArtifact();
    const grant = source.grantRead(new iam.User(stack, 'User'));
    expect(grant.success).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [Match.objectLike({
          Resource: [
            { 'Fn::GetAtt': [Match.stringLikeRegexp('^Bucket'), 'Arn'] },
            { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Bucket'), 'Arn'] }, '/lambda/source/0.1.1/source.zip']] },
          ],
        })],
      },
    });
  });

  test('handler: the one that was given; several and none given is an error of whoever asks', () => {
    expect(newArtifact({ entry: twoHandlers, handler: 'refunds.lambda_function.lambda_handler' }).source.handler).toBe('refunds.lambda_function.lambda_handler');
    const { source } = newArtifact({ entry: twoHandlers });
    expect(() => source.handler).toThrow(
      'Stack/Source: the project has more than one handler, got ["orders.lambda_function.lambda_handler","refunds.lambda_function.lambda_handler"]; set handler to <module>.<function>',
    );
  });
});

describe('the build', () => {
  /** A project whose backend is in its own tree and needs no index: it writes down how it was called. */
  function recordingProject(): string {
    return writeFiles(path.join(temporaryFolder(), 'recording'), {
      'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "recording"\nversion = "1.0"\n',
      'notes/big.txt': '',
      'backend.py': `
import os, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "recording-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as z:
        z.writestr("recording/lambda_function.py", "def lambda_handler(e, c): ...\\n")
        z.writestr("recording/seen.txt", repr([os.environ.get("SEEN"), config_settings, sorted(os.listdir())]))
        z.writestr("recording-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: recording\\nVersion: 1.0\\n")
        z.writestr("recording-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: backend 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("recording-1.0.dist-info/RECORD", "")
    return name
`,
    });
  }

  const digestOf = (props: Partial<PipSourceArtifactProps>) => newArtifact(props).source.sourceSha256;

  test('environment, pipArgs and exclude reach it', () => {
    const entry = recordingProject();
    const plain = digestOf({ entry });
    expect(digestOf({ entry, environment: { SEEN: 'yes' } })).not.toBe(plain);
    expect(digestOf({ entry, pipArgs: ['--config-settings', 'a=b'] })).not.toBe(plain);
    expect(digestOf({ entry, exclude: ['notes'] })).not.toBe(plain);
  });

  /** A Python that writes down each of its starts. */
  function watchedPython(): { readonly python: string; readonly starts: () => number } {
    const folder = temporaryFolder();
    const [python, log] = ['python', 'log'].map((name) => path.join(folder, name));
    fs.writeFileSync(python, `#!/bin/sh\necho started >> "${log}"\nexec python3 "$@"\n`, { mode: 0o755 });
    return { python, starts: () => fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('\n').length - 1 : 0 };
  }

  test('an unchanged project starts no Python, in another app and under another version too', () => {
    const entry = recordingProject();
    const { python, starts } = watchedPython();
    const first = digestOf({ entry, python });
    const before = starts();
    expect(before).toBeGreaterThan(0);
    expect(digestOf({ entry, python })).toBe(first);
    expect(newArtifact({ entry, python, version: '7.0' }).source).toMatchObject({ version: '7.0', sourceSha256: first });
    expect(starts()).toBe(before);
  });

  test('an edit that keeps size and time is seen', () => {
    const entry = recordingProject();
    const before = digestOf({ entry });
    const file = path.join(entry, 'backend.py');
    const { atime, mtime } = fs.statSync(file);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('seen.txt', 'sawn.txt'));
    fs.utimesSync(file, atime, mtime);
    expect(digestOf({ entry })).not.toBe(before);
  });

  test('what it was built from and with is staged with it, the template is the same, and what has no commit is never in the place of what has one', () => {
    const entry = recordingProject();
    const outdir = path.join(temporaryFolder(), 'cdk.out');
    const staged = () => {
      const app = new App({ outdir }); // one folder for all: the CDK keeps what is in it
      const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
      newArtifact({ entry }, { app, stack, bucket: new s3.Bucket(stack, 'Bucket') });
      const template = Template.fromStack(stack).toJSON();
      const { StagedKey } = Object.values(Template.fromStack(stack).findResources(PUBLICATION))[0].Properties;
      const { files } = JSON.parse(fs.readFileSync(path.join(outdir, 'Stack.assets.json'), 'utf8')) as { readonly files: Record<string, { readonly source: { readonly path: string }; readonly destinations: object }> };
      const own = Object.values(files).filter(({ source }) => source.path === `asset.${StagedKey}`);
      const [{ objectKey }] = Object.values(own[0].destinations) as Array<{ readonly objectKey: string }>;
      const copy = path.join(temporaryFolder(), 'copy.zip');
      fs.copyFileSync(path.join(outdir, `asset.${StagedKey}`), copy);
      return { template, StagedKey, objectKey, assets: Object.keys(files).length, record: takeRecord(copy), bytes: fs.readFileSync(copy) };
    };
    vi.stubEnv('PIP_SOURCE_ARTIFACT_NO_CACHE', '1'); // built again each time
    try {
      const outside = staged();
      expect(outside.record).toEqual({ source_name: 'recording', built_with: expect.stringMatching(/^python 3\.\S+, (pip \S+, )?backend 1, cdk-pip-source-artifact \S+$/), bytecode: expect.stringMatching(/^([\w+/]{8})+$/) });
      expect(outside.assets).toBe(3); // the template, the function that publishes, the archive
      gitInit(entry, 'v1');
      const first = staged();
      fs.writeFileSync(path.join(entry, 'notes', 'big.txt'), 'more');
      const dirty = staged();
      git(entry, 'commit', '--quiet', '--all', '--message=more');
      const second = staged();

      expect([first, dirty, second].map(({ record }) => record.git_commit)).toEqual([git(entry, 'rev-parse', 'HEAD~1'), `${git(entry, 'rev-parse', 'HEAD~1')}-dirty`, git(entry, 'rev-parse', 'HEAD')]);
      const { StagedKey, bytes } = outside;
      expect([outside, first, dirty, second].map(({ objectKey }) => objectKey)).toEqual([uncommittedKey(StagedKey), StagedKey, uncommittedKey(StagedKey), StagedKey]);
      for (const other of [first, dirty, second]) {
        expect(other.template).toEqual(outside.template);
        expect(other.bytes.equals(bytes), 'the record is not in the bytes that are published').toBe(true);
      }
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('verifyReproducible builds twice, and refuses what differs', () => {
    const entry = tinyProject({ seen: '"AT = %d\\n" % time.time()' });
    expect(() => newArtifact({ entry, verifyReproducible: true })).toThrow(/^Stack\/Source: two builds of the project differ, got "changed tiny\/seen\.txt"; /);
  });

  test('a python that is not there is not replaced by another', () => {
    expect(() => newArtifact({ entry: recordingProject(), python: '/nowhere/python' })).toThrow(/^Stack\/Source: this Python cannot install the project, got "\/nowhere\/python"; /);
  });

  test('nothing is built where the CDK asks for no bundling, and the template has the same shape', () => {
    const entry = copyFixture('bad-setup-py'); // would fail
    const before = digestFolder(entry);
    const { python, starts } = watchedPython();
    const { stack, source } = newArtifact({ entry, python, version: '1.2.3' }, newStack({ 'aws:cdk:bundling-stacks': [] }));
    expect(starts()).toBe(0);
    newFunction(stack, source);
    expect(source).toMatchObject({ version: '1.2.3', sourceSha256: '0'.repeat(64), codeSha256: '' });
    Template.fromStack(stack).hasResourceProperties(PUBLICATION, { Key: 'lambda/source/1.2.3/source.zip', SourceSha256: '0'.repeat(64) });
    expect(digestFolder(entry)).toBe(before);
  });

  test('no placeholder for a function of a stack that is bundled, as by cdk deploy --exclusively, with the artifact in another', () => {
    const { app, source } = newArtifact({}, newStack({ 'aws:cdk:bundling-stacks': ['Functions'] }));
    expect(source.sourceSha256).not.toBe('0'.repeat(64));
    newFunction(new Stack(app, 'Functions', { env: { region: 'eu-west-1' } }), source);
    const { template } = app.synth().getStackByName('Functions');
    expect(template.Resources).toMatchObject({ Function76856677: { Properties: { Handler: 'flat_app.lambda_function.lambda_handler', Code: { S3Key: 'lambda/source/0.1.1/source.zip' } } } });
    expect(JSON.stringify(template)).not.toMatch(/0{64}|placeholder|not-built/);
  });

  test('a placeholder in a function of a stack that is bundled fails the synth', () => {
    const { app, bucket } = newStack();
    const stack = new Stack(app, 'Unbundled', { env: { region: 'eu-west-1' } });
    stack.node.setContext('aws:cdk:bundling-stacks', []);
    const { source } = newArtifact({}, { app, stack, bucket });
    newFunction(new Stack(app, 'Functions', { env: { region: 'eu-west-1' } }), source);
    expect(() => app.synth()).toThrow('[Functions/Function] the function\'s code was not built: the CDK bundles the function\'s stack, and nothing in that of Unbundled/Source, got []; set the context aws:cdk:bundling-stacks on the app alone');
  });

  test('100 artifacts of three projects in one stack', () => {
    const { stack, bucket } = newStack();
    const projects = [flat, twoHandlers, recordingProject()];
    for (let i = 0; i < 100; i++) new PipSourceArtifact(stack, `Source${i}`, { entry: projects[i % 3], bucket, prefix: `team-${i}/` });
    const template = Template.fromStack(stack);
    template.resourceCountIs(PUBLICATION, 100);
    const [role] = Object.values(template.findResources('AWS::IAM::Role'));
    // as IAM counts it: resolved and without white space, a bucket's name at its longest
    const resolve = (_: string, value: any): unknown => {
      if (value?.['Fn::GetAtt'] || value?.['Fn::Sub'] || value?.Ref) return value.Ref ? 'aws' : `arn:aws:s3:::${'b'.repeat(63)}`;
      return value?.['Fn::Join'] ? JSON.parse(JSON.stringify(value['Fn::Join'][1], resolve)).join('') : value;
    };
    const policy = JSON.stringify(role.Properties.Policies[0].PolicyDocument, resolve);
    const managed = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).map(({ Properties }) => JSON.stringify(Properties.PolicyDocument, resolve));
    expect([policy, ...managed].join('\n')).toContain(`${'b'.repeat(63)}/team-99/source/*`);
    expect(policy.length).toBeLessThan(10_240);
  });
});

describe('fails', () => {
  const errorOf = (props: Partial<PipSourceArtifactProps>, fixture?: Fixture) => {
    try {
      newArtifact(props, fixture);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('did not fail');
  };

  test.each<[string, Partial<PipSourceArtifactProps>, string]>([
    ['no such entry', { entry: '/nowhere' }, 'the project folder does not exist, got "/nowhere"; set entry to the folder that holds pyproject.toml or setup.py [entry-missing]'],
    ['version', { version: '../1' }, 'the version cannot stand in an S3 key, got "../1"; use a PEP 440 or SemVer version such as 1.2.3, of letters, digits and .+-_!, at most 128 characters [version-invalid]'],
    ['empty version', { version: '' }, 'the version cannot stand in an S3 key, got ""; use a PEP 440 or SemVer version such as 1.2.3, of letters, digits and .+-_!, at most 128 characters [version-invalid]'],
    ['version is a token', { version: Aws.STACK_NAME }, `version is a token, whose value is known only at deploy, got "${Aws.STACK_NAME}"; give a value: the project is built at synth [option-token]`],
    ['prefix', { prefix: '/x' }, 'the prefix cannot stand in an S3 key, got "/x"; write it like "lambda/" or "team/app/", or "" for none [prefix-invalid]'],
    ['tags', { tags: { 'aws:x': '1' } }, 'a tag\'s key starts with aws:, which AWS keeps for itself, got "aws:x"; rename it [tag-key-reserved]'],
    ['metadata', { metadata: { x: 'ü' } }, 'the value of metadata "x" has characters that S3 refuses, got "ü"; use printable ASCII without blanks at its ends [metadata-value]'],
  ])('%s', (_, props, message) => {
    expect(errorOf(props)).toBe(`Stack/Source: ${message}`);
  });

  test('tokens anywhere in what the build needs', () => {
    expect(errorOf({ pipArgs: Lazy.list({ produce: () => [] }) })).toMatch(/^Stack\/Source: pipArgs is a token/);
    expect(errorOf({ entry: Aws.REGION })).toMatch(/^Stack\/Source: entry is a token/);
    expect(errorOf({ environment: { A: Aws.REGION } })).toMatch(/^Stack\/Source: environment is a token/);
    expect(errorOf({ exclude: [Aws.REGION] })).toMatch(/^Stack\/Source: exclude is a token/);
  });

  test('tokens in metadata and tags are S3\'s to check', () => {
    const { stack } = newArtifact({ metadata: { stack: Aws.STACK_NAME }, tags: { stack: Aws.STACK_NAME } });
    Template.fromStack(stack).hasResourceProperties(PUBLICATION, { Metadata: { stack: { Ref: 'AWS::StackName' } }, Tags: { stack: { Ref: 'AWS::StackName' } } });
  });

  test('a handler that is not in the project, with the nearest', () => {
    expect(errorOf({ handler: 'flat_app.lambda_function.handle' })).toBe(
      'Stack/Source: the handler\'s module flat_app.lambda_function has no handle, got "flat_app.lambda_function.handle"; correct it\n\n'
      + 'hint: did you mean flat_app.lambda_function.lambda_handler\n\n[handler-name]',
    );
  });

  test('a setup.py without a version', () => {
    const entry = writeFiles(temporaryFolder(), { 'setup.py': 'from setuptools import setup\nsetup(name="nameless", py_modules=["m"])\n', 'm.py': '' });
    expect(errorOf({ entry })).toBe('Stack/Source: the project has no version; set version in setup.py, or the version of the artifact [version-missing]');
  });

  test('a build: path, command, exit code, output, hint', () => {
    const entry = writeFiles(tinyProject(), { 'backend.py': 'def build_wheel(*args): raise RuntimeError("out of luck")\n' });
    expect(errorOf({ entry })).toMatch(
      /^Stack\/Source: pip could not install the project, got \"RuntimeError: out of luck\"; correct what its output names\n\n\$ \S+ -m pip install \S+ --no-deps --no-compile --target \S+\n\(exit code 1\)\n[^]*RuntimeError: [^]*\n\nhint: the same error comes from: /,
    );
  });

  test('two artifacts of an app with one key and different content', () => {
    const fixture = newStack();
    newArtifact({}, fixture);
    const changed = changedFlat();
    expect(() => new PipSourceArtifact(fixture.stack, 'Other', { entry: changed, bucket: fixture.bucket })).toThrow(
      'Stack/Other: Stack/Source publishes other content under the same key, got "lambda/source/0.1.1/source.zip"; give each project a prefix of its own, or different content another version',
    );
    new PipSourceArtifact(fixture.stack, 'Same', { entry: flat, bucket: fixture.bucket });
    expect(() => new PipSourceArtifact(fixture.stack, 'Tagged', { entry: flat, bucket: fixture.bucket, tags: { stage: 'prod' } })).toThrow(
      'Stack/Tagged: Stack/Same publishes the same object with other tags, [], got {"stage":"prod"}; give both the same metadata and tags, or each a prefix of its own [labels-claimed]',
    );
    expect(() => new PipSourceArtifact(fixture.stack, 'Told', { entry: flat, bucket: fixture.bucket, metadata: { team: 'a' } })).toThrow(/with other metadata, \[\], got \{"team":"a"\}/);
    new PipSourceArtifact(fixture.stack, 'Elsewhere', { entry: changed, bucket: new s3.Bucket(fixture.stack, 'Second') });
    const stage = new Stage(fixture.app, 'Stage');
    expect(() => new PipSourceArtifact(new Stack(stage, 'Stack'), 'Imported', { entry: changed, bucket: s3.Bucket.fromBucketName(fixture.stack, 'ByName', 'name') })).not.toThrow();
  });
});

test('an aspect that visits everything finds nothing odd', () => {
  const { stack, source } = newArtifact();
  newFunction(stack, source);
  const visited: string[] = [];
  const aspect: IAspect = { visit: (node: IConstruct) => void visited.push(node.node.path) };
  Aspects.of(source).add(aspect);
  Template.fromStack(stack);
  expect(visited).toEqual(['Stack/Source', 'Stack/Source/Publication', 'Stack/Source/Publication/Staged', 'Stack/Source/Publication/Staged/Stage', 'Stack/Source/Publication/Resource', 'Stack/Source/Publication/Resource/Default']);
});
