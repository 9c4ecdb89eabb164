import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput, HeadObjectCommandOutput, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { isTransient, statusOf } from './s3-errors';
import { loadSdk } from './sdk';
import { ArtifactError, type Finding } from '../base/error';
import { s3Url, type Place } from '../plan/object-key';

export type ObjectHead = Omit<GetObjectCommandOutput, 'Body'>;

/** What S3 says of an object; nothing if there is none. */
export async function headObject(s3: S3Client, { bucket, key }: Place, signal?: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
  const { HeadObjectCommand } = await loadSdk();
  return orNothing(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }), { abortSignal: signal }));
}

const TRIES = 3;

/**
 * An object with its content, or `undefined` if there is none. A content that does not arrive whole is asked for again.
 *
 * @param receive takes the content; called anew for each try
 * @throws ArtifactError that names the object: `archive-damaged` if the bytes are not those of S3's checksum, else `download-cut`
 */
export async function getObject<T>(
  s3: S3Client, place: Place, receive: (body: Readable, head: ObjectHead) => Promise<T>, signal?: AbortSignal,
): Promise<{ readonly head: ObjectHead; readonly received: T } | undefined> {
  const { GetObjectCommand } = await loadSdk();
  for (let tries = 1; ; tries++) {
    const get = new GetObjectCommand({ Bucket: place.bucket, Key: place.key, ChecksumMode: 'ENABLED' });
    const found = await orNothing(s3.send(get, { abortSignal: signal }));
    if (!found) return undefined;
    const { Body, ...head } = found;
    const body = Body as Readable;
    try {
      return { head, received: await receive(body, head) };
    } catch (error) {
      signal?.throwIfAborted();
      if (tries === TRIES) throw cut(place, error as Error);
    } finally {
      body.destroy();
    }
  }
}

function cut(place: Place, cause: Error): ArtifactError {
  const where = s3Url(place.bucket, place.key);
  const got = cause.message;
  const finding: Finding = /checksum mismatch/i.test(got) ? {
    reference: 'archive-damaged',
    problem: 'the bytes are not those that S3 has the checksum of',
    got,
    advice: 'see who stands between you and S3; nothing was kept',
  } : {
    reference: 'download-cut',
    problem: `the object was not read whole in ${TRIES} tries`,
    got,
    advice: 'try again; check the network and the proxy',
  };
  return new ArtifactError(finding, where, { cause });
}

export async function getTags(s3: S3Client, { bucket, key }: Place, signal?: AbortSignal): Promise<Record<string, string>> {
  const { GetObjectTaggingCommand } = await loadSdk();
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  return Object.fromEntries(TagSet.map((tag) => [tag.Key!, tag.Value!]));
}

/** Replace all tags. */
export async function putTags(
  s3: S3Client, { bucket, key }: Place, tags: Readonly<Record<string, string>>, signal?: AbortSignal,
): Promise<void> {
  const { PutObjectTaggingCommand } = await loadSdk();
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await s3.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging: { TagSet } }), { abortSignal: signal });
}

/** Delete an object. In a bucket with versioning it is hidden. */
export async function deleteObject(s3: S3Client, { bucket, key }: Place, signal?: AbortSignal): Promise<void> {
  const { DeleteObjectCommand } = await loadSdk();
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
}

/** All keys that start with `prefix`. */
export async function listKeys(s3: S3Client, bucket: string, prefix: string, signal?: AbortSignal): Promise<string[]> {
  const { ListObjectsV2Command } = await loadSdk();
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      ContinuationToken: token,
    }), { abortSignal: signal });
    keys.push(...(page.Contents ?? []).map((object) => object.Key!));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return keys;
}

/** What must hold for a write: that there is no object, or still the one that was seen. */
export type WriteCondition = { readonly 'if-none-match': '*' } | { readonly 'if-match': string };

/**
 * Write an object if the condition holds.
 *
 * @param body gives the content; called anew for each try, because the SDK does not repeat a stream
 * @returns its version, or nothing if another writer was first
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putObject(
  s3: S3Client, input: Omit<PutObjectCommandInput, 'Body'>, body: () => Buffer | Readable, condition: WriteCondition, signal?: AbortSignal,
): Promise<{ readonly versionId?: string } | undefined> {
  const { PutObjectCommand } = await loadSdk();
  for (let tries = 1; ; tries++) {
    const content = body();
    const put = new PutObjectCommand({ ...input, Body: content });
    // as a header: an SDK that is older than conditional writes drops the member IfNoneMatch without a word, and overwrites
    put.middlewareStack.add((next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, condition);
      return next(args);
    }, { step: 'build', name: 'writeCondition' });
    try {
      const { VersionId } = await s3.send(put, { abortSignal: signal });
      return { versionId: VersionId };
    } catch (error) {
      // NoSuchKey: the object of the if-match was deleted
      if (['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'].includes((error as Error).name)) return undefined;
      if (Buffer.isBuffer(content) || tries === TRIES || !isTransient(error)) throw error;
    } finally {
      if (!Buffer.isBuffer(content)) content.destroy();
    }
  }
}

async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return undefined;
    throw error;
  }
}
