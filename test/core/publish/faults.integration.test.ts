// Whatever happens between us and S3: nothing is half-published, the message can be read, and no version is lost.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { PublicationEvent } from '../../../lib/core/publish/event';
import { handler } from '../../../lib/core/publish/handler';
import { downloadSourceArtifact, uploadSourceArtifacts, verifySourceArtifact } from '../../../lib/pipeline/api';
import { startCommand } from '../../cli/command';
import { temporaryFolder } from '../../setup/projects';
import { bytesOf, killAtRandom, makeArchive, stage, startPublisher, type TestArchive } from '../../setup/publication';
import { startS3Proxy, type Fault, type S3Proxy } from '../../setup/s3-proxy';

const BUCKET = 'faults';
let s3: S3Client;
let one: TestArchive;
let other: TestArchive;
let count = 0;
const newVersion = () => `1.${count++}`;
const keyOf = (version: string) => `lambda/source/${version}/source.zip`;

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  [one, other] = [await makeArchive(300_000, 'x = 1\n'), await makeArchive(10, 'x = 2\n')];
});

let proxy: S3Proxy | undefined;
afterEach(() => {
  proxy?.stop();
  Object.assign(process.env, inject('ministack'));
});

interface Faults { readonly method: 'GET' | 'PUT'; readonly of: RegExp; readonly fault: Fault; readonly times?: number }

/** Publish through a proxy. */
async function through({ method, of, fault, times = Infinity }: Faults, event: PublicationEvent, time?: number) {
  let seen = 0;
  proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, (request) => request.method === method && of.test(request.url!) && seen++ < times ? fault : undefined);
  process.env.AWS_ENDPOINT_URL = proxy.endpoint;
  return handler(event, time === undefined ? undefined : { getRemainingTimeInMillis: () => time });
}

const [STAGED, PUBLISHED] = [/\/[0-9a-f]{64}\.zip/, /\/source\.zip/];
const of = (method: 'GET' | 'PUT', url: RegExp, fault: Fault, times?: number): Faults => ({ method, of: url, fault, times });
const [E500, E503, E409, E412] = [[500, 'InternalError'], [503, 'SlowDown'], [409, 'ConditionalRequestConflict'], [412, 'PreconditionFailed']].map(
  ([status, code]) => ({ status, code }) as Fault);

