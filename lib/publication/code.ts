import type { CfnResource, CustomResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { CodeStorage } from './code-storage';
import { checkReachable } from './reference-storage';
import type { StagedArtifact } from './staged-artifact';

export interface PublishedCodeProps {
  readonly bucket: s3.IBucket;
  readonly key: string;
  /** Changes when the content does. */
  readonly sourceSha256: string;
  /** Not there for what was published before. */
  readonly staged?: StagedArtifact;
  readonly publication: CustomResource;
  /** The object's version, for code that Lambda runs from the bucket. */
  readonly referredVersion?: string;
  /** Told of each construct that gets the artifact as its code. */
  readonly used: (user: Construct) => void;
}

/**
 * The published object as a function's code. Bucket and key are literal, so that a diff reads `source/1.2.3/source.zip`, and the
 * order is a dependency. `Code.fromBucket` would put a warning on the user's bucket.
 */
export class PublishedCode extends lambda.Code {
  readonly isInline = false;

  constructor(private readonly props: PublishedCodeProps) {
    super();
  }

  bind(scope: Construct): lambda.CodeConfig {
    this.props.used(scope);
    if (scope instanceof lambda.Function) scope.invalidateVersionBasedOn(this.props.sourceSha256);
    const { bucket, key, publication, referredVersion } = this.props;
    if (referredVersion !== undefined) checkReachable(scope, publication);
    return { s3Location: { bucketName: bucket.bucketName, objectKey: key, objectVersion: referredVersion } };
  }

  override bindToResource(resource: CfnResource, options: lambda.ResourceBindOptions = {}): void {
    resource.node.addDependency(this.props.publication);
    const property = options.resourceProperty ?? 'Code';
    // older releases of the CDK do not know it
    if (this.props.referredVersion !== undefined) resource.addPropertyOverride(`${property}.S3ObjectStorageMode`, CodeStorage.REFERENCE);
    this.props.staged?.addResourceMetadata(resource, property);
  }
}
