import * as path from 'node:path';
import {
  CustomResourceProvider, CustomResourceProviderRuntime, Duration, Lazy, Size, Stack, TagManager, TagType, type CfnResource, type CfnTag,
} from 'aws-cdk-lib';
import { CfnManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { PublicationPolicies } from './policies';
import { POLICY_SIZES, type PolicyStatement } from './role-policies';

export const RESOURCE_TYPE = 'Custom::PipSourcePublication';

/** One Lambda function in a stack publishes all of its artifacts, with a role that names only their buckets and prefixes. */
export class PublicationProvider {
  static of(scope: Construct): PublicationProvider {
    const provider = CustomResourceProvider.getOrCreateProvider(scope, RESOURCE_TYPE, {
      codeDirectory: path.join(__dirname, '..', 'bundled', 'handler'),
      runtime: CustomResourceProviderRuntime.NODEJS_22_X,
      memorySize: Size.mebibytes(1024),
      timeout: Duration.minutes(5),
      description: 'Publishes versioned Python source artifacts (cdk-pip-source-artifact)',
    });
    const known = PublicationProvider.known.get(provider) ?? new PublicationProvider(provider);
    PublicationProvider.known.set(provider, known);
    return known;
  }

  private static readonly known = new WeakMap<CustomResourceProvider, PublicationProvider>();

  private readonly policies: PublicationPolicies;
  /** Not there where its user has made it: `iam.Role.customizeRoles`. */
  private readonly role?: CfnResource;
  private readonly handler: CfnResource;
  /** The statements of the inline policy. The CDK has them: they are changed in place. */
  private readonly inline: PolicyStatement[] = [];
  private readonly managed: CfnManagedPolicy[] = [];

  private constructor(private readonly provider: CustomResourceProvider) {
    this.policies = new PublicationPolicies(Stack.of(provider));
    this.role = provider.node.tryFindChild('Role') as CfnResource | undefined;
    this.handler = provider.node.findChild('Handler') as CfnResource;
    for (const resource of [this.role, this.handler]) if (resource) makeTaggable(resource);
  }

  /** @returns the service token */
  allow(staging: s3.IBucket, bucket: s3.IBucket, prefix: string): string {
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

  private update(): string {
    const [inline, ...managed] = this.policies.render(this.role ? POLICY_SIZES : [Infinity]);
    this.setInline(inline);
    if (this.role) this.setManaged(this.role, managed);
    return this.provider.serviceToken;
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

/** The CDK makes them of no class of their own, so that `Tags.of(app)` passes over them. */
function makeTaggable(resource: CfnResource): void {
  const tags = new TagManager(TagType.STANDARD, resource.cfnResourceType);
  Object.assign(resource, { tags });
  const render = () => tags.renderTags()?.map(({ key, value }: CfnTag) => ({ Key: key, Value: value }));
  resource.addPropertyOverride('Tags', Lazy.uncachedAny({ produce: render }));
}
