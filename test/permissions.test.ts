// Who is allowed what it does, and nothing more: the role in the template, the tables of docs, and policies of buckets.
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { command } from './cli/command';
import { tinyProject } from './pipeline/projects';
import { ACCOUNT, decide, KEY_ARN, record, refused, rightsOf, superfluous, type Call, type Statement } from './setup/permissions';
import { temporaryFolder } from './setup/projects';
import { makeArchive, stagedBytes } from './setup/publication';
import type { PublicationProperties } from '../lib/core/plan/publication';
import type { PublicationEvent } from '../lib/core/publish/event';
import { PipSourceArtifact } from '../lib/index';
import {
  buildPackageUploadSourceArtifacts, describeSourceVersion, downloadSourceArtifact, diffSourceVersions, listSourceVersions, pruneSourceVersions, uploadSourceArtifacts, verifySourceArtifact,
} from '../lib/pipeline/api';
import { PublicationPolicies } from '../lib/publication/policies';

const BUCKET = 'permissions';
const STAGING = `cdk-hnb659fds-assets-${ACCOUNT}-eu-west-1`;
const ARN = `arn:aws:s3:::${BUCKET}`;
const [PERMISSIONS, COMMAND] = ['permissions.md', 'command.md'].map((name) => fs.readFileSync(path.join(__dirname, '..', 'docs', name), 'utf8').replaceAll('my-bucket', BUCKET));
const LOG_GROUP = `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:publisher:*`;
/** What Lambda does for the function. */
const LOGGING = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action): Call => ({ action, resource: LOG_GROUP.replace('*', 'log-stream:today'), context: {} }));
const ALL: Statement = { Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' };

let role: Statement[];
let bucketPolicy: Statement[];
let ofFunction: Call[];
const calls = { upload: [], release: [], list: [], show: [], download: [], verify: [], diff: [], prune: [] } as Record<string, Call[]>;
let untagged: Call[];
let overwriting: Call[];
const recording = (action: (endpoint: string) => Promise<unknown>) => record(BUCKET, action);

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  const client = new S3Client({});
  for (const Bucket of [BUCKET, STAGING]) await client.send(new CreateBucketCommand({ Bucket }));
  [ofFunction] = await Promise.all([recordFunction(client), recordApi(), recordCommand(client)]);
}, 60_000);

afterAll(() => {
  Object.assign(process.env, inject('ministack'));
});

/** What is published as the stack says, by the function that is in it. */
async function recordFunction(client: S3Client): Promise<Call[]> {
  const outdir = path.join(temporaryFolder(), 'cdk.out');
  const stack = new Stack(new App({ outdir }), 'Stack', { env: { region: 'eu-west-1', account: ACCOUNT } });
  const bucket = new s3.Bucket(stack, 'Bucket', { bucketName: BUCKET, encryptionKey: new kms.Key(stack, 'Key'), enforceSSL: true });
  new PipSourceArtifact(stack, 'Artifact', { entry: tinyProject(), bucket, tags: { stage: 'test' } });
  const template = JSON.parse(JSON.stringify(Template.fromStack(stack).toJSON()), resolve);
  const propertiesOf = (type: string): any => (Object.values(template.Resources) as any[]).find(({ Type }) => Type === type).Properties;
  role = propertiesOf('AWS::IAM::Role').Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement);
  bucketPolicy = propertiesOf('AWS::S3::BucketPolicy').PolicyDocument.Statement;

  const ResourceProperties: PublicationProperties = propertiesOf('Custom::PipSourcePublication');
  const { StagedBucket, StagedKey } = ResourceProperties;
  const [archive] = fs.readdirSync(outdir).filter((name) => /^asset\..*\.zip$/.test(name));
  await client.send(new PutObjectCommand({ Bucket: StagedBucket, Key: StagedKey, Body: fs.readFileSync(path.join(outdir, archive)) }));
  const other = await makeArchive(10);
  await client.send(new PutObjectCommand({ Bucket: StagedBucket, Key: 'other.zip', Body: stagedBytes(other, {}) }));

  const { handler } = createRequire(__filename)('../lib/bundled/handler/index.js');
  return recording(async (endpoint) => {
    process.env.AWS_ENDPOINT_URL = endpoint;
    const create: PublicationEvent = { RequestType: 'Create', ResourceProperties };
    const { PhysicalResourceId, Data } = await handler(create);
    expect(Data.Outcome).toBe('created');
    expect((await handler(create)).Data.Outcome).toBe('unchanged');
    const tagged = { ...ResourceProperties, Tags: { stage: 'production' } };
    expect((await handler({ RequestType: 'Update', PhysicalResourceId, ResourceProperties: tagged, OldResourceProperties: ResourceProperties })).Data.Outcome).toBe('unchanged');
    const otherContent = { ...ResourceProperties, SourceSha256: other.sourceSha256, StagedKey: 'other.zip' };
    await expect(handler({ ...create, ResourceProperties: otherContent })).rejects.toThrow('[version-published]');
    const gone = { ...otherContent, Key: ResourceProperties.Key.replace('/1.0/', '/2.0/'), StagedKey: 'gone.zip' };
    await expect(handler({ ...create, ResourceProperties: gone })).rejects.toThrow('[staged-archive-gone]');
    process.env.AWS_ENDPOINT_URL = inject('ministack').AWS_ENDPOINT_URL;
  });
}

