import type { CfnResource } from 'aws-cdk-lib';

/**
 * Why a rule of cdk-nag does not hold for a resource of ours, as its metadata: the library does not need cdk-nag.
 *
 * @see https://github.com/cdklabs/cdk-nag#suppressing-a-rule
 */
export function suppressNag(resource: CfnResource, reasons: Readonly<Record<string, string>>): void {
  resource.addMetadata('cdk_nag', { rules_to_suppress: Object.entries(reasons).map(([id, reason]) => ({ id, reason })) });
}

export const IAM_REASONS = {
  'AwsSolutions-IAM5': 'It may read all that the CDK stages, whose keys change with each content; create objects below <prefix>source/ '
    + 'alone, whose keys have the version; and make network interfaces, if it is in a VPC, which have no name before they are there',
};
