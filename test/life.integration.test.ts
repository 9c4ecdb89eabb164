// The life of a version with the CDK's own command: developed by hotswap and watch, published, promoted to another bucket, rolled back to.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetObjectCommand, GetObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { newBucket, tinyProject } from './pipeline/projects';
import { bootstrap, invoke, newCdkApp, type CdkApp } from './setup/cdk';
import { buildPackageUploadSourceArtifacts } from '../lib/pipeline/api';

const DEPLOY = ['deploy', '--require-approval', 'never'];
const answering = (answer: string) => `import os\n\ndef lambda_handler(event, context):\n    return "${answer}" + os.environ.get("VERSION", "")[:8]\n`;

beforeAll(async () => {
  const app = await newCdkApp('new cdk.Stack(new cdk.App(), "Any");');
  await bootstrap(app.cdk);
});

describe('development', () => {
  let app: CdkApp;
  const write = (answer: string) => fs.writeFileSync(path.join(app.folder, 'project', 'tiny', 'lambda_function.py'), answering(answer));

  beforeAll(async () => {
    app = await newCdkApp(`
const stack = new cdk.Stack(new cdk.App(), 'Developed');
const source = new library.PipSourceArtifact(stack, 'Source', { entry: 'project' });
const fn = new lambda.Function(stack, 'Function', { functionName: 'developed', runtime, handler: source.handler, code: source.code, environment: { VERSION: source.version } });
new lambda.Alias(stack, 'Live', { aliasName: 'live', version: fn.currentVersion });`, {
      context: { 'pip-source-artifact:development': true }, watch: { include: ['project/**'], exclude: ['**/__pycache__/**'] },
    });
    tinyProject({ code: answering('one') }, path.join(app.folder, 'project'));
    await app.cdk(DEPLOY);
  });

  const configuration = async () => (await fetch(`${inject('ministack').AWS_ENDPOINT_URL}/2015-03-31/functions/developed/configuration`)).json() as Promise<{ readonly Environment: { readonly Variables: Readonly<Record<string, string>> } }>;

  test('cdk deploy --hotswap brings changed code to the function and its alias, and no version is counted up', async () => {
    expect(await invoke('developed')).toBe('one1.0+dev.');
    const { Environment: before } = await configuration();
    write('two');
    const output = await app.cdk([...DEPLOY, '--hotswap']);
    expect(output).toMatch(/AWS::Lambda::Function 'developed' hotswapped!/);
    expect([await invoke('developed'), await invoke('developed:live')]).toEqual(['two1.0+dev.', 'two1.0+dev.']);
    expect((await configuration()).Environment.Variables.VERSION, 'environment variables follow').not.toBe(before.Variables.VERSION);
    expect(fs.readFileSync(path.join(app.folder, 'project', 'pyproject.toml'), 'utf8')).toContain('version = "1.0"');
  });

  test('cdk watch brings what is saved', async () => {
    const watching = app.start(['watch']);
    let output = '';
    for (const stream of [watching.stdout!, watching.stderr!]) stream.on('data', (chunk: Buffer) => output += chunk);
    const until = async (isDone: () => boolean | Promise<boolean>) => {
      for (const deadline = Date.now() + 45_000; !await isDone();) {
        if (Date.now() > deadline) throw new Error(`waited in vain\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    try {
      await until(() => /✨ +Total time/.test(output)); // the deployment that it starts with
      write('three');
      await until(async () => await invoke('developed') === 'three1.0+dev.');
      await until(() => /Live'? .*hotswapped|'live' .*hotswapped/.test(output)); // it is not stopped in the middle
      expect(output).toMatch(/Detected change to 'project\/tiny\/lambda_function\.py'/);
    } finally {
      const ended = new Promise((resolve) => watching.on('close', resolve));
      watching.kill('SIGKILL');
      await ended;
    }
  });
});

describe('a published version', () => {
  const FIRST = 'lambda/source/1.0/source.zip';
  const SECOND = 'lambda/source/2.0/source.zip';
  let s3Client: S3Client;
  let production: CdkApp;

  beforeAll(async () => {
    const testing = await newBucket('test-releases');
    ({ s3Client } = testing);
    for (const [version, answer] of [['1.0', 'first'], ['2.0', 'second']]) {
      const dirProjectRoot = tinyProject({ version, code: answering(answer) });
      await buildPackageUploadSourceArtifacts({ ...testing, dirProjectRoot, skipPrompt: true, verbose: false, tags: { stage: 'tested' }, metadata: { team: 'billing' } });
    }
    production = await newCdkApp(`
const app = new cdk.App();
const stack = new cdk.Stack(app, 'Production');
const [version, sourceSha256] = ['version', 'sourceSha256'].map((name) => app.node.tryGetContext(name));
const source = library.PipSourceArtifact.fromPublishedVersion(stack, 'Source', {
  bucket: new s3.Bucket(stack, 'Releases', { bucketName: 'prod-releases' }),
  version,
  sourceSha256,
  handler: 'tiny.lambda_function.lambda_handler',
  publishedIn: { bucket: s3.Bucket.fromBucketName(stack, 'Test', 'test-releases') },
});
new lambda.Function(stack, 'Function', { functionName: 'live', runtime, handler: source.handler, code: source.code, environment: { SHA256: source.sourceSha256 } });`);
  });

  const object = async (Bucket: string, Key: string) => {
    const { Body, Metadata } = await s3Client.send(new GetObjectCommand({ Bucket, Key }));
    const { TagSet } = await s3Client.send(new GetObjectTaggingCommand({ Bucket, Key }));
    return { bytes: Buffer.from(await Body!.transformToByteArray()).toString('base64'), Metadata, TagSet };
  };
  const deploy = async (context: Readonly<Record<string, string>>, expected = 0) => {
    const args = Object.entries(context).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return (await production.cdk([...DEPLOY, ...args], expected)).replace(/\s+/g, ' ');
  };

  test('is promoted by the stack that runs it, refused where it is not there, and rolled back to', async () => {
    await deploy({ version: '2.0' });
    expect(await invoke('live')).toBe('second');
    expect(await object('prod-releases', SECOND)).toEqual(await object('test-releases', SECOND));

    expect(await deploy({ version: '1.5' }, 1)).toMatch(/version 1\.5 is not published in s3:\/\/test-releases\/lambda\/source\/; choose one of 1\.0, 2\.0 \[version-not-published\]/);
    expect(await invoke('live')).toBe('second');

    const { Metadata } = await object('test-releases', FIRST);
    await deploy({ version: '1.0', sourceSha256: Metadata!.source_sha256 });
    expect(await invoke('live')).toBe('first');
  }, 180_000);
});
