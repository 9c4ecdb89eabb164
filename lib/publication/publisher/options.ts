import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';

/** Options of the Lambda function that publishes the artifacts of a stack. */
export interface PublisherOptions {
  /**
   * The log group of the function.
   *
   * @default - one of its own, which stays when the stack is destroyed
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * How long what the function logs is kept, in its own log group.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The key that encrypts its own log group. The policy of a key of this app is extended for CloudWatch Logs.
   *
   * @default - the key of CloudWatch Logs
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   */
  readonly logEncryptionKey?: kms.IKey;

  /**
   * The network that the function runs in. It needs a way to S3, such as a gateway endpoint, and to nothing else: CloudFormation's answers
   * go to S3 too.
   *
   * @default - none: the function runs outside of your networks
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of `vpc` that the function runs in.
   *
   * @default - the private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the function, in `vpc`.
   *
   * @default - one of its own, which lets nothing in and all out
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Environment variables of the function, such as `AWS_USE_FIPS_ENDPOINT`. Those that Lambda sets itself are refused.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
   */
  readonly environment?: { [name: string]: string };

  /**
   * How many may run at once, for accounts that want it to be said. With less than the artifacts of the stack, some are published later.
   *
   * @default - the account's concurrency
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * The account that must own the buckets, 12 digits: S3 refuses each request to one that is somebody else's.
   *
   * @default - not checked
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
   */
  readonly expectedBucketOwner?: string;

  /**
   * The role of the function, which Lambda must be allowed to assume. It gets the rights that are needed, unless it is imported with
   * `mutable: false` or given `withoutPolicyUpdates()`.
   *
   * @default - one of its own, with these rights and no other
   */
  readonly role?: iam.IRole;

  /**
   * The key of the CDK's staging bucket, where it is your own and the synthesizer does not tell: the function may decrypt with it.
   *
   * @default - the key that the synthesizer tells, if it does
   * @see https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
   */
  readonly stagingKey?: kms.IKey;
}
