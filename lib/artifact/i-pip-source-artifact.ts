import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** What an artifact that the app publishes and a version that is published already have in common. */
export interface IPipSourceArtifact extends IConstruct {
  /** The artifact as a function's code: give this to `code` of a `lambda.Function`. */
  readonly code: lambda.Code;

  /** The layers that were given, to be passed on to `layers` of a `lambda.Function`. */
  readonly layers: lambda.ILayerVersion[];

  /** The handler. */
  readonly handler: string;

  /** The bucket that the artifact is in. */
  readonly bucket: s3.IBucket;

  /** The key of the object: a token, so that what uses it is ordered behind the publication. */
  readonly objectKey: string;

  /** `s3://<bucket>/<prefix>source/<version>/source.zip`. */
  readonly s3Url: string;

  /** The version. */
  readonly version: string;

  /** The digest of the installed tree, hexadecimal SHA-256. */
  readonly sourceSha256: string;

  /** The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`. */
  readonly codeSha256: string;

  /** The object's page in the AWS console. */
  readonly consoleUrl: string;

  /**
   * Allow a principal to read the object, and no other.
   *
   * @param grantee who may read it
   */
  grantRead(grantee: iam.IGrantable): iam.Grant;
}
