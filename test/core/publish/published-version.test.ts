// The custom resource that looks for a published version, on a real S3: what it finds, what it refuses, and what CloudFormation's way back does.
import { CopyObjectCommand, CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { digestFile, digestTree, sha256, type TreeFile } from '../../../lib/core/base/tree';
import { packageTree } from '../../../lib/core/package/write-archive';
import { attributeDigest, versionId, type PublishedVersionProperties } from '../../../lib/core/plan/published-version';
import { handler } from '../../../lib/core/publish/handler';
import { publish } from '../../../lib/core/publish/publish';
import { nearestVersions } from '../../../lib/core/publish/version/not-published';

const BUCKET = 'published-versions';
const TEST = 'test-versions';
const keyOf = (version: string) => `lambda/source/${version}/source.zip`;
let s3: S3Client;

const MAIN = 'import os\n\ndef handler(event, context):\n    return 1\n\nasync def other(event): ...\nlate = handler\n';
const FILES: Readonly<Record<string, string>> = { 'app/__init__.py': '', 'app/main.py': MAIN, 'app/open.py': 'from app.main import *\n', 'app-1.dist-info/METADATA': 'Name: app\n' };

async function put(bucket: string, version: string, files = FILES): Promise<{ readonly sourceSha256: string; readonly codeSha256: string }> {
  const tree = Object.entries(files).map(([path, content]): TreeFile => ({ path, content: Buffer.from(content), executable: false }));
  const archive = await packageTree(tree);
  const sourceSha256 = digestTree(tree.map(digestFile));
  await publish(s3, { bucket, key: keyOf(version), version, sourceSha256, tags: { stage: 'test' }, metadata: { team: 'billing' } }, async () => archive);
  return { sourceSha256, codeSha256: sha256(archive, 'base64') };
}

const propertiesOf = (version: string, more: Partial<PublishedVersionProperties> = {}): PublishedVersionProperties => ({ Bucket: BUCKET, Key: keyOf(version), Version: version, ...more });
const create = async (properties: PublishedVersionProperties) => handler({ RequestType: 'Create', ResourceProperties: properties });
const failure = async (properties: PublishedVersionProperties) => create(properties).then(() => 'found', (error: Error) => error.message);
const metadataOf = async (Bucket: string, version: string) => (await s3.send(new GetObjectCommand({ Bucket, Key: keyOf(version) }))).Metadata;

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  for (const Bucket of [BUCKET, TEST]) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
});

describe('a version that is published', () => {
  test('is found, with its digests; attributes are named by the digest', async () => {
    const { sourceSha256, codeSha256 } = await put(BUCKET, '1.0');
    const properties = propertiesOf('1.0', { SourceSha256: sourceSha256, Handler: 'app.main.handler' });
    const { PhysicalResourceId, Data } = await create(properties);
    const name = sourceSha256.slice(0, 12);
    expect(Data).toEqual({ [`Key${name}`]: keyOf('1.0'), [`SourceSha256${name}`]: sourceSha256, [`CodeSha256${name}`]: codeSha256, [`VersionId${name}`]: expect.stringMatching(/^(?!null$)./) });
    expect(PhysicalResourceId).toMatch(/^s3:\/\/published-versions\/lambda\/source\/1\.0\/source\.zip#[0-9a-f]{12}$/);
    const unknown = propertiesOf('1.0');
    expect((await create(unknown)).Data).toMatchObject({ [`SourceSha256${attributeDigest(unknown).slice(0, 12)}`]: sourceSha256 });
    expect(await handler({ RequestType: 'Delete', PhysicalResourceId, ResourceProperties: properties })).toEqual({ PhysicalResourceId });
    expect(await metadataOf(BUCKET, '1.0')).toMatchObject({ team: 'billing' });
  });

  test('is refused where it is not there, with the nearest; or not what is asked for; or damaged', async () => {
    for (const version of ['2.0', '2.1', '3.0']) await put(BUCKET, version, { ...FILES, 'app/version.py': `"${version}"` });
    expect(await failure(propertiesOf('2.2'))).toMatch(/^s3:\/\/published-versions\/lambda\/source\/2\.2\/source\.zip: version 2\.2 is not published in s3:\/\/published-versions\/lambda\/source\/; choose one of .*2\.0, 2\.1, 3\.0.* \[version-not-published\]$/);
    expect(await failure(propertiesOf('2.0', { SourceSha256: 'b'.repeat(64) }))).toMatch(/source_sha256 [0-9a-f]{64}, got "b{64}"; correct sourceSha256, .* \[version-other\]$/);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf('9.0'), Body: 'no zip' }));
    expect(await failure(propertiesOf('9.0'))).toMatch(/: what is published is not a zip archive.* \[archive-damaged\]$/);
    await s3.send(new CopyObjectCommand({ Bucket: BUCKET, Key: keyOf('9.1'), CopySource: `${BUCKET}/${keyOf('2.0')}` }));
    expect(await failure(propertiesOf('9.1'))).toMatch(/source_version is 2\.0, the archive's 9\.1.* \[archive-damaged\]$/);
    expect(await failure({ ...propertiesOf('1.0'), Bucket: 'no-such-bucket-here' })).toMatch(/: the bucket does not exist.* \[bucket-missing\]$/);
  });

  test.each<[string, RegExp]>([
    ['app.main.handler', /^found$/],
    ['app/main.handler', /^found$/],
    ['app.main.late', /^found$/],
    ['app.open.anything', /^found$/],
    ['app.main.handle', /: the handler's module app\.main has no handle, got "app\.main\.handle"; correct it\n\nhint: did you mean app\.main\.handler, app\.main\.other\n\n\[handler-name\]$/],
    ['app.mian.handler', /the handler's module app\.mian is not in the installed project.*did you mean app\.main\.handler/s],
    ['METADATA.handler', /\[handler-module\]$/],
  ])('its handler %s', async (name, expected) => {
    await put(BUCKET, '4.0');
    expect(await failure(propertiesOf('4.0', { Handler: name }))).toMatch(expected);
  });

  test('CloudFormation may go back to what it found last, whatever has become of it: else the stack would be stuck', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    await put(BUCKET, '5.0');
    const properties = propertiesOf('5.0', { Handler: 'app.main.handler' });
    const { PhysicalResourceId } = await create(properties);
    const back = { RequestType: 'Update', PhysicalResourceId, ResourceProperties: properties } as const;
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keyOf('5.0') }));
    expect(await handler(back)).toMatchObject({ PhysicalResourceId, Data: { [`Key${attributeDigest(properties).slice(0, 12)}`]: keyOf('5.0') } });
    expect(log.mock.calls.at(-1)![0]).toMatch(/CloudFormation is told that all is well, .*version 5\.0 is not published/);
    for (const change of [{ Handler: 'app.main.nowhere' }, { SourceSha256: 'c'.repeat(64) }, propertiesOf('5.1')]) {
      await expect(handler({ ...back, ResourceProperties: { ...properties, ...change } })).rejects.toThrow(/\[version-not-published\]$/);
    }
    log.mockRestore();
  });
});

