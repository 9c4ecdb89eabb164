import type { PublishFlags, S3Flags } from './options';
import { loadSdk } from '../core/publish/sdk';
import type { AwsClientLike, S3ClientLike } from '../pipeline/api';

type AwsFlags = Pick<S3Flags, 'profile' | 'region'>;

/** A client with the SDK's own chain of credentials and regions. The SDK is loaded now, because not every command needs it. */
export async function openS3({ profile, region }: AwsFlags): Promise<S3ClientLike> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'; // the user of a command does not choose its SDK
  const { S3Client } = await loadSdk();
  // a server that is silent for a minute is asked again
  return new S3Client({
    profile,
    region,
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  });
}

/** The client that looks for the functions that run a version. */
export async function openLambda({ profile, region }: AwsFlags): Promise<AwsClientLike> {
  const { LambdaClient } = await import('../pipeline/remote/lambda-sdk.js');
  return new LambdaClient({ profile, region });
}

/** The client that looks into stacks. */
export async function openCloudFormation({ profile, region }: AwsFlags): Promise<AwsClientLike> {
  const { CloudFormationClient } = await import('../pipeline/remote/cloudformation-sdk.js');
  return new CloudFormationClient({ profile, region });
}

/** The pipeline's options for the flags that name a folder in S3. */
export async function s3Options({ s3Dir, profile, region }: S3Flags) {
  return { s3Client: await openS3({ profile, region }), s3DirLambda: s3Dir };
}

/** The pipeline's options for the flags of a publication. */
export async function publishOptions({ metadata, tag, overwrite, sse, sseKmsKeyId, ...s3 }: PublishFlags) {
  return { ...await s3Options(s3), metadata, tags: tag, overwrite, serverSideEncryption: sse, sseKmsKeyId };
}
