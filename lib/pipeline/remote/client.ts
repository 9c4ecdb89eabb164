import type { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientLike } from '../model/publish';

/** The client as the SDK's own type, which the core uses. */
export function asS3Client(client: S3ClientLike): S3Client {
  return client as unknown as S3Client;
}

/** The client's region, for links to the console. */
export async function regionOf({ config: { region } }: S3ClientLike): Promise<string> {
  return typeof region === 'string' ? region : region();
}
