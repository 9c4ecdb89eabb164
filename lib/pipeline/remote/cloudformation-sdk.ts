// the commands alone: the rest of the SDK stays out of the bundle
export { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
