import { loadSdk } from '../core/publish/sdk';
import type { S3ClientLike } from '../pipeline/api';

export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
}

/** A client with the SDK's own chain of credentials and regions. The SDK is loaded now: not every command needs it. */
export async function openS3({ profile, region }: AwsOptions): Promise<S3ClientLike> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'; // the user of a command does not choose its SDK
  const { S3Client } = await loadSdk();
  // a server that is silent for a minute is asked again
  return new S3Client({ profile, region, followRegionRedirects: true, requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 } });
}
