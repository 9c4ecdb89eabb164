import * as fs from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand, PutObjectTaggingCommand, S3Client,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { digestFile, digestTree, sha256, type TreeFile } from '../../../lib/core/base/tree';
import { packageTree } from '../../../lib/core/package/write-archive';
import { writeStagedArchive } from '../../../lib/core/plan/staged-archive';
import { whileDenied } from '../../../lib/core/publish/deadline';
import type { PublicationEvent } from '../../../lib/core/publish/event';
import { handler } from '../../../lib/core/publish/handler';
import { publish, type Publication } from '../../../lib/core/publish/publish';
import { temporaryFolder } from '../../setup/projects';

const BUCKET = 'publications';
const STAGING = 'staging';
let s3: S3Client;

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  for (const Bucket of [BUCKET, STAGING]) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
});

interface Built { readonly archive: Buffer; readonly sourceSha256: string }

async function built(...contents: Array<readonly [string, string]>): Promise<Built> {
  const files = contents.map(([path, content]): TreeFile => ({ path, content: Buffer.from(content), executable: false }));
  return { archive: await packageTree(files), sourceSha256: digestTree(files.map(digestFile)) };
}

const one = () => built(['app/__init__.py', ''], ['app/lambda_function.py', 'x = 1\n'], ['app/old.py', '']);
const two = () => built(['app/__init__.py', ''], ['app/lambda_function.py', 'x = 2\n'], ['app/new.py', '']);

let count = 0;
const newVersion = () => `1.0.${count++}`;
const keyOf = (version: string) => `lambda/source/${version}/source.zip`;
const publicationOf = (version: string, { sourceSha256 }: Built, more: Partial<Publication> = {}): Publication => ({ bucket: BUCKET, key: keyOf(version), version, sourceSha256, ...more });
const publishAs = async (version: string, artifact: Built, more: Partial<Publication> = {}) => publish(s3, publicationOf(version, artifact, more), async () => artifact.archive);

async function published(version: string) {
  const place = { Bucket: BUCKET, Key: keyOf(version) };
  const { Body, ...object } = await s3.send(new GetObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
  const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: place.Key }));
  return { ...object, bytes: Buffer.from(await Body!.transformToByteArray()), versions: Versions!.length };
}

