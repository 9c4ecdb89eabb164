import type { S3Client, ServerSideEncryption } from '@aws-sdk/client-s3';
import { checkPackedHandler } from './packed-handler';
import { promote } from './promote';
import { readVersion, type WantedVersion } from './read-version';
import { ArtifactError } from '../../base/error';
import { attributeName, s3Url } from '../../plan/object-key';
import { attributeDigest, versionId, type PublishedVersionProperties } from '../../plan/published-version';
import { publisherClient } from '../client';
import { whileDenied, withDeadline, type LambdaContext } from '../deadline';
import type { PublicationResponse } from '../event';
import { inTemporaryFolder } from '../local-archive';
import { headObject } from '../object';
import { forReference, isStorageNew } from './reference';
import { explainOwner } from '../s3-errors';

export interface PublishedVersionEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: PublishedVersionProperties;
  /** Of an update. */
  readonly OldResourceProperties?: PublishedVersionProperties;
}

type OtherPlace = NonNullable<PublishedVersionProperties['From']>;

interface FoundVersion {
  readonly sourceSha256: string;
  readonly codeSha256: string;
  readonly versionId?: string;
}

/**
 * The other custom resource of the publishing function: a version that is published already has to be there, readable, and what is asked
 * for. Where it may come from another place, it is copied first.
 */
export async function handlePublishedVersion(event: PublishedVersionEvent, context?: LambdaContext): Promise<PublicationResponse> {
  const { RequestType, PhysicalResourceId, ResourceProperties: properties } = event;
  if (RequestType === 'Delete') return { PhysicalResourceId };
  const id = versionId(properties);
  const digest = attributeDigest(properties);
  const found = await find(properties, id === PhysicalResourceId && !isStorageNew(event), context);
  const named = (name: Parameters<typeof attributeName>[0]) => attributeName(name, digest);
  return {
    PhysicalResourceId: id,
    Data: {
      [named('Key')]: properties.Key,
      [named('SourceSha256')]: found?.sourceSha256 ?? properties.SourceSha256 ?? 'unknown',
      [named('CodeSha256')]: found?.codeSha256 ?? 'unknown',
      [named('VersionId')]: found?.versionId ?? 'null',
    },
  };
}

/** @param settled whether it is what was found last: CloudFormation goes back to it, and a failure would leave the stack stuck */
async function find(
  properties: PublishedVersionProperties, settled: boolean, context: LambdaContext | undefined,
): Promise<FoundVersion | undefined> {
  const { Bucket, Key } = properties;
  const place = s3Url(Bucket, Key);
  const s3 = publisherClient(properties);
  try {
    return await withDeadline(place, context, async (signal) => whileDenied(async () => forReference(s3, properties, async () => {
      if (properties.From) await copy(s3, properties, properties.From, signal);
      return check(s3, properties, signal);
    }, signal), signal));
  } catch (error) {
    if (!settled) {
      const told = explainOwner(error, properties.ExpectedBucketOwner);
      throw told instanceof ArtifactError ? told.at(told.where ?? place) : told;
    }
    const why = 'CloudFormation is told that all is well, because it asks for what it believes to be there';
    log(`${place}: ${why}: ${(error as Error).message}`);
    return undefined;
  } finally {
    s3.destroy();
  }
}

async function copy(
  s3: S3Client, properties: PublishedVersionProperties, { Bucket, Key }: OtherPlace, signal: AbortSignal,
): Promise<void> {
  const { ServerSideEncryption: algorithm, SSEKMSKeyId } = properties;
  const from = { ...wantedOf(properties), bucket: Bucket, key: Key };
  const to = { bucket: properties.Bucket, key: properties.Key };
  const encryption = { ServerSideEncryption: algorithm as ServerSideEncryption | undefined, SSEKMSKeyId };
  const [target, origin] = [s3Url(to.bucket, to.key), s3Url(Bucket, Key)];
  try {
    const { outcome } = await promote(s3, s3, { from, to, encryption }, { signal, log });
    log(`${target}: ${outcome}, from ${origin}`);
  } catch (error) {
    const isGone = error instanceof ArtifactError && error.trouble.reference === 'version-not-published';
    if (!isGone || !await headObject(s3, to, signal)) throw error;
    log(`${target}: there from an earlier deployment; ${origin} is gone`);
  }
}

async function check(s3: S3Client, properties: PublishedVersionProperties, signal: AbortSignal): Promise<FoundVersion> {
  return inTemporaryFolder(async (folder) => {
    const { head, file, sourceSha256, codeSha256 } = await readVersion(s3, wantedOf(properties), folder, signal);
    const { Handler, Bucket, Key } = properties;
    if (Handler !== undefined) {
      await checkPackedHandler(Handler, file).catch((error: Error) => {
        throw error instanceof ArtifactError ? error.at(s3Url(Bucket, Key)) : error;
      });
    }
    return { sourceSha256, codeSha256, versionId: head.VersionId };
  });
}

function wantedOf({ Bucket, Key, Version, SourceSha256 }: PublishedVersionProperties): WantedVersion {
  return { bucket: Bucket, key: Key, version: Version, sourceSha256: SourceSha256, named: '{prefix}' };
}

function log(line: string): void {
  console.log(line); // eslint-disable-line no-console
}