/** A reviver: what CloudFormation puts in. */
function resolve(_: string, value: any): unknown {
  if (value?.Ref === 'AWS::Partition') return 'aws';
  if (/^Bucket/.test(value?.Ref)) return BUCKET;
  if (/Logs/.test(value?.['Fn::GetAtt']?.[0])) return LOG_GROUP;
  if (value?.['Fn::GetAtt']) return /^Key/.test(value['Fn::GetAtt'][0]) ? KEY_ARN : ARN;
  return value?.['Fn::Join'] ? value['Fn::Join'][1].join(value['Fn::Join'][0]) : value;
}

async function recordApi(): Promise<void> {
  const folder = temporaryFolder();
  const write = async (name: string) => {
    const { archive, sourceSha256 } = await makeArchive(10, name);
    const pathSourceZip = path.join(folder, `${name}.zip`);
    fs.writeFileSync(pathSourceZip, archive);
    return { pathSourceZip, sourceSha256 };
  };
  const [one, two] = [await write('one'), await write('two')];
  const at = (endpoint: string, sourceVersion: string) => ({ verbose: false, s3Client: new S3Client({ endpoint }), s3DirLambda: `s3://${BUCKET}/lambda/`, sourceVersion });
  untagged = await recording(async (endpoint) => {
    await uploadSourceArtifacts({ ...at(endpoint, '1.1'), ...one });
    await uploadSourceArtifacts({ ...at(endpoint, '1.1'), ...one });
    await uploadSourceArtifacts({ ...at(endpoint, '1.2'), ...one, dryRun: true });
    await expect(uploadSourceArtifacts({ ...at(endpoint, '1.1'), ...two })).rejects.toThrow('[version-published]');
  });
  calls.upload.push(...untagged, ...await recording(async (endpoint) => {
    await uploadSourceArtifacts({ ...at(endpoint, '1.1'), ...one, tags: { stage: 'test' } });
    await uploadSourceArtifacts({ ...at(endpoint, '1.3'), ...one, tags: { stage: 'test' }, serverSideEncryption: 'aws:kms', sseKmsKeyId: KEY_ARN });
  }));
  const project = tinyProject({ version: '1.4' });
  calls.release.push(...await recording(async (endpoint) => {
    for (const stage of ['test', 'production']) await buildPackageUploadSourceArtifacts({ ...at(endpoint, '1.4'), dirProjectRoot: project, skipPrompt: true, tags: { stage } });
  }));
  calls.list.push(...await recording(async (endpoint) => listSourceVersions(at(endpoint, ''))));
  calls.diff.push(...await recording(async (endpoint) => {
    await diffSourceVersions({ ...at(endpoint, '1.1'), otherVersion: '1.4' });
    await expect(diffSourceVersions({ ...at(endpoint, '1.1'), otherVersion: '9.9' })).rejects.toThrow('[version-not-published]');
  }));
  const lambdaClient = new LambdaClient({});
  calls.prune.push(...await recording(async (endpoint) => {
    await uploadSourceArtifacts({ ...at(endpoint, '0.9'), ...one });
    await pruneSourceVersions({ ...at(endpoint, ''), lambdaClient, sourceVersions: ['0.9'], dryRun: false });
  }).then((all) => all.filter(({ action }) => action !== 's3:PutObject' && action !== 'kms:GenerateDataKey')));
  for (const [name, action] of [['show', describeSourceVersion], ['download', downloadSourceArtifact], ['verify', verifySourceArtifact]] as const) {
    calls[name].push(...await recording(async (endpoint) => {
      await action({ ...at(endpoint, '1.1'), pathSourceZip: path.join(folder, 'downloaded.zip') } as never);
      await expect(action({ ...at(endpoint, '9.9'), pathSourceZip: path.join(folder, 'gone.zip') } as never)).rejects.toThrow('[version-not-published]');
    }));
  }
}

