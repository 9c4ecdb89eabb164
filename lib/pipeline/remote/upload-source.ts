import { asS3Client, regionOf } from './client';
import { checkEncryption, objectMetadata, objectTags, ownMetadata, type Labels } from '../../core/plan/object-labels';
import { publish } from '../../core/publish/publish';
import { SourceS3Layout } from '../functions/layout';
import type { PublishedSource, PublishOptions } from '../model/publish';
import type { Run } from '../run';

/** An artifact in memory. */
export interface SourceToUpload {
  readonly sourceVersion: string;
  readonly sourceSha256: string;
  readonly archive: Buffer;
  /** What it was built from and with, where that is known. */
  readonly provenance?: Labels;
}

/** Publish an artifact. */
export async function uploadSource(
  options: PublishOptions,
  source: SourceToUpload,
  { dryRun, signal, print }: Run,
): Promise<PublishedSource> {
  const { s3Client, s3DirLambda, metadata, tags, overwrite } = options;
  const { sourceVersion, sourceSha256, archive, provenance = {} } = source;
  const layout = new SourceS3Layout({ s3DirLambda });
  const place = layout.getSourceZip(sourceVersion);
  objectMetadata({ ...ownMetadata({ version: sourceVersion, sourceSha256, codeSha256: 'x'.repeat(44) }), ...provenance }, metadata);
  print(`Uploading Lambda source artifact to ${place.uri}`);
  const publication = {
    bucket: place.bucket,
    key: place.key,
    version: sourceVersion,
    sourceSha256,
    metadata: objectMetadata({}, metadata),
    tags: objectTags(tags),
    readProvenance: async () => provenance,
    encryption: { ServerSideEncryption: checkEncryption(options.serverSideEncryption), SSEKMSKeyId: options.sseKmsKeyId },
  };
  const result = await publish(asS3Client(s3Client), publication, async () => archive, { overwrite, dryRun, signal, log: print });
  const consoleUrl = layout.getConsoleUrl(sourceVersion, await regionOf(s3Client));
  print(`preview at ${consoleUrl}`);
  print(`outcome = ${result.outcome}`);
  return {
    outcome: result.outcome,
    sourceVersion,
    sourceSha256,
    codeSha256: result.codeSha256,
    ...place,
    consoleUrl,
    versionId: result.versionId,
  };
}
