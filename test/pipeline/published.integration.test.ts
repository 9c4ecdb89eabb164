import * as fs from 'node:fs';
import * as path from 'node:path';
import { CopyObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { newBucket, tinyProject } from './projects';
import {
  buildPackageUploadSourceArtifacts, describeSourceVersion, downloadSourceArtifact, listSourceVersions, readSourceZip, SourceS3Layout, uploadSourceArtifacts,
  verifyReproducibleBuild, verifySourceArtifact,
  type BuildSourceArtifactsResult, type UploadSourceOptions,
} from '../../lib/pipeline/api';
import { digestFolder, temporaryFolder } from '../setup/projects';

let s3Client: S3Client;
let s3DirLambda: string;
let project: string;
let released: BuildSourceArtifactsResult;
let other: BuildSourceArtifactsResult;

const quiet = { verbose: false };
const release = async (dirProjectRoot: string, more = {}) => buildPackageUploadSourceArtifacts({ ...quiet, s3Client, s3DirLambda, dirProjectRoot, skipPrompt: true, ...more });
const at = (sourceVersion: string) => ({ ...quiet, s3Client, s3DirLambda, sourceVersion });

beforeAll(async () => {
  ({ s3Client, s3DirLambda } = await newBucket('published'));
  project = tinyProject();
  released = await release(project, { metadata: { Team: 'billing' }, tags: { stage: 'test' } });
  other = await release(tinyProject({ version: '1.10', code: 'x = 1\ndef lambda_handler(event, context): ...\n', files: { 'new.py': '' } }));
});

describe('SourceS3Layout', () => {
  test('the keys of a version, and back', () => {
    const layout = new SourceS3Layout({ s3DirLambda: 's3://bucket/lambda' });
    expect(layout.getSourceZip('0.1.1')).toEqual({ bucket: 'bucket', key: 'lambda/source/0.1.1/source.zip', uri: 's3://bucket/lambda/source/0.1.1/source.zip' });
    expect(layout.sourceDir.uri).toBe('s3://bucket/lambda/source/');
    expect(layout.parseSourceVersion('lambda/source/0.1.1/source.zip')).toBe('0.1.1');
    expect(layout.parseSourceVersion('s3://bucket/lambda/source/1.0.0-rc.1+x/source.zip')).toBe('1.0.0-rc.1+x');
    expect(layout.getConsoleUrl('0.1.1', 'eu-west-1')).toBe('https://console.aws.amazon.com/s3/object/bucket?region=eu-west-1&prefix=lambda%2Fsource%2F0.1.1%2Fsource.zip');
    for (const foreign of ['s3://other/lambda/source/0.1.1/source.zip', 'source/0.1.1/source.zip', 'lambda/source/0.1.1/source.zip.bak', 'lambda/source/a/b/source.zip', 'lambda/source//source.zip', '']) {
      expect(layout.parseSourceVersion(foreign), foreign).toBeUndefined();
    }
  });

  test.each([['s3://bucket', ''], ['s3://bucket/', ''], ['s3://bucket/a/b', 'a/b/']])('%s', (given, prefix) => {
    const layout = new SourceS3Layout({ s3DirLambda: given });
    expect([layout.bucket, layout.prefix, layout.getSourceZip('1').key]).toEqual(['bucket', prefix, `${prefix}source/1/source.zip`]);
    expect(layout.parseSourceVersion(layout.getSourceZip('1').uri)).toBe('1');
  });

  test.each(['', 'bucket', 's3:/bucket', 's3://', 's3://b', 'https://bucket/x', 's3://arn:aws:s3:x/y', 's3://bucket/a//b'])('fails: %s', (given) => {
    expect(() => new SourceS3Layout({ s3DirLambda: given })).toThrow(/^(s3DirLambda is not a folder in S3|the prefix cannot stand in an S3 key), got /);
  });
});

test('versions are listed in their order, and nothing else that is there', async () => {
  await s3Client.send(new PutObjectCommand({ Bucket: 'published', Key: 'lambda/source/1.0/notes.txt', Body: 'x' }));
  const versions = await listSourceVersions({ ...quiet, s3Client, s3DirLambda });
  expect(versions.map(({ sourceVersion, sourceSha256, codeSha256, size }) => ({ sourceVersion, sourceSha256, codeSha256, size }))).toEqual([released, other].map(
    ({ sourceVersion, sourceSha256, codeSha256, size }) => ({ sourceVersion, sourceSha256, codeSha256, size })));
});

test('a version is described: digests, date, size, metadata, tags', async () => {
  const { lastModified, ...version } = await describeSourceVersion(at('1.0'));
  expect(Math.abs(Date.now() - lastModified.getTime())).toBeLessThan(60_000);
  expect(version).toEqual({
    sourceVersion: '1.0',
    sourceSha256: released.sourceSha256,
    codeSha256: released.codeSha256,
    size: released.size,
    metadata: { source_version: '1.0', source_sha256: released.sourceSha256, code_sha256: released.codeSha256, ...released.provenance, team: 'billing' },
    tags: { stage: 'test' },
    bucket: 'published',
    key: released.key,
    uri: released.uri,
    consoleUrl: released.consoleUrl,
    versionId: undefined,
  });
  expect(released.provenance).toMatchObject({ source_name: 'tiny', built_with: expect.stringMatching(/^python 3/) });
});

test('an archive is downloaded whole', async () => {
  const folder = temporaryFolder();
  const pathSourceZip = path.join(folder, 'new', 'source-1.0.zip');
  expect((await downloadSourceArtifact({ ...at('1.0'), pathSourceZip, dryRun: true })).pathSourceZip).toBe(pathSourceZip);
  expect(fs.readdirSync(folder)).toEqual([]);
  await downloadSourceArtifact({ ...at('1.0'), pathSourceZip });
  expect(fs.readFileSync(pathSourceZip).equals(fs.readFileSync(released.pathSourceZip))).toBe(true);
  expect(await readSourceZip({ ...quiet, pathSourceZip })).toEqual({
    pathSourceZip, name: 'tiny', sourceVersion: '1.0', sourceSha256: released.sourceSha256, codeSha256: released.codeSha256, size: released.size, unzippedSize: released.unzippedSize,
  });
});

describe('verify', () => {
  test('an archive that is whole; a project that equals it, one that differs from it, and one that differs from build to build', async () => {
    const before = digestFolder(project);
    const zoned = tinyProject({ version: '1.10', seen: 'time.strftime("%z\\n")' });
    const environment = { TZ: 'EST+5' };
    const [same, different, builds] = await Promise.all([
      verifySourceArtifact({ ...at('1.0'), dirProjectRoot: project }),
      verifySourceArtifact({ ...at('1.10'), dirProjectRoot: tinyProject({ version: '1.10', seen: 'time.strftime("%z")' }), environment }),
      verifyReproducibleBuild({ ...quiet, dirProjectRoot: zoned }),
    ]);
    const { sourceSha256 } = released;
    expect(same).toMatchObject({ ok: true, problems: [], sourceSha256, project: { dirProjectRoot: project, sourceSha256, differences: [], buildDifferences: [] } });
    expect(digestFolder(project), 'nothing is written').toBe(before);
    expect(different).toMatchObject({ ok: false, problems: [] });
    expect(different.project!.differences).toEqual([
      { path: 'tiny-1.10.dist-info/RECORD', change: 'changed' },
      { path: 'tiny/lambda_function.py', change: 'changed' },
      { path: 'tiny/new.py', change: 'removed' },
      { path: 'tiny/seen.txt', change: 'added' },
    ]);
    expect(different.project!.buildDifferences, 'its time zone is fixed').toEqual([]);
    expect(builds).toEqual({
      ok: false,
      dirProjectRoot: zoned,
      name: 'tiny',
      sourceVersion: '1.10',
      sourceSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      differences: [
        { path: 'tiny-1.10.dist-info/RECORD', change: 'changed' },
        { path: 'tiny/seen.txt', change: 'changed', line: { number: 1, before: expect.stringMatching(/^[+-]\d{4}$/), after: '+1400' } },
      ],
    });
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['bytes that somebody else put there', async () => {
      const { metadata: Metadata } = await describeSourceVersion(at('1.10'));
      await s3Client.send(new PutObjectCommand({ Bucket: 'published', Key: 'lambda/source/7.0/source.zip', Body: fs.readFileSync(released.pathSourceZip), Metadata }));
    }, /^source_version is 1\.10, the archive's 7\.0; source_sha256 is [0-9a-f]{64}, the archive's [0-9a-f]{64}; code_sha256 is .{44}, the archive's .{44}$/],
    ['no metadata', async () => s3Client.send(new PutObjectCommand({ Bucket: 'published', Key: 'lambda/source/7.0/source.zip', Body: fs.readFileSync(released.pathSourceZip) })),
      /^source_version is not there, the archive's 7\.0; /],
    ['no archive at all', async () => s3Client.send(new PutObjectCommand({ Bucket: 'published', Key: 'lambda/source/7.0/source.zip', Body: 'hello' })), /^it is not a zip archive$/],
  ])('%s: told by verify, refused by download', async (_, put, problems) => {
    await put();
    const verified = await verifySourceArtifact(at('7.0'));
    expect(verified.ok).toBe(false);
    expect(verified.problems.join('; ')).toMatch(problems);
    const pathSourceZip = path.join(temporaryFolder(), 'x.zip');
    await expect(downloadSourceArtifact({ ...at('7.0'), pathSourceZip })).rejects.toThrow(
      `downloadSourceArtifact s3://published/lambda/source/7.0/source.zip: the archive is not what its metadata says: ${verified.problems.join('; ')}, got `,
    );
    expect(fs.existsSync(pathSourceZip)).toBe(false);
  });

  test('a copy of an object is as good as the object', async () => {
    await s3Client.send(new CopyObjectCommand({ Bucket: 'published', Key: 'copies/source/1.0/source.zip', CopySource: `published/${released.key}` }));
    expect(await verifySourceArtifact({ ...at('1.0'), s3DirLambda: 's3://published/copies/' })).toMatchObject({ ok: true, problems: [] });
  });
});

// the table of docs/command.md: HEAD and GET need s3:GetObject, tags s3:GetObjectTagging and s3:PutObjectTagging; s3:ListBucket makes "not there" of "denied"
test.each<[string, () => Promise<unknown>, string[]]>([
  ['uploadSourceArtifacts, of what is published already', async () => release(project), ['GetObject']],
  ['uploadSourceArtifacts, of what is new', async () => release(tinyProject({ version: '50.0' })), ['GetObject', 'PutObject']],
  ['uploadSourceArtifacts, of what is published with other tags', async () => release(project, { tags: { stage: 'prod' } }), ['GetObject', 'GetObjectTagging', 'PutObjectTagging']],
  ['uploadSourceArtifacts, a conflict', async () => release(tinyProject({ files: { 'more.py': '' } })).catch(() => {}), ['GetObject']],
  ['listSourceVersions', async () => listSourceVersions({ ...quiet, s3Client, s3DirLambda }), ['HeadObject', 'ListObjectsV2']],
  ['describeSourceVersion', async () => describeSourceVersion(at('1.0')), ['GetObjectTagging', 'HeadObject']],
  ['downloadSourceArtifact', async () => downloadSourceArtifact({ ...at('1.0'), dryRun: true }), ['GetObject']],
  ['verifySourceArtifact', async () => verifySourceArtifact(at('1.0')), ['GetObject']],
])('what is asked of S3 by %s', async (_, action, expected) => {
  const asked = new Set<string>();
  s3Client.middlewareStack.add((next, { commandName }) => (args) => {
    asked.add((commandName as string).replace(/Command$/, ''));
    return next(args);
  }, { step: 'initialize', name: 'listen' });
  await action().finally(() => s3Client.middlewareStack.remove('listen'));
  expect([...asked].sort()).toEqual(expected);
});

test('40 uploads of two builds of a version at once: one wins, the others are unchanged or refused, the bytes are whole', async () => {
  const builds = [released, other].map(({ pathSourceZip, sourceSha256 }) => ({ pathSourceZip, sourceSha256 }));
  const upload = async (build: Pick<UploadSourceOptions, 'pathSourceZip' | 'sourceSha256'>) => uploadSourceArtifacts({ ...at('40.0'), ...build });
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => upload(builds[i % 2])));
  const outcomes = results.map((result) => result.status === 'fulfilled' ? result.value.outcome : (result.reason as Error).message.replace(/^.*(is already published with other content).*$/, '$1'));
  const counted = (name: string) => outcomes.filter((outcome) => outcome === name).length;
  expect([counted('created'), counted('unchanged'), counted('is already published with other content')]).toEqual([1, 19, 20]);
  const verified = await verifySourceArtifact(at('40.0'));
  expect(verified.ok).toBe(true);
  const winner = results.find((result) => result.status === 'fulfilled' && result.value.outcome === 'created') as PromiseFulfilledResult<{ readonly sourceSha256: string }>;
  expect(verified.sourceSha256).toBe(winner.value.sourceSha256);
});
