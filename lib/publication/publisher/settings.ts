import {
  Aws, CfnResource, Lazy, RemovalPolicy, TagManager, TagType, Token, type CfnTag, type CustomResourceProvider,
} from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { PublisherOptions } from './options';

const ONE_YEAR = 365; // days
const INFINITE = 9999; // what RetentionDays.INFINITE is

/**
 * The log group of a publishing function: that of the options, or one of its own. This is no `logs.LogGroup`, as the provider's function is
 * no `lambda.Function`: nothing that an app loads for its artifacts would take longer than the CDK's module of logs.
 */
export function logGroupOf(
  provider: CustomResourceProvider, options: PublisherOptions,
): Pick<logs.ILogGroup, 'logGroupName' | 'logGroupArn'> {
  const { logGroup, logRetention = ONE_YEAR, logEncryptionKey: key } = options;
  if (logGroup) return logGroup;
  // a key that is imported has the policy that it has
  key?.grantEncryptDecrypt(new iam.ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`));
  const group = new CfnResource(new Construct(provider, 'Logs'), 'Resource', {
    type: 'AWS::Logs::LogGroup',
    properties: { RetentionInDays: logRetention === INFINITE ? undefined : logRetention, KmsKeyId: key?.keyArn },
  });
  makeTaggable(group);
  group.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE); // who published what is to be found when the stack is gone
  return { logGroupName: group.ref, logGroupArn: Token.asString(group.getAtt('Arn')) };
}

/** The CDK makes them of no class of their own, so that `Tags.of(app)` passes over them. */
export function makeTaggable(resource: CfnResource): void {
  const tags = new TagManager(TagType.STANDARD, resource.cfnResourceType, undefined, { tagPropertyName: 'Tags' });
  Object.assign(resource, { tags });
  // the classes of the CDK write the names of properties in capitals
  const render = () => tags.renderTags()?.map(({ key, value }: CfnTag) => ({ Key: key, Value: value }));
  resource.addPropertyOverride('Tags', Lazy.uncachedAny({ produce: render }));
}

/** Set what the CDK's provider of custom resources has no options for. */
export function applySettings(provider: CustomResourceProvider, handler: CfnResource, options: PublisherOptions): void {
  const { environment = {}, reservedConcurrentExecutions, vpc, vpcSubnets, securityGroups } = options;
  if (Object.keys(environment).length > 0) handler.addPropertyOverride('Environment.Variables', environment);
  handler.addPropertyOverride('ReservedConcurrentExecutions', reservedConcurrentExecutions);
  if (!vpc) return;
  const { subnetIds, internetConnectivityEstablished } = vpc.selectSubnets(vpcSubnets);
  const { SecurityGroup } = require('aws-cdk-lib/aws-ec2') as typeof ec2; // eslint-disable-line @typescript-eslint/no-require-imports
  const groups = securityGroups ?? [new SecurityGroup(provider, 'SecurityGroup', {
    vpc,
    description: 'Publishes versioned Python source artifacts',
  })];
  const SecurityGroupIds = groups.map(({ securityGroupId }) => securityGroupId);
  handler.addPropertyOverride('VpcConfig', { SubnetIds: subnetIds, SecurityGroupIds });
  handler.node.addDependency(internetConnectivityEstablished);
}