describe('publish', () => {
  test('a new version, with content type, checksum, metadata and tags', async () => {
    const artifact = await one();
    const version = newVersion();
    const result = await publishAs(version, artifact, { metadata: { team: 'billing' }, tags: { 'cost center': 'a+b/c=d', 'größe': '日本' } });
    const object = await published(version);
    expect(result).toEqual({ outcome: 'created', codeSha256: sha256(artifact.archive, 'base64'), versionId: object.VersionId });
    expect(object.bytes.equals(artifact.archive)).toBe(true);
    expect(object.ContentType).toBe('application/zip');
    expect(object.ChecksumSHA256).toBe(sha256(artifact.archive, 'base64'));
    expect(object.Metadata).toEqual({ source_version: version, source_sha256: artifact.sourceSha256, code_sha256: sha256(artifact.archive, 'base64'), team: 'billing' });
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: keyOf(version) }));
    expect(TagSet).toEqual(expect.arrayContaining([{ Key: 'cost center', Value: 'a+b/c=d' }, { Key: 'größe', Value: '日本' }]));
  });

  test('the same content again changes nothing, and does not need the archive', async () => {
    const artifact = await one();
    const version = newVersion();
    const first = await publishAs(version, artifact);
    const again = await publish(s3, publicationOf(version, artifact), () => Promise.reject(new Error('garbage-collected')));
    expect(again).toEqual({ ...first, outcome: 'unchanged' });
    expect((await published(version)).versions).toBe(1);
  });

  test('the same content from another compressor changes nothing: the published bytes stay', async () => {
    const artifact = await one();
    const version = newVersion();
    const first = await publishAs(version, artifact);
    const recompressed = Buffer.concat([artifact.archive]);
    recompressed.writeUInt16LE(0x21, 12); // another date in the first local header
    expect(await publishAs(version, { ...artifact, archive: recompressed })).toEqual({ ...first, outcome: 'unchanged' });
    expect((await published(version)).bytes.equals(artifact.archive)).toBe(true);
    // a staged archive from another machine is the same artifact too
    expect((await publishAs(newVersion(), { ...artifact, archive: recompressed })).codeSha256).toBe(sha256(recompressed, 'base64'));
  });

  test('other content is refused: both digests and the files that differ', async () => {
    const [before, after] = [await one(), await two()];
    const version = newVersion();
    await publishAs(version, before);
    await expect(publishAs(version, after)).rejects.toThrow(
      `s3://${BUCKET}/${keyOf(version)}: version ${version} is already published with other content, source_sha256 ${before.sourceSha256}, got "${after.sourceSha256}"; `
      + 'give the project another version: a published version is never changed. Different: changed app/lambda_function.py, added app/new.py, removed app/old.py',
    );
    const object = await published(version);
    expect([object.versions, object.bytes.equals(before.archive)]).toEqual([1, true]);
  });

  test('ten differing files are named, the others counted', async () => {
    const version = newVersion();
    await publishAs(version, await one());
    const many = await built(...Array.from({ length: 12 }, (_, i) => [`app/f${i}.py`, ''] as const));
    await expect(publishAs(version, many)).rejects.toThrow(/Different: removed app\/__init__\.py, added app\/f0\.py, .* and 5 more \[version-published\]$/);
    const long = await built(...Array.from({ length: 12 }, (_, i) => [`${'x'.repeat(300)}${i}`, ''] as const));
    await expect(publishAs(version, long)).rejects.toThrow(/and 9 more \[version-published\]$/); // of 15, three of 300 characters: an answer to CloudFormation ends at 4,096 bytes
  });

  test('RECORD, which changes with every file, is named only when it is all', async () => {
    const [record, other] = await Promise.all(['a', 'b'].map((text) => built(['app.py', ''], ['app-1.0.dist-info/RECORD', text])));
    const version = newVersion();
    await publishAs(version, record);
    await expect(publishAs(version, other)).rejects.toThrow(/Different: changed app-1\.0\.dist-info\/RECORD \[version-published\]$/);
    await expect(publishAs(version, await built(['app.py', '1'], ['app-1.0.dist-info/RECORD', 'c']))).rejects.toThrow(/Different: changed app\.py \[version-published\]$/);
  });

  test('an object that somebody else put there is judged by its bytes', async () => {
    const artifact = await one();
    const [same, other, lying, noZip] = [newVersion(), newVersion(), newVersion(), newVersion()];
    const put = async (version: string, Body: Buffer, Metadata = {}) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(version), Body, Metadata }));
    await put(same, artifact.archive);
    await put(other, (await two()).archive);
    await put(lying, (await two()).archive, { source_sha256: artifact.sourceSha256, code_sha256: sha256(artifact.archive, 'base64') });
    await put(noZip, Buffer.from('hello'));
    expect((await publishAs(same, artifact)).outcome).toBe('unchanged');
    await expect(publishAs(other, artifact)).rejects.toThrow('Different: changed app/lambda_function.py');
    await expect(publishAs(lying, artifact)).rejects.toThrow('Different: changed app/lambda_function.py');
    await expect(publishAs(noZip, artifact)).rejects.toThrow(/source_sha256 unknown, got .* What is published is not a readable archive of ours \[version-published\]$/);
  });

  test('an archive that is not the one that was built is not published', async () => {
    const version = newVersion();
    const [artifact, other] = [await one(), await two()];
    await expect(publishAs(version, { ...artifact, archive: other.archive })).rejects.toThrow(
      `s3://${BUCKET}/${keyOf(version)}: the archive is not the one that was built, source_sha256 ${artifact.sourceSha256}, got "${other.sourceSha256}"; build it again`,
    );
    await expect(s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf(version) }))).rejects.toThrow();
  });

  test('40 writers of two builds of one version: one wins, its content is whole', async () => {
    const [first, second] = [await one(), await two()];
    const version = newVersion();
    const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => publishAs(version, i % 2 ? first : second)));
    const outcomes = results.map((result) => result.status === 'fulfilled' ? result.value.outcome : 'refused');
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(19);
    expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(20);
    const { bytes, versions } = await published(version);
    expect(versions).toBe(1);
    expect([first, second].some(({ archive }) => archive.equals(bytes))).toBe(true);
  });

  test('the condition is a header of its own: an SDK that does not know the member would overwrite', async () => {
    const seen: string[] = [];
    const spy = new S3Client({});
    spy.middlewareStack.add((next, context) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      if (context.commandName === 'PutObjectCommand') seen.push(headers['if-none-match']);
      return next(args);
    }, { step: 'finalizeRequest' });
    const artifact = await one();
    await publish(spy, publicationOf(newVersion(), artifact), async () => artifact.archive);
    expect(seen).toEqual(['*']);
  });

  test('fails: no such bucket', async () => {
    await expect(publishAs(newVersion(), await one(), { bucket: 'nowhere' })).rejects.toThrow(
      /^s3:\/\/nowhere\/lambda\/source\/[\d.]+\/source\.zip: the bucket does not exist, got "nowhere"; create it, or correct its name \[bucket-missing\]$/,
    );
  });

  test('fails: access denied', async () => { // ministack enforces no IAM: S3's answer is faked
    const denied = Object.assign(new Error('User: arn:aws:sts::1:assumed-role/x is not authorized to perform: s3:PutObject'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const fake = { send: () => Promise.reject(denied) } as unknown as S3Client;
    const artifact = await one();
    await expect(publish(fake, publicationOf('1.0.0', artifact), async () => artifact.archive)).rejects.toThrow(
      `s3://${BUCKET}/lambda/source/1.0.0/source.zip: S3 denied access, got "${denied.message}"; allow s3:GetObject, s3:PutObject on lambda/source/* `
      + 'and s3:ListBucket on the bucket; a bucket policy, a key policy or an SCP may deny it too',
    );
  });
});

