import * as fs from 'node:fs';
import type { IncomingMessage } from 'node:http';
import * as path from 'node:path';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { command, type Ended } from './command';
import { newBucket, tinyProject } from '../pipeline/projects';
import { temporaryFolder } from '../setup/projects';
import { startS3Proxy, type Fault } from '../setup/s3-proxy';

const BUCKET = 'by-command';
const S3_DIR = ['--s3-dir', `s3://${BUCKET}/lambda/`];
const keyOf = (version: string) => `lambda/source/${version}/source.zip`;
let s3Client: S3Client;
let zip: string;

beforeAll(async () => {
  ({ s3Client } = await newBucket(BUCKET));
  zip = path.join(temporaryFolder(), 'source.zip');
  const project = tinyProject();
  for (const args of [['build', project], ['package', project, '--zip', zip]]) expect(await command(args)).toMatchObject({ exitCode: 0, stderr: '' });
});

/** The command, and what stands between it and S3. */
async function through(faultOf: (request: IncomingMessage) => Fault, ...args: string[]): Promise<Ended> {
  const proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, faultOf);
  try {
    return await command([...args, ...S3_DIR], { env: { AWS_ENDPOINT_URL: proxy.endpoint } });
  } finally {
    proxy.stop();
  }
}

const upload = async (version: string, ...args: string[]) => command(['upload', '--zip', zip, '--source-version', version, ...S3_DIR, ...args]);

describe('--sse names the encryption of the object', () => {
  const NAMES = ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];
  const KEY = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555';

  test.each<[string, string[], Array<string | undefined>]>([
    ['not, unless it is asked for', [], [undefined, undefined]],
    ['S3\'s own', ['--sse', 'AES256'], ['AES256', undefined]],
    ['a key of KMS', ['--sse', 'aws:kms', '--sse-kms-key-id', KEY], ['aws:kms', KEY]],
  ])('%s', async (name, flags, expected) => {
    const version = `1.${name.length}`;
    const sent: unknown[] = [];
    const listen = ({ method, headers }: IncomingMessage) => {
      if (method === 'PUT') sent.push(NAMES.map((header) => headers[header]));
      return undefined;
    };
    const { exitCode, stdout, stderr } = await through(listen, 'upload', '--zip', zip, '--source-version', version, ...flags);
    expect([exitCode, stderr, stdout]).toEqual([0, '', expect.stringMatching(/\noutcome +created\n/)]);
    expect(sent).toEqual([expected]);
    const { ServerSideEncryption, SSEKMSKeyId } = await s3Client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf(version) }));
    expect([ServerSideEncryption, SSEKMSKeyId]).toEqual(expected);
  });

  test('for a bucket whose policy wants it: denied without, and told of --sse; published with it', async () => {
    const deny = { status: 403, code: 'AccessDenied', message: 'User: me is not authorized to perform: s3:PutObject with an explicit deny in a resource-based policy' };
    const policy = ({ method, headers }: IncomingMessage) => method === 'PUT' && headers[NAMES[0]] !== 'AES256' ? deny : undefined;
    const args = ['upload', '--zip', zip, '--source-version', '2.0'];
    const denied = await through(policy, ...args);
    expect([denied.exitCode, denied.stdout, denied.stderr]).toEqual([5, '', expect.stringMatching(
      /^pip-source-artifact upload s3:\/\/by-command\/lambda\/source\/2\.0\/source\.zip: S3 denied access, got ".*"; .*x-amz-server-side-encryption \(--sse\).* \[access-denied\]\n$/)]);
    expect((await through(policy, ...args, '--sse', 'AES256')).stdout).toMatch(/\noutcome +created\n/);
  });

  test('fails for what S3 does not have', async () => {
    const { exitCode, stderr } = await upload('2.1', '--sse', 'rot13');
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^pip-source-artifact upload: option '--sse <.*>' argument 'rot13' is invalid\. Allowed choices are AES256, aws:kms, aws:kms:dsse; .*\n$/)]);
  });
});

describe('bytes that are damaged: exit code 4, and one line that says so', () => {
  const target = () => path.join(temporaryFolder(), 'x.zip');

  /** What verify and download say. Nothing may be written. */
  async function said(run: (...args: string[]) => Promise<Ended>, version: string) {
    const file = target();
    const [verified, json, downloaded] = await Promise.all([run('verify', version), run('verify', version, '--json'), run('download', version, '--zip', file)]);
    for (const { exitCode } of [verified, json, downloaded]) expect(exitCode).toBe(4);
    expect([verified.stderr, json.stderr, downloaded.stdout, fs.readdirSync(path.dirname(file))]).toEqual(['', '', '', []]);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, sourceVersion: version });
    return { row: /^archive .*$/m.exec(verified.stdout)![0], error: downloaded.stderr };
  }

  test('on their way', async () => {
    expect((await upload('3.0')).exitCode).toBe(0);
    const changed = async (...args: string[]) => through(({ method }) => method === 'GET' ? 'changed' : undefined, ...args);
    const { row, error } = await said(changed, '3.0');
    expect(row).toMatch(/^archive +damaged: the bytes are not those that S3 has the checksum of$/);
    expect(error).toMatch(/^pip-source-artifact download s3:\/\/by-command\/lambda\/source\/3\.0\/source\.zip: the bytes are not those that S3 has the checksum of, got ".*"; .* \[archive-damaged\]\n$/);
  });

  test.each<[string, string, (archive: Buffer) => Buffer, RegExp]>([
    ['cut', '3.1', (archive) => archive.subarray(0, archive.length >> 1), /^it is not a zip archive$/], // eslint-disable-line no-bitwise
    ['empty', '3.2', () => Buffer.alloc(0), /^it is not a zip archive$/],
    ['with another byte', '3.3', (archive) => {
      const bytes = Buffer.from(archive);
      bytes.writeUInt8(255 - bytes[60], 60);
      return bytes;
    }, /^(it is not a zip archive|source_sha256 is .*)$/],
  ])('in the bucket: %s', async (_, version, damage, problem) => {
    expect((await upload(version)).exitCode).toBe(0);
    const { Metadata } = await s3Client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf(version) }));
    await s3Client.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(version), Body: damage(fs.readFileSync(zip)), Metadata }));
    const { row, error } = await said(async (...args) => command([...args, ...S3_DIR]), version);
    const problems = /^archive +damaged: (.*)$/.exec(row)![1];
    expect(problems).toMatch(problem);
    expect(error.split('\n').length).toBe(2);
    expect(error).toMatch(/^pip-source-artifact download s3:\/\/by-command\/.*: the archive is not what its metadata says: .* \[archive-damaged\]\n$/);
    expect(error).toContain(`: ${problems}`);
  });
});
