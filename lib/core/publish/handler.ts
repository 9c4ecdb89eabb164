import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { getObject, type Place } from './object';
import { publish } from './publish';
import { asking, isAccessDenied } from './s3-errors';
import { ArtifactError } from '../base/error';
import { attributeName, s3Url } from '../plan/object-key';
import type { PublicationProperties } from '../plan/publication';

export interface PublicationEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: PublicationProperties;
}

export interface PublicationResponse {
  readonly PhysicalResourceId?: string;
  readonly Data?: Readonly<Record<string, string | undefined>>;
}

/** The Lambda function behind the custom resource. It publishes the archive that `cdk deploy` staged. */
export async function handler(event: PublicationEvent): Promise<PublicationResponse> {
  try {
    return await respond(event);
  } catch (error) {
    // the CDK's framework sends the stack trace to CloudFormation, which shows it to the user, who needs the message
    if (error instanceof ArtifactError) error.stack = error.message;
    throw error;
  }
}

async function respond(event: PublicationEvent): Promise<PublicationResponse> {
  if (event.RequestType === 'Delete') return { PhysicalResourceId: event.PhysicalResourceId }; // a published version outlives its stack
  const { Bucket, Key, Version, SourceSha256, StagedBucket, StagedKey, StagedProvenanceKey, Metadata, Tags } = event.ResourceProperties;
  const s3 = new S3Client({ followRegionRedirects: true });
  const readStaged = async (key: string) => readObject(s3, { bucket: StagedBucket, key });
  const publication = {
    bucket: Bucket,
    key: Key,
    version: Version,
    sourceSha256: SourceSha256,
    metadata: Metadata,
    tags: Tags,
    readProvenance: async () => JSON.parse((await readStaged(StagedProvenanceKey)).toString()),
  };
  const { outcome, codeSha256, versionId } = await whileDenied(() => publish(s3, publication, async () => readStaged(StagedKey)));
  return {
    PhysicalResourceId: s3Url(Bucket, Key),
    Data: {
      Outcome: outcome,
      CodeSha256: codeSha256,
      [attributeName('Key', SourceSha256)]: Key,
      [attributeName('VersionId', SourceSha256)]: versionId ?? 'null',
    },
  };
}

async function readObject(s3: S3Client, place: Place): Promise<Buffer> {
  const object = await asking({ s3, place, permissions: 's3:GetObject on the staging bucket' }, async () => getObject(s3, place));
  if (object) return object.content;
  throw new ArtifactError({
    reference: 'staged-archive-gone',
    problem: 'the staged archive is gone',
    got: place.key,
    advice: 'deploy again: cdk deploy stages it anew',
  }, s3Url(place.bucket, place.key));
}

const PAUSES = [1, 2, 4, 8, 15]; // seconds

/** Try again while access is denied: a new role is not known everywhere at once. */
export async function whileDenied<T>(action: () => Promise<T>, pauses: readonly number[] = PAUSES): Promise<T> {
  for (const pause of pauses) {
    try {
      return await action();
    } catch (error) {
      if (!isAccessDenied((error as Error).cause ?? error)) throw error;
      await sleep(pause * 1000);
    }
  }
  return action();
}
