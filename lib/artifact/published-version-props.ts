import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { ContractCheck } from '../function-contract';
import type { CodeStorage } from '../publication/code-storage';

/** Where a version is published: the other place of `publishedIn`. */
export interface PublishedPlace {
  /** The bucket. It may be of another account or region. */
  readonly bucket: s3.IBucket;

  /**
   * The folder in the bucket.
   *
   * @default - that of the version that is made of it
   */
  readonly prefix?: string;
}

/** Properties of a version that is published already. */
export interface PublishedVersionProps {
  /**
   * The bucket that the version is in, of the functions' region.
   *
   * @default - the stack's own, as `PipSourceArtifact` makes it
   */
  readonly bucket?: s3.IBucket;

  /**
   * The folder in the bucket: the key is `<prefix>source/<version>/source.zip`.
   *
   * @default "lambda/"
   */
  readonly prefix?: string;

  /** The version. */
  readonly version: string;

  /**
   * What the version's content must be: the `sourceSha256` that it was published with.
   *
   * @default - what its metadata says
   */
  readonly sourceSha256?: string;

  /**
   * The function's handler, `<module>.<function>`. The deployment fails if the version does not have it.
   *
   * @default - none: `handler` cannot be asked for
   */
  readonly handler?: string;

  /**
   * The layers that hold the project's dependencies, to have them beside the code.
   *
   * @default - none
   */
  readonly layers?: lambda.ILayerVersion[];

  /**
   * Where Lambda has the code that it runs. `REFERENCE` needs a bucket with versioning, of the functions' account and region, and functions
   * in the stack of the artifact; a bucket of the app is protected then.
   *
   * @default CodeStorage.COPY
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-self-managed-storage.html
   */
  readonly storage?: CodeStorage;

  /**
   * Another place that has the version: the deployment copies it from there, with its metadata and tags, unless it is there already. It is
   * the same object then, byte by byte, for a stage after the other.
   *
   * @default - it is looked for in `bucket` alone
   */
  readonly publishedIn?: PublishedPlace;

  /**
   * The encryption of the copy by name, `AES256` or `aws:kms`, for a bucket whose policy denies writes that do not name it.
   *
   * @default - that of the bucket, named where the app says what it is
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
   */
  readonly serverSideEncryption?: string;

  /**
   * What is not checked of the functions that run the version, and of their layers. What the version requires is not known at synth, and
   * not checked in any case.
   *
   * @default - all that is known is checked when the app is synthesized
   */
  readonly skipChecks?: ContractCheck[];
}
