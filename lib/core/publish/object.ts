import type { GetObjectCommandOutput, HeadObjectCommandOutput, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { loadSdk } from './sdk';

/** The place of an object. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

export type PublishedObject = Omit<GetObjectCommandOutput, 'Body'> & { readonly content: Buffer };

/** The headers of an object. `undefined` if there is no object. */
export async function headObject(
  s3: S3Client, { bucket, key }: Place, signal?: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> {
  const { HeadObjectCommand } = await loadSdk();
  return unlessMissing(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }), { abortSignal: signal }));
}

/** An object with its content. `undefined` if there is no object. */
export async function getObject(s3: S3Client, { bucket, key }: Place, signal?: AbortSignal): Promise<PublishedObject | undefined> {
  const { GetObjectCommand } = await loadSdk();
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' });
  const found = await unlessMissing(s3.send(command, { abortSignal: signal }));
  if (!found) return undefined;
  const { Body, ...object } = found;
  return { ...object, content: Buffer.from(await Body!.transformToByteArray()) };
}

export async function getTags(s3: S3Client, { bucket, key }: Place, signal?: AbortSignal): Promise<Record<string, string>> {
  const { GetObjectTaggingCommand } = await loadSdk();
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
  return Object.fromEntries(TagSet.map((tag) => [tag.Key!, tag.Value!]));
}

/** All keys that start with `prefix`. */
export async function listKeys(s3: S3Client, bucket: string, prefix: string, signal?: AbortSignal): Promise<string[]> {
  const { ListObjectsV2Command } = await loadSdk();
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const page = await s3.send(command, { abortSignal: signal });
    keys.push(...(page.Contents ?? []).map((object) => object.Key!));
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return keys;
}

/** The condition of a write: there is no object, or still the one that was seen. */
export type WriteCondition = { readonly 'if-none-match': '*' } | { readonly 'if-match': string };

/**
 * Write an object if the condition holds.
 *
 * @returns its version, or `undefined` if another writer was first
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putObject(
  s3: S3Client, input: PutObjectCommandInput, condition: WriteCondition, signal?: AbortSignal,
): Promise<{ readonly versionId?: string } | undefined> {
  const { PutObjectCommand } = await loadSdk();
  const put = new PutObjectCommand(input);
  // as a header: an SDK from before conditional writes would silently drop the member IfNoneMatch, and overwrite
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
    throw error;
  }
}

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return undefined;
    throw error;
  }
}
