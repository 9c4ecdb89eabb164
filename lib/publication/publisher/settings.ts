import { Aws, RemovalPolicy, type CfnResource, type CustomResourceProvider } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { PublisherOptions } from './options';

/** The log group of a publishing function: that of the options, or one of its own. */
export function logGroupOf(provider: CustomResourceProvider, options: PublisherOptions): logs.ILogGroup {
  const { logGroup, logRetention = logs.RetentionDays.ONE_YEAR, logEncryptionKey: key } = options;
  if (logGroup) return logGroup;
  // a key that is imported has the policy that it has
  key?.grantEncryptDecrypt(new iam.ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`));
  return new logs.LogGroup(provider, 'Logs', {
    retention: logRetention,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, // who published what is to be found when the stack is gone
  });
}

/** Set what the CDK's provider of custom resources has no options for. */
export function applySettings(provider: CustomResourceProvider, handler: CfnResource, options: PublisherOptions): void {
  const { environment = {}, reservedConcurrentExecutions, vpc, vpcSubnets, securityGroups } = options;
  if (Object.keys(environment).length > 0) handler.addPropertyOverride('Environment.Variables', environment);
  handler.addPropertyOverride('ReservedConcurrentExecutions', reservedConcurrentExecutions);
  if (!vpc) return;
  const { subnetIds, internetConnectivityEstablished } = vpc.selectSubnets(vpcSubnets);
  const groups = securityGroups ?? [new ec2.SecurityGroup(provider, 'SecurityGroup', {
    vpc,
    description: 'Publishes versioned Python source artifacts',
  })];
  const SecurityGroupIds = groups.map(({ securityGroupId }) => securityGroupId);
  handler.addPropertyOverride('VpcConfig', { SubnetIds: subnetIds, SecurityGroupIds });
  handler.node.addDependency(internetConnectivityEstablished);
}