async function recordCommand(client: S3Client): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'lambda/source/1.6/source.zip', Body: 'something else' }));
  const project = tinyProject({ version: '1.5' });
  const run = async (...args: string[]) => recording(async (endpoint) => {
    const { exitCode, stderr } = await command([...args, '--s3-dir', `s3://${BUCKET}/lambda/`], { cwd: project, env: { AWS_ENDPOINT_URL: endpoint } });
    expect(exitCode, stderr).toBe(0);
  });
  calls.release.push(...await run('release', '--tag', 'stage=test'));
  await Promise.all([['list'], ['show', '1.5'], ['download', '1.5'], ['verify', '1.5'], ['upload', '--tag', 'stage=production']].map(async ([name, ...args]) => {
    calls[name].push(...await run(name, ...args));
  }));
  overwriting = await run('upload', '--overwrite', '--source-version', '1.6');
  calls.upload.push(...overwriting);
}

const puts = (all: readonly Call[]) => all.filter(({ action }) => action === 's3:PutObject');
const without = (call: Call, key: string): Call => ({ ...call, context: Object.fromEntries(Object.entries(call.context).filter(([name]) => name !== key)) });
const actionsIn = (text: string) => [...text.matchAll(/`((?:s3|kms|logs):\w+)`/g)].map(([, action]) => action);
const textOf = (rights: readonly Statement[]) => rightsOf(rights).map(({ Action, Resource, Condition }) => JSON.stringify([Action, Resource, Condition])).sort();

describe('the publishing function', () => {
  test('is allowed all that it does', async () => {
    expect(ofFunction.length).toBeGreaterThan(10);
    expect(await refused([...ofFunction, ...LOGGING], role, bucketPolicy)).toEqual([]);
  });

  test('has no right that it does not need', async () => {
    expect(await superfluous([...ofFunction, ...LOGGING], role)).toEqual([]);
  });

  test('replaces nothing', async () => {
    for (const put of puts(ofFunction)) expect(await decide(without(put, 's3:if-none-match'), role)).toBe('ImplicitlyDenied');
    for (const put of puts(overwriting)) expect(await decide(put, role)).toBe('ImplicitlyDenied');
  });

  test('is allowed all that it does, and replaces nothing, where its policies had to be made smaller', async () => {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'eu-west-1', account: ACCOUNT } });
    const policies = new PublicationPolicies(stack);
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: BUCKET, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) });
    const staging = s3.Bucket.fromBucketName(stack, 'Staging', STAGING);
    for (const prefix of ['lambda/', 'a/', 'b/', 'c/', 'd/', 'e/']) policies.allow(staging, bucket, prefix);
    for (let i = 0; i < 20; i++) policies.allow(staging, s3.Bucket.fromBucketName(stack, `Bucket${i}`, `other-${i}`), 'lambda/');
    const forms = [10_240, 2_800, 2_300, 2_100].map((size): Statement[] => JSON.parse(JSON.stringify(stack.resolve(policies.render([size]).flat())), resolve));
    const isFolded = (form: readonly Statement[]) => form.some(({ Resource }) => Resource.includes(`${ARN}/*/source/*`));
    expect(forms.map((form) => [form.some(({ Effect }) => Effect === 'Deny'), isFolded(form)])).toEqual([[false, false], [false, true], [true, false], [true, true]]);
    for (const form of forms) {
      expect(await refused(ofFunction, form, bucketPolicy)).toEqual([]);
      for (const put of puts(ofFunction)) expect(await decide(without(put, 's3:if-none-match'), form)).toMatch(/Denied$/);
    }
  });

  test('has the rights of docs/permissions.md, and those alone', () => {
    const [, cell] = /^\| the publishing function \| (.*) \|$/m.exec(PERMISSIONS)!;
    const places: Readonly<Record<string, readonly string[]>> = {
      'the staged assets': [`arn:aws:s3:::${STAGING}/*`], '`<bucket>/<prefix>source/*`': [`${ARN}/lambda/source/*`], 'both buckets': [ARN, `arn:aws:s3:::${STAGING}`], 'its key': [KEY_ARN], 'its log group': [LOG_GROUP],
    };
    const statements = cell.split('; ').flatMap((part) => {
      const [, actions, where] = /^(.*) on ([^,]*)/.exec(part)!;
      const creating = /`([\w:]+)` with `if-none-match`/.exec(actions)?.[1];
      return actionsIn(actions).map((Action): Statement => ({
        Effect: 'Allow', Action, Resource: places[where], Condition: Action === creating ? { Null: { 's3:if-none-match': 'false' } } : undefined,
      }));
    });
    expect(textOf(role)).toEqual(textOf(statements));
  });
});

