import * as path from 'node:path';
import {
  CustomResource, CustomResourceProvider, CustomResourceProviderRuntime, Duration, RemovalPolicy, Size, Stack, type CfnResource,
} from 'aws-cdk-lib';
import { CfnManagedPolicy, type IRole } from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { lazyDependency } from './order';
import { PublicationPolicies } from './policies';
import { IAM_REASONS, suppressNag } from './publisher/nag';
import type { PublisherOptions } from './publisher/options';
import { publisherOptionsOf } from './publisher/publisher';
import { GivenRole } from './publisher/role';
import { applySettings, logGroupOf, makeTaggable } from './publisher/settings';
import { prepareBucket } from './reference-storage';
import { POLICY_SIZES, type PolicyStatement } from './role-policies';
import type { StagingBucket } from './staged-artifact';

export const RESOURCE_TYPE = 'Custom::PipSourcePublication';

interface PublishingResource {
  readonly resourceType: string;
  readonly serviceToken: string;
  readonly properties: object;
  /** What the function reads and writes. */
  readonly buckets: readonly s3.IBucket[];
}

/** One Lambda function in a stack publishes all of its artifacts, with a role that names only their buckets and prefixes. */
export class PublicationProvider {
  static of(scope: Construct): PublicationProvider {
    const stack = Stack.of(scope);
    const known = PublicationProvider.known.get(stack) ?? new PublicationProvider(stack, publisherOptionsOf(stack));
    PublicationProvider.known.set(stack, known);
    return known;
  }

  private static readonly known = new WeakMap<Stack, PublicationProvider>();

  /** A property of each custom resource: the account that must own its bucket. */
  readonly expectation: { readonly ExpectedBucketOwner?: string };

  private readonly provider: CustomResourceProvider;
  private readonly policies: PublicationPolicies;
  /** Not there where its user has made it: `iam.Role.customizeRoles`, or the option `role`. */
  private readonly role?: CfnResource;
  private readonly givenRole?: GivenRole;
  private readonly handler: CfnResource;
  /** The statements of the inline policy. The CDK has them: they are changed in place. */
  private readonly inline: PolicyStatement[] = [];
  private readonly managed: CfnManagedPolicy[] = [];

