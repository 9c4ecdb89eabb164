import type { PublishedSource, S3ClientLike, S3Place } from './publish';
import type { RunOptions } from './run';

export interface PromoteSourceOptions extends RunOptions {
  /** The published version. */
  readonly sourceVersion: string;

  /** The client that reads, with the region and credentials of where the version is. */
  readonly fromS3Client: S3ClientLike;

  /** The folder in S3 where the version is, `s3://test-bucket/lambda/`. */
  readonly fromS3DirLambda: string;

  /**
   * The client that writes, with the region and credentials of where the version is to be.
   *
   * @default - `fromS3Client`
   */
  readonly toS3Client?: S3ClientLike;

  /** The folder in S3 where the version is to be, `s3://prod-bucket/lambda/`. */
  readonly toS3DirLambda: string;

  /**
   * What the version's content must be, hexadecimal SHA-256.
   *
   * @default - what its metadata says
   */
  readonly sourceSha256?: string;

  /**
   * The encryption of the copy by name, `AES256` or `aws:kms`, for a bucket whose policy denies writes that do not name it.
   *
   * @default - not named: the bucket's default encryption
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
   */
  readonly serverSideEncryption?: string;

  /**
   * The KMS key of `serverSideEncryption`, by its ARN or id.
   *
   * @default - with `aws:kms`, the AWS managed key
   */
  readonly sseKmsKeyId?: string;
}

/** Where the version is now, and where it came from. */
export interface PromotedSource extends PublishedSource {
  readonly from: S3Place;
}
