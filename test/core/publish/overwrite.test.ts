import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, test } from 'vitest';
import { digestFile, digestTree, sha256, type TreeFile } from '../../../lib/core/base/tree';
import { packageTree } from '../../../lib/core/package/write-archive';
import { listKeys } from '../../../lib/core/publish/object';
import { publish, type PublishSettings } from '../../../lib/core/publish/publish';

const BUCKET = 'overwritten';
let s3: S3Client;
let count = 0;

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
});

interface Built { readonly archive: Buffer; readonly sourceSha256: string }

async function built(text: string): Promise<Built> {
  const files: TreeFile[] = [{ path: 'app.py', content: Buffer.from(text), executable: false }];
  return { archive: await packageTree(files), sourceSha256: digestTree(files.map(digestFile)) };
}

const publicationOf = (version: string, { sourceSha256 }: Built) => ({ bucket: BUCKET, key: `source/${version}/source.zip`, version, sourceSha256 });
const publishAs = async (version: string, artifact: Built, options: PublishSettings = {}, client = s3) => publish(client, publicationOf(version, artifact), async () => artifact.archive, options);

async function published(version: string) {
  const Key = `source/${version}/source.zip`;
  const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: Key }));
  return { archive: Buffer.from(await Body!.transformToByteArray()), metadata: Metadata!, versions: Versions!.length };
}

test('other content is replaced when that is asked for, and its metadata with it', async () => {
  const [one, two, version] = [await built('1'), await built('2'), `1.${count++}`];
  await publishAs(version, one);
  const result = await publishAs(version, two, { overwrite: true });
  expect(result).toMatchObject({ outcome: 'overwritten', codeSha256: sha256(two.archive, 'base64') });
  const object = await published(version);
  expect([object.archive.equals(two.archive), object.metadata.source_sha256, object.versions]).toEqual([true, two.sourceSha256, 2]);
});

test('the same content stays as it is, and a new version is new, overwrite or not', async () => {
  const [one, version] = [await built('1'), `1.${count++}`];
  expect((await publishAs(version, one, { overwrite: true })).outcome).toBe('created');
  expect((await publishAs(version, one, { overwrite: true })).outcome).toBe('unchanged');
  expect((await published(version)).versions).toBe(1);
});

/** A client in front of whose n-th write something happens. */
function racing(before: (write: number) => Promise<unknown>): { readonly client: S3Client; readonly conditions: unknown[] } {
  const client = new S3Client({});
  const conditions: unknown[] = [];
  client.middlewareStack.add((next, context) => async (args) => {
    if (context.commandName === 'PutObjectCommand') {
      const { headers } = args.request as { headers: Record<string, string> };
      conditions.push(headers['if-match'] === undefined ? headers['if-none-match'] : 'if-match');
      await before(conditions.length);
    }
    return next(args);
  }, { step: 'finalizeRequest' });
  return { client, conditions };
}

test('what another writer put there meanwhile is looked at again, by the same header as a new version', async () => {
  const [one, two, three, version] = [await built('1'), await built('2'), await built('3'), `1.${count++}`];
  await publishAs(version, one);
  const { client, conditions } = racing(async (write) => write === 1 && publishAs(version, three, { overwrite: true }));
  expect((await publishAs(version, two, { overwrite: true }, client)).outcome).toBe('overwritten');
  expect(conditions).toEqual(['if-match', 'if-match']);
  expect((await published(version)).archive.equals(two.archive)).toBe(true);
});

test('an object that is deleted meanwhile is written anew', async () => {
  const [one, two, version] = [await built('1'), await built('2'), `1.${count++}`];
  await publishAs(version, one);
  const { client, conditions } = racing(async (write) => write === 1 && s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `source/${version}/source.zip` })));
  expect((await publishAs(version, two, { overwrite: true }, client)).outcome).toBe('created');
  expect(conditions).toEqual(['if-match', '*']);
});

test('fails: others write it each time', async () => {
  const [one, two, version] = [await built('1'), await built('2'), `1.${count++}`];
  await publishAs(version, one);
  const { client } = racing(async (write) => publishAs(version, await built(`other ${write}`), { overwrite: true }));
  await expect(publishAs(version, two, { overwrite: true }, client)).rejects.toThrow(
    `s3://${BUCKET}/source/${version}/source.zip: others changed the object while it was published, got 3; try again, and see who writes or deletes it`,
  );
});

test('a dry run tells the outcome and writes nothing', async () => {
  const [one, two, version] = [await built('1'), await built('2'), `1.${count++}`];
  expect(await publishAs(version, one, { dryRun: true })).toEqual({ outcome: 'created', codeSha256: sha256(one.archive, 'base64') });
  expect(await listKeys(s3, BUCKET, `source/${version}/`)).toEqual([]);
  await publishAs(version, one);
  expect((await publishAs(version, one, { dryRun: true })).outcome).toBe('unchanged');
  expect((await publishAs(version, two, { dryRun: true, overwrite: true })).outcome).toBe('overwritten');
  await expect(publishAs(version, two, { dryRun: true })).rejects.toThrow(/is already published with other content/);
  expect((await published(version)).versions).toBe(1);
});

test('a signal ends it, with its reason and nothing written', async () => {
  const [one, version] = [await built('1'), `1.${count++}`];
  const stop = new AbortController();
  const { client } = racing(async () => stop.abort(new Error('enough')));
  await expect(publishAs(version, one, { signal: stop.signal }, client)).rejects.toThrow('enough');
  await expect(publishAs(version, one, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  expect(await listKeys(s3, BUCKET, `source/${version}/`)).toEqual([]);
});

test('keys are listed page after page', async () => {
  const one = await built('1');
  await Promise.all(Array.from({ length: 5 }, (_, i) => publish(s3, { ...publicationOf(`p${i}`, one), key: `pages/${i}` }, async () => one.archive)));
  const paged = new S3Client({});
  paged.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, MaxKeys: 2 } }), { step: 'initialize' });
  expect(await listKeys(paged, BUCKET, 'pages/')).toEqual(['pages/0', 'pages/1', 'pages/2', 'pages/3', 'pages/4']);
});