describe('the command and the API', () => {
  const [, section] = /^## S3 permissions\n(.*)/ms.exec(COMMAND)!;
  const rows = [...section.matchAll(/^\| (\w.*?) \| (.*?) \| (.*?) \|$/gm)].map(([, who, objects, ofBucket]) => ({ who: who.split(', '), objects, ofBucket }));
  const [resource, bucketArn] = [...section.matchAll(/`(arn:[^`]+)`/g)].map(([, arn]) => arn);
  const [reading, writing] = /With a KMS key: (.*?), and for writing (.*?)\./.exec(section)!.slice(1).map(actionsIn);
  const toStatements = (objects: string, ofBucket: string): Statement[] => [
    { Effect: 'Allow', Action: actionsIn(objects), Resource: resource },
    { Effect: 'Allow', Action: actionsIn(ofBucket), Resource: bucketArn },
    { Effect: 'Allow', Action: [...reading, ...objects.includes('PutObject') ? writing : []], Resource: KEY_ARN },
  ];

  test('are all in the table', () => {
    expect(rows.flatMap(({ who }) => who).sort()).toEqual(Object.keys(calls).sort());
  });

  test.each(rows.flatMap(({ who, ...cells }) => who.map((name) => ({ name, ...cells }))))('$name: docs/command.md has all rights that it needs, and no other', async ({ name, objects, ofBucket }) => {
    const statements = toStatements(objects, ofBucket);
    expect(await refused(calls[name], statements)).toEqual([]);
    expect(await superfluous(calls[name], statements)).toEqual([]);
  });

  test('without tags, an upload needs no right on tags', async () => {
    const { objects, ofBucket } = rows.find(({ who }) => who.includes('upload'))!;
    const [plain, tagging] = objects.split('; with tags ');
    expect(actionsIn(tagging)).not.toEqual([]);
    expect(await refused(untagged, toStatements(plain, ofBucket))).toEqual([]);
  });
});

describe('a bucket that refuses', () => {
  const guard: Statement[] = JSON.parse(/^```json\n(\[\n {2}\{\n {4}"Sid": "VersionsAreNotReplaced".*?)^```/ms.exec(PERMISSIONS)![1]);
  const encryption: Statement[] = [{ Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: `${ARN}/*`, Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } } }];

  test('what comes without TLS', async () => {
    for (const call of ofFunction.filter(({ resource }) => resource.startsWith(ARN))) {
      const plain = { ...call, context: { ...call.context, 'aws:SecureTransport': 'false' } };
      expect(await decide(plain, [ALL], bucketPolicy)).toBe('ExplicitlyDenied');
    }
  });

  test('writes without if-none-match, as docs/permissions.md has it: those that replace a version', async () => {
    for (const [kind, own] of [[ofFunction, role], [calls.release, [ALL]], [untagged, [ALL]]] as const) {
      expect(puts(kind)).not.toEqual([]);
      expect(await refused(kind, own, guard)).toEqual([]);
      for (const put of puts(kind)) expect(await decide(without(put, 's3:if-none-match'), [ALL], guard)).toBe('ExplicitlyDenied');
    }
    expect(await Promise.all(puts(overwriting).map(async (put) => decide(put, [ALL], guard)))).toEqual(['ExplicitlyDenied']);
    const [put] = puts(untagged);
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion']) expect(await decide({ ...put, action, context: {} }, [ALL], guard)).toBe('ExplicitlyDenied');
  });

  test('writes that do not name the encryption', async () => {
    expect(await refused(ofFunction, role, encryption)).toEqual([]);
    for (const put of puts(ofFunction)) expect(await decide(without(put, 's3:x-amz-server-side-encryption'), [ALL], encryption)).toBe('ExplicitlyDenied');
    const [named, plain] = [true, false].map((isNamed) => puts(calls.upload).filter(({ context }) => ('s3:x-amz-server-side-encryption' in context) === isNamed));
    expect(named).not.toEqual([]);
    expect(await refused(named, [ALL], encryption)).toEqual([]);
    expect(await refused(plain, [ALL], encryption)).not.toEqual([]);
  });
});
