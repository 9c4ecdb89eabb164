import { S3Client } from '@aws-sdk/client-s3';

/** A bucket, and the account that must own it. */
export interface OwnedBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}

/** The publishing function's client. */
export function publisherClient({ Bucket, ExpectedBucketOwner }: OwnedBucket): S3Client {
  const s3 = new S3Client({
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 }, // milliseconds: a server that is silent is asked again
    logger: QUIET,
  });
  if (ExpectedBucketOwner !== undefined) expectOwner(s3, Bucket, ExpectedBucketOwner);
  return s3;
}

/** The SDK warns of each stream that it does not send again: we do. */
const QUIET = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Have S3 refuse all that is asked of a bucket which is not this account's.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 */
function expectOwner(s3: S3Client, bucket: string, account: string): void {
  s3.middlewareStack.add((next) => (args) => {
    const isOfBucket = (args.input as { readonly Bucket?: string }).Bucket === bucket;
    return next(isOfBucket ? { ...args, input: { ...args.input, ExpectedBucketOwner: account } } : args);
  }, { step: 'initialize', name: 'expectedBucketOwner' });
}
