import * as path from 'node:path';
import type { S3Client, ServerSideEncryption } from '@aws-sdk/client-s3';
import { publisherClient } from './client';
import { whileDenied, withDeadline, type LambdaContext } from './deadline';
import { demandOf, isWayBack, rememberRefusal, type PublicationEvent, type PublicationResponse } from './event';
import { alignLabels } from './labels';
import { inTemporaryFolder } from './local-archive';
import { headObject } from './object';
import { publish, readPublished, type Publication, type PublicationResult } from './publish';
import { explainOwner } from './s3-errors';
import { StagedArchive } from './staged';
import { handlePublishedVersion, type PublishedVersionEvent } from './version/handler';
import { forReference, isStorageNew } from './version/reference';
import { ArtifactError } from '../base/error';
import type { Reference } from '../base/references';
import { attributeName, s3Url } from '../plan/object-key';
import { physicalId } from '../plan/publication';

/** The Lambda function behind the custom resources: publishes what `cdk deploy` staged, and looks for what is published. */
export async function handler(event: PublicationEvent | PublishedVersionEvent, context?: LambdaContext): Promise<PublicationResponse> {
  try {
    return isOfStaged(event) ? await handlePublication(event, context) : await handlePublishedVersion(event, context);
  } catch (error) {
    // the CDK's framework sends the stack to CloudFormation, which shows it: the user needs the message
    if (error instanceof ArtifactError) error.stack = error.message;
    throw error;
  }
}

function isOfStaged(event: PublicationEvent | PublishedVersionEvent): event is PublicationEvent {
  return 'StagedKey' in event.ResourceProperties;
}

async function handlePublication(event: PublicationEvent, context?: LambdaContext): Promise<PublicationResponse> {
  if (event.RequestType === 'Delete') return { PhysicalResourceId: event.PhysicalResourceId }; // a published version outlives its stack
  const { Key, SourceSha256 } = event.ResourceProperties;
  try {
    const { outcome, codeSha256, versionId } = await respond(event, context);
    return {
      PhysicalResourceId: physicalId(event.ResourceProperties),
      Data: {
        Outcome: outcome,
        CodeSha256: codeSha256,
        [attributeName('Key', SourceSha256)]: Key,
        [attributeName('VersionId', SourceSha256)]: versionId ?? 'null',
      },
    };
  } catch (error) {
    rememberRefusal(event);
    throw error;
  }
}

async function respond(event: PublicationEvent, context?: LambdaContext): Promise<PublicationResult> {
  const { Bucket, Key, StagedBucket, StagedKey, ExpectedBucketOwner } = event.ResourceProperties;
  const demand = demandOf(event);
  const place = s3Url(Bucket, Key);
  const s3 = publisherClient(event.ResourceProperties);
  try {
    return await withDeadline(place, context, async (signal) => inTemporaryFolder(async (folder) => {
      const staged = new StagedArchive(s3, { bucket: StagedBucket, key: StagedKey }, path.join(folder, 'staged.zip'), signal);
      const attempt = { s3, event, publication: publicationOf(event, staged), staged, signal };
      return whileDenied(async () => forReference(s3, event.ResourceProperties, async () => {
        if (demand === 'settled') return look(attempt);
        return demand === 'replaced' ? refuse(attempt) : publishStaged(attempt);
      }, signal), signal);
    }));
  } catch (error) {
    if (demand !== 'settled' || isStorageNew(event)) throw explainOwner(error, ExpectedBucketOwner);
    const why = 'nothing was done, and CloudFormation is told that all is well, because it asks for what it believes to be there';
    log(`${place}: ${why}: ${(error as Error).message}`);
    return { outcome: 'unchanged' };
  } finally {
    s3.destroy();
  }
}

interface Attempt {
  readonly s3: S3Client;
  readonly event: PublicationEvent;
  readonly publication: Publication;
  readonly staged: StagedArchive;
  readonly signal: AbortSignal;
}

function publicationOf({ ResourceProperties, OldResourceProperties: old }: PublicationEvent, staged: StagedArchive): Publication {
  const { Bucket, Key, Version, SourceSha256, Metadata, Tags, ServerSideEncryption: algorithm, SSEKMSKeyId } = ResourceProperties;
  return {
    bucket: Bucket,
    key: Key,
    version: Version,
    sourceSha256: SourceSha256,
    metadata: Metadata,
    tags: Tags,
    formerTags: old && s3Url(old.Bucket, old.Key) === s3Url(Bucket, Key) ? old.Tags : undefined,
    encryption: { ServerSideEncryption: algorithm as ServerSideEncryption | undefined, SSEKMSKeyId },
    readProvenance: async () => staged.record,
    bytecodeDigests: () => staged.bytecodeDigests,
  };
}

const DAMAGED = new Set<Reference>(['archive-other', 'bytecode-damaged']);

async function publishStaged({ s3, publication, staged, signal }: Attempt, dryRun = false): Promise<PublicationResult> {
  try {
    return await publish(s3, publication, async () => staged.read(), { signal, dryRun, log: dryRun ? undefined : log });
  } catch (error) {
    throw error instanceof ArtifactError && DAMAGED.has(error.trouble.reference) ? staged.damaged(error) : error;
  }
}

/** Nothing of the content is new: put back what is gone, and set the tags. */
async function look(attempt: Attempt): Promise<PublicationResult> {
  const { s3, event, publication, signal } = attempt;
  const place = s3Url(publication.bucket, publication.key);
  const head = await headObject(s3, publication, signal);
  if (!head) {
    const result = await publishStaged(attempt);
    log(`${place}: the published object was gone, and is put back`);
    return result;
  }
  if (isWayBack(event)) {
    const published = await readPublished(s3, publication, signal);
    if (published?.sourceSha256 !== publication.sourceSha256) {
      const found = `source_sha256 is ${published?.sourceSha256 ?? 'not to be told'}`;
      log(`${place}: ${found}, and CloudFormation goes back to ${publication.sourceSha256}; what is published stays`);
    }
  }
  await alignLabels(s3, publication, head.Metadata, { signal, log });
  return { outcome: 'unchanged', codeSha256: head.ChecksumSHA256 ?? head.Metadata?.code_sha256, versionId: head.VersionId };
}

/** Other content under a version that runs: CloudFormation would not update the functions, whose key stays. */
async function refuse(attempt: Attempt): Promise<never> {
  const { bucket, key, version, sourceSha256 } = attempt.publication;
  const { outcome } = await publishStaged(attempt, true); // fails for other content that is there, with the files that differ
  const there = outcome === 'created' ? 'its object was deleted' : 'its object was replaced by this content';
  throw new ArtifactError({
    reference: 'version-deployed',
    problem: `version ${version} is deployed with other content, and ${there}`,
    got: sourceSha256,
    advice: 'give the project another version: CloudFormation does not update functions whose key stays the same',
  }, s3Url(bucket, key));
}

function log(line: string): void {
  console.log(line); // eslint-disable-line no-console
}
