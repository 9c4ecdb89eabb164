import { RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { protectObjects } from './protection';
import { topStackOf } from '../app-state';

const ID = 'PipSourceArtifacts';

/**
 * The bucket of a stack's artifacts that name none. It outlives the stack, as what is published does; nobody may replace or delete an
 * object in it.
 */
export class ArtifactBucket extends s3.Bucket {
  /** That of the stack that is deployed: a nested one may be replaced. */
  static of(scope: IConstruct): ArtifactBucket {
    const stack = topStackOf(scope);
    const known = stack.node.tryFindChild(ID);
    return known instanceof ArtifactBucket ? known : new ArtifactBucket(stack, ID);
  }

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true, // for those who run code from the bucket itself
      removalPolicy: RemovalPolicy.RETAIN,
    });
    protectObjects(this, '*');
    this.policy!.applyRemovalPolicy(RemovalPolicy.RETAIN); // else it would be open to deletion once the stack is gone
    (this.node.defaultChild as s3.CfnBucket).addMetadata('cdk_nag', {
      rules_to_suppress: [{
        id: 'AwsSolutions-S1',
        reason: 'Server access logs want a bucket of their own, which the account has or has not. Pass a bucket that has them as `bucket`',
      }],
    });
  }
}
