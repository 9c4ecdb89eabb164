import { Lazy, type CfnResource, type CustomResourceProvider } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IAM_REASONS, suppressNag } from './nag';
import type { PolicyStatement } from '../role-policies';

/** A role that is given to a publishing function. It gets a policy, unless it takes none. */
export class GivenRole {
  private statements: readonly PolicyStatement[] = [];

  constructor(provider: CustomResourceProvider, role: iam.IRole, handler: CfnResource) {
    const policy = new iam.Policy(provider, 'Policy', {
      // stands for what is set below: without a statement the CDK says that it is empty
      statements: [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })],
    });
    role.attachInlinePolicy(policy);
    const resource = policy.node.defaultChild as iam.CfnPolicy;
    resource.policyDocument = Lazy.uncachedAny({ produce: () => ({ Version: '2012-10-17', Statement: this.statements }) });
    suppressNag(resource, IAM_REASONS);
    handler.node.addDependency(policy);
  }

  setStatements(statements: readonly PolicyStatement[]): void {
    this.statements = statements;
  }
}