describe('the publishing function', () => {
  test.each<[string, Faults]>([
    ['500 for the write', of('PUT', PUBLISHED, E500, 1)],
    ['503 for the write', of('PUT', PUBLISHED, E503, 1)],
    ['409 for the write', of('PUT', PUBLISHED, E409, 1)],
    ['412 for the write, of an object that is gone by then', of('PUT', PUBLISHED, E412, 1)],
    ['a write that is cut', of('PUT', PUBLISHED, 'cut', 1)],
    ['a write whose answer is lost', of('PUT', PUBLISHED, 'lost', 1)],
    ['503 for what is staged', of('GET', STAGED, E503, 2)],
    ['a cut body of what is staged', of('GET', STAGED, 'cut', 2)],
    ['500 for what is published', of('GET', PUBLISHED, E500, 2)],
  ])('goes on after %s', async (_, faults) => {
    const version = newVersion();
    await through(faults, await stage(s3, BUCKET, version, one));
    expect((await bytesOf(s3, BUCKET, keyOf(version)))?.equals(one.archive)).toBe(true);
  });

  test.each<[string, Faults, string | RegExp]>([
    ['500 for the write', of('PUT', PUBLISHED, E500), /source\.zip: S3 failed, got "InternalError: InternalError"; try again, and see the status of AWS \[s3-failed\]$/],
    ['503 for the write', of('PUT', PUBLISHED, E503), /source\.zip: S3 asks for fewer requests, got "SlowDown: SlowDown"; try again in a minute, with fewer at once \[s3-busy\]$/],
    ['412 for the write', of('PUT', PUBLISHED, E412), /source\.zip: others changed the object while it was published, got 3; try again, and see who writes or deletes it \[publish-raced\]$/],
    ['409 for the write', of('PUT', PUBLISHED, E409), /\[publish-raced\]$/],
    ['a write that is cut', of('PUT', PUBLISHED, 'cut'), /source\.zip: S3 cannot be reached, got ".+"; check the network, the proxy and the region \[s3-unreachable\]$/],
    ['a cut body of what is staged', of('GET', STAGED, 'cut'), /s3:\/\/faults\/[0-9a-f]{64}\.zip: the object was not read whole in 3 tries, got ".+"; try again; check the network and the proxy \[download-cut\]$/],
    ['an archived object', of('GET', PUBLISHED, { status: 403, code: 'InvalidObjectState' }), /the object is archived, in a storage class that must be restored first, .*\[object-archived\]$/],
    ['a key that is disabled', of('PUT', PUBLISHED, { status: 400, code: 'KMS.DisabledException' }), /the bucket's KMS key cannot be used, .*\[kms-key-unusable\]$/],
    ['a request that S3 does not take', of('PUT', PUBLISHED, { status: 400, code: 'InvalidRequest' }), /S3 refused the request, got "InvalidRequest: .*"; correct what S3 names: the same request will fail again \[s3-failed\]$/],
    ['a clock that is wrong', of('PUT', PUBLISHED, { status: 403, code: 'RequestTimeTooSkewed' }), /\[clock-wrong\]$/],
  ])('fails, and leaves nothing: %s', async (_, faults, message) => {
    const version = newVersion();
    await expect(through(faults, await stage(s3, BUCKET, version, one))).rejects.toThrow(message);
    expect(await bytesOf(s3, BUCKET, keyOf(version))).toBeUndefined();
  });

  test.each<[string, Faults]>([['the write', of('PUT', PUBLISHED, 'hang')], ['what is staged', of('GET', STAGED, 'hang')], ['what is published', of('GET', PUBLISHED, 'hang')]])(
    'ends before Lambda does when S3 is silent: %s', async (_, faults) => {
      const version = newVersion();
      await expect(through(faults, await stage(s3, BUCKET, version, one), 11_000)).rejects.toThrow(
        `s3://${BUCKET}/${keyOf(version)}: the publication did not end in time, got "1 s"; deploy again: S3, or the network between, was too slow; nothing is half-published [publish-late]`,
      );
      expect(await bytesOf(s3, BUCKET, keyOf(version))).toBeUndefined();
    });

  test('loses no version: what is published stays, whatever happens to the next', async () => {
    const version = newVersion();
    await handler(await stage(s3, BUCKET, version, one));
    const next = await stage(s3, BUCKET, version, other);
    for (const faults of [of('GET', PUBLISHED, E500), of('GET', PUBLISHED, 'cut'), of('PUT', PUBLISHED, 'lost')]) {
      await expect(through(faults, next)).rejects.toThrow();
      proxy!.stop();
    }
    expect((await bytesOf(s3, BUCKET, keyOf(version)))?.equals(one.archive)).toBe(true);
  });

  test('killed at random moments, publishes all or nothing, and the next goes on', async () => {
    const events = await Promise.all(Array.from({ length: 5 }, async () => stage(s3, BUCKET, newVersion(), one)));
    await killAtRandom(4, (i) => startPublisher(events[i], inject('ministack')), async (i, moment) => {
      const bytes = await bytesOf(s3, BUCKET, events[i].ResourceProperties.Key);
      expect(bytes?.equals(one.archive) ?? true, moment).toBe(true);
      await handler(events[i]);
      expect((await bytesOf(s3, BUCKET, events[i].ResourceProperties.Key))?.equals(one.archive), moment).toBe(true);
    });
  });
});

describe('the command', () => {
  const at = (sourceVersion: string) => ({ verbose: false, s3Client: s3, s3DirLambda: `s3://${BUCKET}/lambda/`, sourceVersion });

  async function upload(version: string): Promise<void> {
    const pathSourceZip = path.join(temporaryFolder(), 'source.zip');
    fs.writeFileSync(pathSourceZip, one.archive);
    await uploadSourceArtifacts({ ...at(version), pathSourceZip, sourceSha256: one.sourceSha256 });
  }

  /** Run it through a proxy. */
  async function command(args: readonly string[], faultOf: (url: string) => Fault): Promise<{ readonly code: unknown; readonly error: string }> {
    proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, (request) => faultOf(request.url!));
    const child = startCommand([...args, '--s3-dir', `s3://${BUCKET}/lambda/`], { env: { AWS_ENDPOINT_URL: proxy.endpoint } });
    let error = '';
    child.stderr!.on('data', (chunk) => error += String(chunk));
    child.stdout!.resume();
    return { code: await new Promise((resolve) => child.on('close', resolve)), error };
  }

  test('tells in one line that a download was cut, and keeps nothing of it', async () => {
    const version = newVersion();
    await upload(version);
    const zip = path.join(temporaryFolder(), 'x.zip');
    const { code, error } = await command(['download', version, '--zip', zip], () => 'cut');
    expect([code, error.trim().split('\n').length]).toEqual([5, 1]);
    expect(error).toMatch(/^pip-source-artifact download s3:\/\/faults\/lambda\/source\/.*: the object was not read whole in 3 tries, .*\[download-cut\]\n$/);
    expect(fs.existsSync(zip)).toBe(false);
  });

  test('verify and download of bytes that are not those of S3\'s checksum: a difference, and nothing is written', async () => {
    const version = newVersion();
    await upload(version);
    const liar = new S3Client({});
    liar.middlewareStack.add((next) => async (args) => { // as a proxy that changes what it passes on
      const result = await next(args);
      const { headers } = result.response as { readonly headers: Record<string, string> };
      if (headers['x-amz-checksum-sha256']) headers['x-amz-checksum-sha256'] = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
      return result;
    }, { step: 'deserialize', priority: 'low', name: 'liar' });
    expect(await verifySourceArtifact({ ...at(version), s3Client: liar })).toMatchObject({ ok: false, problems: ['the bytes are not those that S3 has the checksum of'] });
    const pathSourceZip = path.join(temporaryFolder(), 'x.zip');
    await expect(downloadSourceArtifact({ ...at(version), s3Client: liar, pathSourceZip })).rejects.toThrow(
      /^downloadSourceArtifact s3:\/\/faults\/.*: the bytes are not those that S3 has the checksum of, got ".*"; .* \[archive-damaged\]$/);
    expect(fs.existsSync(pathSourceZip)).toBe(false);
  });
});
