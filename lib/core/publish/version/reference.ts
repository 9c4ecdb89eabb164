import { setTimeout as sleep } from 'node:timers/promises';
import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { refusal } from '../../base/error';
import { s3Url, type Place } from '../../plan/object-key';
import type { PublicationProperties } from '../../plan/publication';
import { asking, statusOf } from '../s3-errors';
import { loadSdk } from '../sdk';

type Wanted = Pick<PublicationProperties, 'Bucket' | 'Key' | 'Storage'>;

/**
 * Do something that gives an object's version. Where Lambda is to run the code from the bucket, the bucket must keep versions, before
 * anything is written, and that version must be there to be read.
 *
 * @param pauses between the tries to read it, in seconds: S3 may take minutes to know everywhere that a bucket keeps versions
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
 */
export async function forReference<T extends { readonly versionId?: string }>(
  s3: S3Client, { Bucket, Key, Storage }: Wanted, action: () => Promise<T>, signal?: AbortSignal, pauses: readonly number[] = PAUSES,
): Promise<T> {
  if (Storage === undefined) return action();
  const place = { bucket: Bucket, key: Key };
  await checkVersioning(s3, place, signal);
  const result = await action();
  await checkVersion(s3, place, result.versionId, signal, pauses);
  return result;
}

const PAUSES = [1, 2, 4, 8, 15, 30, 30, 30, 30]; // within the five minutes of the function

async function checkVersioning(s3: S3Client, place: Place, signal?: AbortSignal): Promise<void> {
  const { GetBucketVersioningCommand } = await loadSdk();
  const ask = async () => s3.send(new GetBucketVersioningCommand({ Bucket: place.bucket }), { abortSignal: signal });
  const { Status } = await asking({ s3, place, permissions: 's3:GetBucketVersioning on the bucket', signal }, ask);
  if (Status === 'Enabled') return;
  const advice = 'enable versioning of the bucket, or leave out {storage}; nothing was published';
  const problem = 'Lambda is to run the code from the bucket, which keeps no versions';
  throw refusal('bucket-unversioned', problem, Status ?? 'never enabled', advice).at(s3Url(place.bucket, place.key));
}

async function checkVersion(
  s3: S3Client, place: Place, versionId: string | undefined, signal: AbortSignal | undefined, pauses: readonly number[],
): Promise<void> {
  const where = s3Url(place.bucket, place.key);
  if (versionId === undefined || versionId === 'null') {
    const problem = 'Lambda is to run the code from the bucket, and it was published before the bucket kept versions';
    throw refusal('object-unversioned', problem, versionId, 'publish another version, or leave out {storage}').at(where);
  }
  for (const pause of [...pauses, undefined]) {
    const head = await headVersion(s3, place, versionId, signal);
    if (head) return checkStorageClass(head, where);
    if (pause !== undefined) await sleep(pause * 1000, undefined, { signal });
  }
  const problem = 'the object\'s version cannot be read yet, from which Lambda is to run the code';
  const advice = 'deploy again: it takes S3 up to 15 minutes to know everywhere that a bucket keeps versions';
  throw refusal('version-unreadable', problem, versionId, advice).at(where);
}

async function headVersion(
  s3: S3Client, place: Place, VersionId: string, signal?: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> {
  const { HeadObjectCommand } = await loadSdk();
  const { bucket: Bucket, key: Key } = place;
  return asking({ s3, place, permissions: `s3:GetObjectVersion on ${Key}`, signal }, async () => {
    try {
      return await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }), { abortSignal: signal });
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */
function checkStorageClass({ StorageClass }: HeadObjectCommandOutput, where: string): void {
  if (StorageClass === undefined || !/GLACIER|DEEP_ARCHIVE/.test(StorageClass)) return;
  const advice = 'exempt source/* from the bucket\'s lifecycle rule, and publish another version, or leave out {storage}';
  throw refusal('storage-class-archive', 'Lambda does not run code from objects of this storage class', StorageClass, advice).at(where);
}

/** Whether an update is the first that wants it. It may fail, as the functions have not been told the object's version before. */
export function isStorageNew(
  event: { readonly ResourceProperties: Pick<Wanted, 'Storage'>; readonly OldResourceProperties?: Pick<Wanted, 'Storage'> },
): boolean {
  const { ResourceProperties: { Storage }, OldResourceProperties: old } = event;
  return Storage !== undefined && old !== undefined && old.Storage !== Storage;
}
