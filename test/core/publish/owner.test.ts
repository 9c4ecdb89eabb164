import type { IncomingMessage } from 'node:http';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, test } from 'vitest';
import { ArtifactError } from '../../../lib/core/base/error';
import { handler } from '../../../lib/core/publish/handler';
import { explainOwner } from '../../../lib/core/publish/s3-errors';
import { makeArchive, stage } from '../../setup/publication';
import { startS3Proxy } from '../../setup/s3-proxy';

const OWNER = '000000000000';
let s3: S3Client;

beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  for (const Bucket of ['owned', 'owned-staging']) await s3.send(new CreateBucketCommand({ Bucket }));
});

test('each request to the bucket says who must own it, and none to the staging bucket does', async () => {
  const { ResourceProperties, ...event } = await stage(s3, 'owned-staging', '1.0', await makeArchive(10));
  const asked: Array<[bucket: string, owner: string | undefined]> = [];
  const listen = ({ url, headers }: IncomingMessage) => {
    asked.push([url!.split(/[/?]/)[1], headers['x-amz-expected-bucket-owner'] as string | undefined]);
    return undefined;
  };
  const proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, listen);
  const before = process.env.AWS_ENDPOINT_URL;
  process.env.AWS_ENDPOINT_URL = proxy.endpoint;
  try {
    const { Data } = await handler({ ...event, ResourceProperties: { ...ResourceProperties, Bucket: 'owned', ExpectedBucketOwner: OWNER } });
    expect(Data).toMatchObject({ Outcome: 'created' });
  } finally {
    process.env.AWS_ENDPOINT_URL = before;
    proxy.stop();
  }
  expect(asked.filter(([bucket]) => bucket === 'owned').length).toBeGreaterThan(1);
  expect(asked.filter(([bucket]) => bucket === 'owned-staging').length).toBeGreaterThan(0);
  for (const [bucket, owner] of asked) expect(owner, bucket).toBe(bucket === 'owned' ? OWNER : undefined);
});

test('a denial tells of the owner, as S3 does not', () => {
  const denied = new ArtifactError({ reference: 'access-denied', problem: 'S3 denied access', got: 'Access Denied', advice: 'allow it' }, 's3://owned/key');
  expect((explainOwner(denied, OWNER) as Error).message).toBe(
    's3://owned/key: S3 denied access, got "Access Denied"; allow it\n\nhint: the bucket has to be of account 000000000000 (expectedBucketOwner): see whose it is\n\n[access-denied]');
  expect(explainOwner(denied, undefined)).toBe(denied);
  const other = new Error('other');
  expect(explainOwner(other, OWNER)).toBe(other);
});