describe('publishedIn', () => {
  const from = (version: string) => ({ From: { Bucket: TEST, Key: keyOf(version) } });

  test('it is copied: bytes, metadata and tags; once', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const { sourceSha256 } = await put(TEST, '6.0');
    const properties = propertiesOf('6.0', { ...from('6.0'), SourceSha256: sourceSha256 });
    const { Data, PhysicalResourceId } = await create(properties);
    expect(await metadataOf(BUCKET, '6.0')).toEqual(await metadataOf(TEST, '6.0'));
    expect(log.mock.calls).toEqual([[`s3://${BUCKET}/${keyOf('6.0')}: created, from s3://${TEST}/${keyOf('6.0')}`]]);
    expect(await create(properties)).toEqual({ Data, PhysicalResourceId });
    expect(PhysicalResourceId).toBe(versionId(properties));
    log.mockRestore();
  });

  test('is refused where the target has other content, and where the origin is not there; a handler is looked for after it', async () => {
    await put(TEST, '7.0');
    await put(BUCKET, '7.0', { ...FILES, 'app/more.py': '' });
    expect(await failure(propertiesOf('7.0', from('7.0')))).toMatch(/^s3:\/\/published-versions\/.*: version 7\.0 is already published with other content, .*Different: removed app\/more\.py.* \[version-published\]$/);
    expect(await failure(propertiesOf('7.1', from('7.1')))).toMatch(/version 7\.1 is not published in s3:\/\/test-versions\/lambda\/source\/; choose one of/);
    await put(TEST, '7.2');
    expect(await failure(propertiesOf('7.2', { ...from('7.2'), Handler: 'app.none.handler' }))).toMatch(/\[handler-module\]$/);
  });

  test('it is there still when the origin is gone: the deployment of last year is rolled back to', async () => {
    await put(TEST, '8.0');
    const properties = propertiesOf('8.0', from('8.0'));
    await create(properties);
    await s3.send(new DeleteObjectCommand({ Bucket: TEST, Key: keyOf('8.0') }));
    expect(await create(properties)).toMatchObject({ PhysicalResourceId: versionId(properties) });
  });
});

test('the nearest versions', () => {
  const versions = Array.from({ length: 30 }, (_, i) => `1.${i}`);
  expect(nearestVersions('1.15.1', versions)).toEqual(versions.slice(11, 21));
  expect(nearestVersions('0.1', versions)).toEqual(versions.slice(0, 10));
  expect(nearestVersions('2.0', versions)).toEqual(versions.slice(20));
  expect(nearestVersions('2.0', ['1.0'])).toEqual(['1.0']);
});
