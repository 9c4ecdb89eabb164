import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { PUBLISH_ACTIONS } from './role-policies';
import { partitionOf } from '../core/plan/object-key';

/** A bucket that another account may need. */
export interface SharedBucket {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
  /** The artifact, which is warned where the bucket's policy is not the app's. */
  readonly construct: IConstruct;
}

/** What somebody of another account does. */
interface Access {
  readonly id: 'read' | 'publish' | 'verify' | 'copy';
  readonly who: string;
  /** On the artifacts. */
  readonly actions: readonly string[];
  /** On the bucket. */
  readonly bucketActions: readonly string[];
  /** On its key. */
  readonly keyActions: readonly string[];
}

export const READING: Access = {
  id: 'read', who: 'Lambda', actions: ['s3:GetObject'], bucketActions: [], keyActions: ['kms:Decrypt'],
};
export const PUBLISHING: Access = {
  id: 'publish',
  who: 'the publishing function',
  actions: PUBLISH_ACTIONS,
  bucketActions: ['s3:ListBucket'],
  keyActions: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** Of a version that is published already. */
export const VERIFYING: Access = {
  id: 'verify',
  who: 'the publishing function',
  actions: ['s3:GetObject'],
  bucketActions: ['s3:ListBucket'],
  keyActions: ['kms:Decrypt'],
};
/** Of a version that is copied to another place. */
export const COPYING: Access = { ...VERIFYING, id: 'copy', actions: ['s3:GetObject', 's3:GetObjectTagging'] };

/**
 * Both accounts must allow what goes from one to the other: the role of whoever asks, and the policies of the bucket and of its key. These
 * speak of the account, as the role's name is made at deploy.
 */
export function admitAccount({ bucket, prefix, construct }: SharedBucket, user: IConstruct, access: Access): void {
  const { account } = Stack.of(user);
  if (!isOther(account, bucket.env.account)) return;
  if (grantOnce(bucket, account, access, `${prefix}source/*`)) return;
  const ofKey = bucket.encryptionKey ? `, and that of its key ${access.keyActions.join(' and ')}` : '';
  Annotations.of(construct).addWarningV2(
    `cdk-pip-source-artifact:otherAccount:${access.id}:${account}`,
    `the bucket is of account ${bucket.env.account}: its policy has to allow ${access.who}, of account ${account}, what follows${ofKey}\n`
    + statementsOf(bucket, prefix, account, access).join('\n'),
  );
}

/** For the bucket's owner. */
function statementsOf(bucket: s3.IBucket, prefix: string, account: string, { actions, bucketActions }: Access): string[] {
  const partition = partitionOf(bucket.env.region);
  const arn = `arn:${partition}:s3:::${Token.isUnresolved(bucket.bucketName) ? '<bucket>' : bucket.bucketName}`;
  const parts: ReadonlyArray<readonly [readonly string[], string]> = [[actions, `${arn}/${prefix}source/*`], [bucketActions, arn]];
  return parts.filter(([list]) => list.length > 0)
    .map(([Action, Resource]) => JSON.stringify({ Effect: 'Allow', Principal: { AWS: account }, Action, Resource }));
}

/** More prefixes of a bucket than this are not named one by one: a bucket's policy has at most 20 KB. */
const MAX_PREFIXES = 50;
const GRANTS = new WeakMap<s3.IBucket, Map<string, Set<string>>>();

/** @returns whether the policies are those of the app, and could be added to */
function grantOnce(bucket: s3.IBucket, account: string, { id, actions, bucketActions, keyActions }: Access, pattern: string): boolean {
  const grants = GRANTS.get(bucket) ?? new Map<string, Set<string>>();
  GRANTS.set(bucket, grants);
  const patterns = grants.get(`${account} ${id}`) ?? new Set();
  const isFirst = patterns.size === 0;
  if (patterns.has(pattern) || patterns.size > MAX_PREFIXES) return true;
  const wanted = patterns.size === MAX_PREFIXES ? '*source/*' : pattern;
  const principals = [new iam.AccountPrincipal(account)];
  const allow = (list: readonly string[], resource: string) =>
    new iam.PolicyStatement({ actions: [...list], principals, resources: [resource] });
  if (!bucket.addToResourcePolicy(allow(actions, bucket.arnForObjects(wanted))).statementAdded) return false;
  grants.set(`${account} ${id}`, patterns.add(pattern));
  if (!isFirst) return true;
  if (bucketActions.length > 0) bucket.addToResourcePolicy(allow(bucketActions, bucket.bucketArn));
  return bucket.encryptionKey?.addToResourcePolicy(allow(keyActions, '*')).statementAdded ?? true;
}

/** What is not known at synth counts as the same. */
export function isOther(value: string, other: string): boolean {
  return !Token.isUnresolved(value) && !Token.isUnresolved(other) && value !== other;
}
