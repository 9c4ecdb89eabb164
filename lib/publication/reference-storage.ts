import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { isOther } from './bucket-access';
import { isProtectable, protectObjects } from './protection';
import { topStackOf } from '../app-state';
import { refusal } from '../core/base/error';

const READ_ACTIONS = ['s3:GetObject', 's3:GetObjectVersion'];
const ADMITTED = new WeakMap<s3.IBucket, Set<string>>();

/** Prepare a bucket for functions that run their code from it: Lambda may read it at any time, and nobody may take it away. */
export function prepareBucket(bucket: s3.IBucket, prefix: string, publication: Construct): void {
  for (const name of ['account', 'region'] as const) {
    const there = bucket.env[name];
    const here = Stack.of(publication)[name];
    if (!isOther(there, here)) continue;
    const advice = `publish to a bucket of ${name} ${here}, or leave out {storage}`;
    throw refusal('reference-bucket', `Lambda is to run the code from a bucket of another ${name}`, there, advice);
  }
  if (isVersioned(bucket) === false) {
    const advice = 'set versioned: true of the bucket, or leave out {storage}';
    throw refusal('bucket-unversioned', 'Lambda is to run the code from a bucket that keeps no versions', bucket.node.path, advice);
  }
  refuseLifecycle(bucket, `${prefix}source/`);
  const pattern = `${prefix}source/*`;
  admitLambda(bucket, pattern, publication);
  if (isProtectable(bucket)) protectObjects(bucket, pattern);
}

/** `undefined` if the bucket is not made by the app. */
function isVersioned(bucket: s3.IBucket): boolean | undefined {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof s3.CfnBucket)) return undefined;
  const configuration: unknown = Stack.of(resource).resolve(resource.versioningConfiguration);
  return (configuration as s3.CfnBucket.VersioningConfigurationProperty | undefined)?.status === 'Enabled';
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html */
function refuseLifecycle(bucket: s3.IBucket, folder: string): void {
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof s3.CfnBucket)) return;
  const configuration: unknown = Stack.of(resource).resolve(resource.lifecycleConfiguration);
  const { rules = [] } = (configuration ?? {}) as { readonly rules?: readonly s3.CfnBucket.RuleProperty[] };
  const harmful = rules.find((rule) => rule.status === 'Enabled' && isFor(rule, folder) && takesAway(rule));
  if (!harmful) return;
  const problem = 'Lambda is to run the code from a bucket whose lifecycle rule archives or deletes it';
  throw refusal('reference-lifecycle', problem, harmful.id ?? bucket.node.path, 'exempt source/* from the rule, or leave out {storage}');
}

/** Rules for other folders, or for objects with tags, which are somebody's choice, are left alone. */
function isFor({ prefix = '', tagFilters }: s3.CfnBucket.RuleProperty, folder: string): boolean {
  return tagFilters === undefined && (folder.startsWith(prefix) || prefix.startsWith(folder));
}

function takesAway(rule: s3.CfnBucket.RuleProperty): boolean {
  const transitions = [rule.transitions, rule.transition].flat().filter((item) => item !== undefined) as s3.CfnBucket.TransitionProperty[];
  const isArchived = transitions.some(({ storageClass }) => /GLACIER|DEEP_ARCHIVE/.test(storageClass));
  return isArchived || (rule.expirationInDays ?? rule.expirationDate) !== undefined;
}

function admitLambda(bucket: s3.IBucket, pattern: string, publication: Construct): void {
  const { account } = Stack.of(publication);
  const known = ADMITTED.get(bucket) ?? new Set();
  ADMITTED.set(bucket, known);
  const name = `${account} ${pattern}`;
  if (known.has(name)) return;
  const isFirst = known.size === 0;
  known.add(name);
  const allow = (actions: string[], resource: string) => new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('lambda.amazonaws.com')],
    actions,
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
  const statement = allow(READ_ACTIONS, bucket.arnForObjects(pattern));
  if (!bucket.addToResourcePolicy(statement).statementAdded) return warn(publication, statement);
  if (isFirst) bucket.encryptionKey?.addToResourcePolicy(allow(['kms:Decrypt'], '*'));
}

function warn(publication: Construct, statement: iam.PolicyStatement): void {
  Annotations.of(publication).addWarningV2(
    'cdk-pip-source-artifact:referenceStorage',
    'the bucket is imported: its policy has to let Lambda read the code for as long as a function runs it, and nobody may delete it\n'
    + JSON.stringify(Stack.of(publication).resolve(statement.toStatementJson())),
  );
}

/** The object's version is an attribute of the publication, which other stacks would import under a name that changes with the content. */
export function checkReachable(user: IConstruct, publication: IConstruct): void {
  if (topStackOf(user) === topStackOf(publication)) return;
  const problem = 'Lambda is to run the code from the bucket, for a function in another stack';
  const advice = 'make the artifact in the stack of its functions, or leave out {storage}';
  throw refusal('reference-other-stack', problem, user.node.path, advice);
}
