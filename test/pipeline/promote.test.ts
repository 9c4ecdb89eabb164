import { createHash } from 'node:crypto';
import { CopyObjectCommand, DeleteObjectCommand, GetObjectCommand, GetObjectTaggingCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { newBucket, tinyProject } from './projects';
import { runCommandLine } from '../../lib/cli/command-line';
import { buildPackageUploadSourceArtifacts, promoteSourceArtifact, type BuildSourceArtifactsResult, type PromoteSourceOptions } from '../../lib/pipeline/api';
import { startS3Proxy } from '../setup/s3-proxy';

let fromS3Client: S3Client;
let fromS3DirLambda: string;
let toS3DirLambda: string;
let released: BuildSourceArtifactsResult;

const release = async (version: string, code?: string) => buildPackageUploadSourceArtifacts({
  verbose: false, s3Client: fromS3Client, s3DirLambda: fromS3DirLambda, dirProjectRoot: tinyProject({ version, code }), skipPrompt: true, metadata: { Team: 'billing' }, tags: { 'cost center': 'a+b' },
});
const promote = async (sourceVersion: string, more: Partial<PromoteSourceOptions> = {}) => promoteSourceArtifact({ verbose: false, sourceVersion, fromS3Client, fromS3DirLambda, toS3DirLambda, ...more });
const failure = async (sourceVersion: string, more: Partial<PromoteSourceOptions> = {}) => promote(sourceVersion, more).then(() => 'promoted', (error: Error) => error.message);

async function stored(Bucket: string, Key: string) {
  const { Body, Metadata, ContentType, LastModified } = await fromS3Client.send(new GetObjectCommand({ Bucket, Key }));
  const { TagSet } = await fromS3Client.send(new GetObjectTaggingCommand({ Bucket, Key }));
  return { bytes: createHash('sha256').update(await Body!.transformToByteArray()).digest('base64'), Metadata, ContentType, TagSet, LastModified };
}

beforeAll(async () => {
  ({ s3Client: fromS3Client, s3DirLambda: fromS3DirLambda } = await newBucket('promote-test'));
  ({ s3DirLambda: toS3DirLambda } = await newBucket('promote-prod'));
  released = await release('1.0');
});

describe('promoteSourceArtifact', () => {
  test('copies bytes, metadata and tags; the same again changes nothing', async () => {
    const lines: string[] = [];
    const promoted = await promote('1.0', { verbose: true, printer: (line) => lines.push(line), dryRun: true });
    await expect(stored('promote-prod', released.key)).rejects.toThrow(/NoSuchKey|specified key/);
    expect(await promote('1.0')).toEqual(promoted);
    expect(promoted).toEqual({
      outcome: 'created',
      sourceVersion: '1.0',
      sourceSha256: released.sourceSha256,
      codeSha256: released.codeSha256,
      bucket: 'promote-prod',
      key: released.key,
      uri: `s3://promote-prod/${released.key}`,
      from: { bucket: 'promote-test', key: released.key, uri: released.uri },
      consoleUrl: expect.stringContaining('promote-prod'),
    });
    expect(lines.slice(0, 4)).toEqual(['--- Promoting Lambda source artifact ...', 'sourceVersion = 1.0', `from = ${released.uri}`, `to = ${promoted.uri}`]);
    const [{ LastModified: first, ...source }, { LastModified: written, ...target }] = [await stored('promote-test', released.key), await stored('promote-prod', released.key)];
    expect(first).toBeInstanceOf(Date);
    expect(target).toEqual(source);
    expect([target.bytes, target.Metadata!.team, target.TagSet]).toEqual([released.codeSha256, 'billing', [{ Key: 'cost center', Value: 'a+b' }]]);
    expect(await promote('1.0', { sourceSha256: released.sourceSha256 })).toEqual({ ...promoted, outcome: 'unchanged' });
    expect((await stored('promote-prod', released.key)).LastModified).toEqual(written);
  });

  test('is refused where the target has other content, which stays', async () => {
    await release('2.0', 'x = 1\ndef lambda_handler(event, context): ...\n');
    const other = tinyProject({ version: '2.0', code: 'x = 2\ndef lambda_handler(event, context): ...\n' });
    const there = await buildPackageUploadSourceArtifacts({ verbose: false, s3Client: fromS3Client, s3DirLambda: toS3DirLambda, dirProjectRoot: other, skipPrompt: true });
    expect(await failure('2.0')).toMatch(/^promoteSourceArtifact s3:\/\/promote-prod\/lambda\/source\/2\.0\/source\.zip: version 2\.0 is already published with other content, .*changed tiny\/lambda_function\.py.* \[version-published\]$/);
    expect((await stored('promote-prod', there.key)).bytes).toBe(there.codeSha256);
  });

  test('takes the version that is asked for, or none: the nearest are named', async () => {
    for (const version of ['3.1', '3.2', '4.0', '5.0']) await fromS3Client.send(new CopyObjectCommand({ Bucket: 'promote-test', Key: `many/source/${version}/source.zip`, CopySource: `promote-test/${released.key}` }));
    const many = { fromS3DirLambda: 's3://promote-test/many' };
    expect(await failure('3.3', many)).toBe('promoteSourceArtifact: version 3.3 is not published in s3://promote-test/many/source/; choose one of 3.1, 3.2, 4.0, 5.0 [version-not-published]');
    expect(await failure('1', { fromS3DirLambda: 's3://promote-test/none' })).toMatch(/; publish it first, or correct fromS3DirLambda \[version-not-published\]$/);
    expect(await failure('1.0', { fromS3DirLambda: 's3://promote-nowhere/' })).toMatch(/^promoteSourceArtifact s3:\/\/promote-nowhere\/source\/1\.0\/source\.zip: the bucket does not exist/);
    expect(await failure('1.0', { sourceSha256: 'a'.repeat(64) })).toMatch(/: version 1\.0 is published with other content than is asked for, source_sha256 [0-9a-f]{64}, got "a{64}"; correct sourceSha256, or take the version that has it \[version-other\]$/);
    expect(await failure('1.0', { sourceSha256: 'a' })).toMatch(/\[sha256-invalid\]$/);
  });

  test('does not go onto itself, out of the partition, or nowhere', async () => {
    expect(await failure('1.0', { toS3DirLambda: fromS3DirLambda })).toMatch(/^promoteSourceArtifact: the version is to be copied onto itself, got "s3:.*; name two places \[promote-itself\]$/);
    expect(await failure('1.0', { toS3Client: new S3Client({ region: 'cn-north-1' }) })).toMatch(/^promoteSourceArtifact: the version is in us-east-1, .* another partition of AWS, got "cn-north-1"; .* \[promote-partition\]$/);
    expect(await failure('1.0', { toS3DirLambda: 'prod/lambda' })).toMatch(/^promoteSourceArtifact: toS3DirLambda is not a folder in S3, got "prod\/lambda"; /);
    expect(await failure('1.0', { fromS3DirLambda: 'x' })).toMatch(/^promoteSourceArtifact: fromS3DirLambda is not a folder in S3/);
    expect(await failure('../1', {})).toMatch(/\[version-invalid\]$/);
  });

  test('is refused for what is not what its metadata says, and nothing is written', async () => {
    const at = (version: string) => ({ Bucket: 'promote-test', Key: `lambda/source/${version}/source.zip` });
    await fromS3Client.send(new PutObjectCommand({ ...at('6.0'), Body: 'no zip' }));
    expect(await failure('6.0')).toMatch(/: what is published is not a zip archive, got 6; .* \[archive-damaged\]$/);
    await fromS3Client.send(new CopyObjectCommand({ ...at('7.0'), CopySource: `promote-test/${released.key}` }));
    expect(await failure('7.0')).toMatch(/: the archive is not what its metadata says: source_version is 1\.0, the archive's 7\.0, got \d+; .* \[archive-damaged\]$/);
    for (const version of ['6.0', '7.0']) await expect(stored('promote-prod', at(version).Key)).rejects.toThrow(/NoSuchKey|specified key/);
  });

  test('tells whose place cannot be read', async () => {
    const denied = { status: 403, code: 'AccessDenied', message: 'User: me is not authorized to perform: s3:GetObject' };
    const proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, () => denied);
    try {
      const locked = new S3Client({ endpoint: proxy.endpoint, forcePathStyle: true });
      expect(await failure('1.0', { fromS3Client: locked, toS3Client: fromS3Client })).toMatch(/^promoteSourceArtifact s3:\/\/promote-test\/lambda\/source\/1\.0\/source\.zip: S3 denied access, .*; allow s3:GetObject on lambda\/source\/\* and s3:ListBucket/);
      await fromS3Client.send(new DeleteObjectCommand({ Bucket: 'promote-prod', Key: released.key }));
      expect(await failure('1.0', { toS3Client: locked })).toMatch(/^promoteSourceArtifact s3:\/\/promote-prod\/lambda\/source\/1\.0\/source\.zip: S3 denied access, .*; allow s3:GetObject, s3:PutObject, s3:GetObjectTagging, s3:PutObjectTagging on lambda\/source\/\*/);
    } finally {
      proxy.stop();
    }
  });

  test('of those who write at the same time one wins, and all are content', async () => {
    await release('8.0');
    const outcomes = (await Promise.all(Array.from({ length: 8 }, async () => promote('8.0')))).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['created', ...Array.from({ length: 7 }, () => 'unchanged')]);
  });
});

test('the command says it in its own words', async () => {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({ write: (text: string) => Boolean(written[name] += text) }) as unknown as NodeJS.WritableStream;
  const run = async (...args: string[]) => {
    Object.assign(written, { stdout: '', stderr: '' });
    return runCommandLine(['promote', ...args], { stdout: stream('stdout'), stderr: stream('stderr') });
  };
  const places = ['--from', fromS3DirLambda, '--to', 's3://promote-prod/by-command/'];
  expect([await run('1.0', ...places), written.stderr]).toEqual([0, '']);
  expect(written.stdout).toMatch(/^version +1\.0\n[^]*\nfrom +s3:\/\/promote-test\/lambda\/source\/1\.0\/source\.zip\ntarget +s3:\/\/promote-prod\/by-command\/source\/1\.0\/source\.zip\noutcome +created\n/);
  expect(await run('1.0', ...places, '--json')).toBe(0);
  expect(JSON.parse(written.stdout)).toMatchObject({ outcome: 'unchanged', sourceSha256: released.sourceSha256 });
  expect([await run('9.9', ...places), written.stderr]).toEqual([2, expect.stringMatching(/^pip-source-artifact promote: version 9\.9 is not published in .*; choose one of /)]);
  expect([await run('1.0', '--from', 'x', '--to', 'y'), written.stderr]).toEqual([2, expect.stringMatching(/^pip-source-artifact promote: --from is not a folder in S3/)]);
  expect(await run('1.0', '--from', fromS3DirLambda)).toBe(2);
  expect(await run('1.0', ...places, '--source-sha256', 'b'.repeat(64))).toBe(4);
});
