import { Stack, Token } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { isOther } from './bucket-access';
import type { PublicationProperties } from '../core/plan/publication';

type Encryption = Pick<PublicationProperties, 'ServerSideEncryption' | 'SSEKMSKeyId'>;

/**
 * What a write to the bucket names as its encryption, for policies that deny writes that do not name it: what the bucket does anyway,
 * where the app knows it. Of an imported bucket without a key it does not, and a guess might replace a key by a weaker default.
 */
export function encryptionOf(bucket: s3.IBucket, scope: Construct, given?: string): Encryption {
  const algorithm = given ?? algorithmOf(bucket);
  if (algorithm === undefined) return {};
  const key = algorithm.startsWith('aws:kms') ? bucket.encryptionKey : undefined;
  // one that the app makes in another account has no name here: the bucket's default holds, which is that key
  if (key && Token.isUnresolved(key.keyArn) && isOther(key.env.account, Stack.of(scope).account)) return {};
  return { ServerSideEncryption: algorithm, ...key ? { SSEKMSKeyId: key.keyArn } : {} };
}

function algorithmOf(bucket: s3.IBucket): string | undefined {
  const resource = bucket.node.defaultChild;
  const encryption: unknown = resource instanceof s3.CfnBucket ? Stack.of(bucket).resolve(resource.bucketEncryption) : undefined;
  const configured = encryption as s3.CfnBucket.BucketEncryptionProperty | undefined;
  const [rule] = Array.isArray(configured?.serverSideEncryptionConfiguration) ? configured.serverSideEncryptionConfiguration : [];
  const byDefault = (rule as s3.CfnBucket.ServerSideEncryptionRuleProperty | undefined)?.serverSideEncryptionByDefault;
  const algorithm = (byDefault as s3.CfnBucket.ServerSideEncryptionByDefaultProperty | undefined)?.sseAlgorithm;
  if (typeof algorithm === 'string') return algorithm;
  return bucket.encryptionKey ? 'aws:kms' : undefined;
}