/** As the CDK stages it. */
function stagedOf({ archive }: Built, record: Record<string, string>): Buffer {
  const folder = temporaryFolder();
  const [plain, staged] = ['plain.zip', 'staged.zip'].map((name) => join(folder, name));
  fs.writeFileSync(plain, archive);
  fs.copyFileSync(plain, staged);
  writeStagedArchive(staged, plain, record);
  return fs.readFileSync(staged);
}

describe('the custom resource\'s handler', () => {
  async function eventOf(version: string, artifact: Built, RequestType: PublicationEvent['RequestType'] = 'Create'): Promise<PublicationEvent> {
    const StagedKey = `${artifact.sourceSha256}.zip`;
    await s3.send(new PutObjectCommand({ Bucket: STAGING, Key: StagedKey, Body: stagedOf(artifact, { source_name: 'app', built_with: 'python 3' }) }));
    return {
      RequestType,
      PhysicalResourceId: 'given',
      ResourceProperties: {
        Bucket: BUCKET, Key: keyOf(version), Version: version, SourceSha256: artifact.sourceSha256, StagedBucket: STAGING, StagedKey, Metadata: { team: 'a' }, Tags: { t: '1' },
      },
    };
  }

  test('publishes the staged archive; attribute names carry the digest', async () => {
    const artifact = await one();
    const version = newVersion();
    const response = await handler(await eventOf(version, artifact));
    const { VersionId, Metadata } = await published(version);
    expect(Metadata).toMatchObject({ source_version: version, source_name: 'app', built_with: 'python 3', team: 'a' });
    expect(response).toEqual({
      PhysicalResourceId: `s3://${BUCKET}/${keyOf(version)}#${artifact.sourceSha256.slice(0, 12)}`,
      Data: {
        Outcome: 'created',
        CodeSha256: sha256(artifact.archive, 'base64'),
        [`Key${artifact.sourceSha256.slice(0, 12)}`]: keyOf(version),
        [`VersionId${artifact.sourceSha256.slice(0, 12)}`]: VersionId,
      },
    });
    expect((await handler(await eventOf(version, artifact, 'Update'))).Data).toMatchObject({ Outcome: 'unchanged' });
  });

  test('a rollback to a version whose staged archive was garbage-collected', async () => {
    const artifact = await one();
    const version = newVersion();
    const event = await eventOf(version, artifact, 'Update');
    await handler(event);
    await s3.send(new DeleteObjectCommand({ Bucket: STAGING, Key: event.ResourceProperties.StagedKey }));
    expect((await handler(event)).Data).toMatchObject({ Outcome: 'unchanged' });
  });

  test('a conflict is told even when the staged archive is gone', async () => {
    const version = newVersion();
    await handler(await eventOf(version, await one()));
    const event = await eventOf(version, await two());
    const conflict: Error = await handler(event).catch((error) => error);
    expect(conflict.message).toMatch(/is already published with other content/);
    expect(conflict.stack, 'what CloudFormation shows').toBe(conflict.message);
    await s3.send(new DeleteObjectCommand({ Bucket: STAGING, Key: event.ResourceProperties.StagedKey }));
    await expect(handler(event)).rejects.toThrow(/is already published with other content/);
  });

  test('delete keeps the published version', async () => {
    const artifact = await one();
    const version = newVersion();
    await handler(await eventOf(version, artifact));
    expect(await handler(await eventOf(version, artifact, 'Delete'))).toEqual({ PhysicalResourceId: 'given' });
    expect((await published(version)).versions).toBe(1);
  });

  describe('an update', () => {
    const idOf = ({ Bucket, Key, SourceSha256 }: PublicationEvent['ResourceProperties']) => `s3://${Bucket}/${Key}#${SourceSha256.slice(0, 12)}`;
    const oldIdOf = ({ Bucket, Key }: PublicationEvent['ResourceProperties']) => `s3://${Bucket}/${Key}`; // of earlier versions of the library
    const three = () => built(['app/lambda_function.py', 'x = 3\n']);
    const remove = async (version: string) => s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keyOf(version) }));
    const replace = async (version: string, { archive }: Built) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(version), Body: archive }));

    /** A version that is deployed with content one, and the events of what comes next. */
    async function deployed(id = idOf) {
      const version = newVersion();
      const first = await eventOf(version, await one());
      await handler(first);
      const before = first.ResourceProperties;
      const to = (ResourceProperties: PublicationEvent['ResourceProperties'], OldResourceProperties = before): PublicationEvent =>
        ({ RequestType: 'Update', StackId: 'stack', LogicalResourceId: version, PhysicalResourceId: id(before), ResourceProperties, OldResourceProperties });
      return { version, before, to, other: (await eventOf(version, await three())).ResourceProperties };
    }

    async function logged(action: () => Promise<unknown>): Promise<string> {
      const lines: string[] = [];
      const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
      try {
        await action();
      } finally {
        spy.mockRestore();
      }
      return lines.join('\n');
    }

    test.each([['the id has the digest', idOf], ['an id of an earlier version of the library', oldIdOf]])('other content is refused when the object was deleted, too: %s', async (_, id) => {
      const { version, to, other } = await deployed(id);
      await remove(version);
      await expect(handler(to(other))).rejects.toThrow(
        `s3://${BUCKET}/${keyOf(version)}: version ${version} is deployed with other content, and its object was deleted, got "${other.SourceSha256}"; `
        + 'give the project another version: CloudFormation does not update functions whose key stays the same [version-deployed]',
      );
      await expect(s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf(version) })), 'nothing is written').rejects.toThrow();
    });

    test('other content is refused when somebody has put it there already', async () => {
      const { version, to, other } = await deployed();
      await replace(version, await three());
      await expect(handler(to(other))).rejects.toThrow(/is deployed with other content, and its object was replaced by this content, got .* \[version-deployed\]$/);
    });

    test('other content is refused with the files that differ', async () => {
      const { to, other } = await deployed();
      await expect(handler(to(other))).rejects.toThrow(/is already published with other content.* Different: removed app\/__init__\.py, changed app\/lambda_function\.py, removed app\/old\.py \[version-published\]$/);
    });

    test.each([['the id has the digest', idOf], ['an id of an earlier version of the library', oldIdOf]])('the way back from a refused one never fails, and tells what is there: %s', async (_, id) => {
      const { version, to, before, other } = await deployed(id);
      await replace(version, await two());
      await expect(handler(to(other))).rejects.toThrow(/is already published with other content/);
      const back = to(before, other);
      const log = await logged(async () => expect(await handler(back)).toMatchObject({ PhysicalResourceId: idOf(before), Data: { Outcome: 'unchanged' } }));
      expect(log).toContain(`source_sha256 is ${(await two()).sourceSha256}, and CloudFormation goes back to ${before.SourceSha256}; what is published stays`);
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(version), Body: 'no archive' }));
      expect(await logged(async () => handler(back))).toContain('source_sha256 is not to be told');
    });

    test('the way back does not fail for a bucket that is gone, either', async () => {
      const { to, before, other } = await deployed();
      const nowhere = (properties: typeof before) => ({ ...properties, Bucket: 'nowhere' });
      const back = { ...to(nowhere(before), nowhere(other)), PhysicalResourceId: idOf(nowhere(before)) };
      const log = await logged(async () => expect((await handler(back)).PhysicalResourceId).toBe(idOf(nowhere(before))));
      expect(log).toContain('nothing was done, and CloudFormation is told that all is well');
    });

    test('an object that is gone is put back by whatever makes the resource look', async () => {
      const { version, to, before } = await deployed();
      await remove(version);
      const log = await logged(async () => handler(to({ ...before, Tags: { t: '1', again: 'yes' } })));
      expect(log).toContain('the published object was gone, and is put back');
      expect((await published(version)).bytes.equals((await one()).archive)).toBe(true);
    });

    test('an id of an earlier version of the library becomes one of this', async () => {
      const { to, before, version } = await deployed(oldIdOf);
      expect(await handler(to({ ...before, StagedKey: `${before.SourceSha256}.zip` }))).toMatchObject({ PhysicalResourceId: idOf(before) });
      expect((await published(version)).versions).toBe(1);
    });

    test('tags are set anew, those of others stay; metadata stays, and the log says so', async () => {
      const { version, to, before } = await deployed();
      const place = { Bucket: BUCKET, Key: keyOf(version) };
      const tags = async () => Object.fromEntries((await s3.send(new GetObjectTaggingCommand(place))).TagSet!.map(({ Key, Value }) => [Key, Value]));
      await s3.send(new PutObjectTaggingCommand({ ...place, Tagging: { TagSet: [{ Key: 't', Value: '1' }, { Key: 'scanned', Value: 'clean' }] } }));
      const log = await logged(async () => handler(to({ ...before, Tags: { stage: 'prod' }, Metadata: { team: 'b' } })));
      expect(await tags()).toEqual({ stage: 'prod', scanned: 'clean' });
      expect(log).toContain('metadata of a published version is never changed: team is "a" and not "b"; publish another version');
      expect(log).toContain('tags are set anew: {"scanned":"clean","stage":"prod"}');
      expect((await published(version)).Metadata).toMatchObject({ team: 'a' });
      expect(await logged(async () => handler(to({ ...before, Tags: { stage: 'prod' } }, { ...before, Tags: { stage: 'prod' } })))).toBe('');
    });
  });

  test('what has no commit is staged beside, and found', async () => {
    const [artifact, version] = [await one(), newVersion()];
    const event = await eventOf(version, artifact);
    const { StagedKey } = event.ResourceProperties;
    await s3.send(new DeleteObjectCommand({ Bucket: STAGING, Key: StagedKey }));
    await expect(handler(event)).rejects.toThrow(`s3://${STAGING}/${StagedKey}: the staged archive is gone`);
    await s3.send(new PutObjectCommand({ Bucket: STAGING, Key: `${artifact.sourceSha256}.uncommitted.zip`, Body: stagedOf(artifact, { git_commit: 'c-dirty' }) }));
    await handler(event);
    const { Metadata, bytes } = await published(version);
    expect([Metadata!.git_commit, bytes.equals(artifact.archive)]).toEqual(['c-dirty', true]);
  });

  test('a staged archive that is damaged is named, with what to delete', async () => {
    const event = await eventOf(newVersion(), await one());
    const { StagedKey, SourceSha256 } = event.ResourceProperties;
    await s3.send(new PutObjectCommand({ Bucket: STAGING, Key: StagedKey, Body: (await one()).archive.subarray(0, 100) }));
    await expect(handler(event)).rejects.toThrow(
      `s3://${STAGING}/${StagedKey}: what is staged cannot be published: the archive of source_sha256 ${SourceSha256} is damaged; delete this object, and asset.*.zip in cdk.out, and deploy again: the CDK replaces neither [staged-archive-damaged]`,
    );
  });

  test('a role that is not known everywhere yet is waited for, other errors are not', async () => {
    const denied = Object.assign(new Error('denied'), { $metadata: { httpStatusCode: 403 } });
    const action = vi.fn<() => Promise<string>>().mockRejectedValueOnce(denied).mockRejectedValueOnce(new Error('wrapped', { cause: denied })).mockResolvedValue('done');
    expect(await whileDenied(action, undefined, [0, 0, 0])).toBe('done');
    expect(action).toHaveBeenCalledTimes(3);
    const broken = vi.fn<() => Promise<string>>().mockRejectedValue(new Error('broken'));
    await expect(whileDenied(broken, undefined, [0, 0])).rejects.toThrow('broken');
    expect(broken).toHaveBeenCalledTimes(1);
    const always = vi.fn<() => Promise<string>>().mockRejectedValue(denied);
    await expect(whileDenied(always, undefined, [0, 0])).rejects.toThrow('denied');
    expect(always).toHaveBeenCalledTimes(3);
  });
});
