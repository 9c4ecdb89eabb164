import { ArtifactError } from '../base/error';

type Sdk = typeof import('./s3-sdk.js');

/**
 * Load the SDK when it is first needed: `build` and `package` do without it. It is the user's own copy, because the client is the
 * user's: a client fails with commands of a copy that is much older or newer (measured: 3.800 in 3.621 fails, today's in 3.800 fails).
 */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('./s3-sdk.js');
  } catch (cause) {
    if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new ArtifactError({
      reference: 'sdk-missing', problem: 'the AWS SDK is not installed', advice: 'add it to your project: npm install @aws-sdk/client-s3',
    }, undefined, { cause });
  }
}

/** Whether a client is of another copy of the SDK than the commands that it is sent. */
export async function isForeign(client: unknown): Promise<boolean> {
  const { S3Client } = await loadSdk();
  return !(client instanceof S3Client);
}