  private constructor(stack: Stack, options: PublisherOptions) {
    this.provider = CustomResourceProvider.getOrCreateProvider(stack, RESOURCE_TYPE, {
      codeDirectory: path.join(__dirname, '..', 'bundled', 'handler'),
      runtime: CustomResourceProviderRuntime.NODEJS_22_X,
      memorySize: Size.mebibytes(1024),
      timeout: Duration.minutes(5),
      description: 'Publishes versioned Python source artifacts (cdk-pip-source-artifact)',
    });
    this.expectation = options.expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: options.expectedBucketOwner };
    this.policies = new PublicationPolicies(stack);
    this.handler = this.provider.node.findChild('Handler') as CfnResource;
    const role = this.provider.node.tryFindChild('Role') as CfnResource | undefined;
    if (options.role) this.givenRole = this.takeRole(options.role, role);
    else this.role = role;
    for (const resource of [this.role, this.handler]) if (resource) makeTaggable(resource);
    if (this.role) {
      this.role.addPropertyDeletionOverride('ManagedPolicyArns'); // its own log group will do
      suppressNag(this.role, IAM_REASONS);
    }
    suppressNag(this.handler, {
      'AwsSolutions-L1': 'It runs on a Node.js that Lambda supports, and for which the library is tested; the oldest CDK that it supports '
        + 'knows no newer one',
    });
    this.applyOptions(options);
  }

  /** @returns the service token */
  allow(staging: StagingBucket, bucket: s3.IBucket, prefix: string): string {
    this.policies.allow(staging, bucket, prefix);
    return this.update();
  }

  /** @returns the service token */
  allowPublishing(bucket: s3.IBucket, prefix: string): string {
    this.policies.allowPublishing(bucket, prefix);
    return this.update();
  }

  /** @returns the service token */
  allowReading(bucket: s3.IBucket, prefix: string, actions: readonly string[]): string {
    this.policies.allowReading(bucket, prefix, actions);
    return this.update();
  }

  /** For code that Lambda runs from the bucket: that it keeps versions, and can be read in the one that runs. */
  allowReferring(bucket: s3.IBucket, prefix: string, user: Construct): void {
    prepareBucket(bucket, prefix, user);
    this.policies.allowBesides(['s3:GetBucketVersioning'], bucket.bucketArn);
    this.policies.allowBesides(['s3:GetObjectVersion'], bucket.arnForObjects(`${prefix}source/*`));
  }

  /** A custom resource that the function handles. What it has published outlives it. */
  newResource(scope: Construct, { buckets, properties, ...props }: PublishingResource): CustomResource {
    const resource = new CustomResource(scope, 'Resource', {
      ...props,
      serviceTimeout: Duration.minutes(6),
      removalPolicy: RemovalPolicy.RETAIN,
      properties: { ...properties },
    });
    // a policy may be added to a bucket after this
    for (const bucket of buckets) resource.node.addDependency(lazyDependency(() => bucket.policy));
    return resource;
  }

  private update(): string {
    const [inline, ...managed] = this.policies.render(this.policySizes);
    if (this.givenRole) this.givenRole.setStatements(inline);
    else this.setInline(inline);
    if (this.role) this.setManaged(this.role, managed);
    return this.provider.serviceToken;
  }

  /** Of a role that is made elsewhere it is not known what else it has. */
  private get policySizes(): readonly number[] {
    if (this.role) return POLICY_SIZES;
    return this.givenRole ? POLICY_SIZES.slice(0, 1) : [Infinity];
  }

  private takeRole(role: IRole, made: CfnResource | undefined): GivenRole {
    if (made) {
      this.handler.removeDependency(made);
      this.provider.node.tryRemoveChild(made.node.id);
    }
    this.handler.addPropertyOverride('Role', role.roleArn);
    return new GivenRole(this.provider, role, this.handler);
  }

  private applyOptions(options: PublisherOptions): void {
    const logGroup = logGroupOf(this.provider, options);
    this.handler.addPropertyOverride('LoggingConfig.LogGroup', logGroup.logGroupName);
    this.policies.allowBesides(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    if (options.vpc) this.policies.allowBesides(NETWORK_ACTIONS, '*');
    if (options.stagingKey) this.policies.allowBesides(['kms:Decrypt'], options.stagingKey.keyArn);
    applySettings(this.provider, this.handler, options);
  }

  /** The CDK has no way to take a statement back: what has become superfluous repeats a right that is there. */
  private setInline(statements: readonly PolicyStatement[]): void {
    const [{ Resource: [first], ...rest }] = statements;
    const spare = Array.from({ length: Math.max(0, this.inline.length - statements.length) }, () => ({ ...rest, Resource: [first] }));
    [...statements, ...spare].forEach((statement, i) => {
      const slot: Partial<PolicyStatement> = this.inline[i] ?? {};
      if (!this.inline[i]) this.provider.addToRolePolicy(slot);
      this.inline[i] = Object.assign(slot, { Condition: undefined }, statement);
    });
  }

  private setManaged(role: CfnResource, documents: readonly PolicyStatement[][]): void {
    documents.forEach((Statement, i) => {
      const policy = this.managed[i] ?? new CfnManagedPolicy(this.provider, `Policy${i + 1}`, { policyDocument: {}, roles: [role.ref] });
      if (!this.managed[i]) suppressNag(policy, IAM_REASONS);
      policy.policyDocument = { Version: '2012-10-17', Statement };
      this.managed[i] = policy;
      this.handler.addDependency(policy); // and what the function publishes waits for the function
    });
    for (const policy of this.managed.splice(documents.length)) {
      this.handler.removeDependency(policy);
      this.provider.node.tryRemoveChild(policy.node.id);
    }
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
];
