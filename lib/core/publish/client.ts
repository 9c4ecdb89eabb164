import { S3Client } from '@aws-sdk/client-s3';

/** The publishing function's client. */
export function publisherClient(): S3Client {
  return new S3Client({
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 }, // milliseconds: a server that is silent is asked again
    logger: QUIET,
  });
}

/** The SDK warns of each stream that it does not send again: we do. */
const QUIET = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
