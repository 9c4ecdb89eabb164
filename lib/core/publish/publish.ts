import * as path from 'node:path';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { alignLabels, type LabelSettings, type WantedLabels } from './labels';
import { codeSha256Of, contentOf, downloadTo, inTemporaryFolder, sizeOf, tryDigest, type LocalArchive } from './local-archive';
import { listKeys, putObject, type ObjectHead } from './object';
import { asking } from './s3-errors';
import { ArtifactError, type Trouble } from '../base/error';
import { digestTree, type FileDigest } from '../base/tree';
import { compareTrees, describeDifferences } from '../base/tree-difference';
import { digestArchive } from '../package/read-archive';
import { s3Url, type Place } from '../plan/object-key';
import { ownMetadata, type Labels } from '../plan/object-labels';

/** An artifact and its place in S3. */
export interface Publication extends WantedLabels {
  readonly version: string;
  readonly sourceSha256: string;
  /** What the archive was built from and with: metadata of an object that is written, not part of what is compared. */
  readonly readProvenance?: () => Promise<Labels>;
  /** Short digests of the bytecode that belongs to the archive, when that was read; nothing if they are not known. */
  readonly bytecodeDigests?: () => string | undefined;
  /** For buckets whose policy wants it named; else the bucket's default. */
  readonly encryption?: Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>;
}

export interface PublishSettings extends LabelSettings {
  /** Replace what is published with other content. Never in a stack: its functions would not be updated. */
  readonly overwrite?: boolean;
}

export interface PublicationResult {
  readonly outcome: 'created' | 'unchanged' | 'overwritten';
  /** Of the published archive's bytes, base64. */
  readonly codeSha256?: string;
  /** In a bucket with versioning. */
  readonly versionId?: string;
}

const LOST_RACES = 3;

/**
 * Stage 3: put an artifact at its place. One version is one content, for ever: the same content again changes nothing, other
 * content is an error that names the files that differ. A conditional write decides between writers at the same time. What is there is
 * read: metadata may be anybody's.
 *
 * @param readArchive gives the archive; not called when the content is there already
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function publish(
  s3: S3Client, publication: Publication, readArchive: () => Promise<LocalArchive>, options: PublishSettings = {},
): Promise<PublicationResult> {
  const { overwrite = false, dryRun = false, signal } = options;
  return asking({ s3, place: publication, permissions: permissionsOf(publication), signal }, async () => {
    for (let race = 0; race < LOST_RACES; race++) {
      const published = await readPublished(s3, publication, signal);
      if (published?.sourceSha256 === publication.sourceSha256) {
        await alignLabels(s3, publication, published.head.Metadata, options);
        return { outcome: 'unchanged', codeSha256: published.codeSha256, versionId: published.head.VersionId };
      }
      if (published && !overwrite) throw await conflict(publication, published, readArchive);
      const archive = await readArchive();
      const files = await tryDigest(archive, publication.bytecodeDigests?.());
      if (!Array.isArray(files) || digestTree(files) !== publication.sourceSha256) throw wrongArchive(files, publication);

      const codeSha256 = await codeSha256Of(archive);
      const outcome = published ? 'overwritten' : 'created';
      if (dryRun) {
        if (!published) await listKeys(s3, publication.bucket, publication.key, signal); // tells a missing bucket from a missing object
        return { outcome, codeSha256 };
      }
      const condition = published ? { 'if-match': published.head.ETag! } : { 'if-none-match': '*' } as const;
      const provenance = await publication.readProvenance?.();
      const input = { ...describeObject(publication, codeSha256, provenance), ContentLength: sizeOf(archive) };
      const written = await putObject(s3, input, () => contentOf(archive), condition, signal);
      if (written) return { outcome, codeSha256, ...written };
    }
    throw new ArtifactError({
      reference: 'publish-raced',
      problem: 'others changed the object while it was published',
      got: LOST_RACES,
      advice: 'try again, and see who writes or deletes it',
    }, s3Url(publication.bucket, publication.key));
  });
}

/** The actions on the object, and the listing of the bucket: without it S3 says "denied" for "not there". */
export function permissionsOf({ key, tags = {} }: Pick<Publication, 'key' | 'tags'>): string {
  const tagging = Object.keys(tags).length > 0 ? ', s3:GetObjectTagging, s3:PutObjectTagging' : '';
  const objects = key.replace(/source\/[^/]+\/source\.zip$/, 'source/*');
  return `s3:GetObject, s3:PutObject${tagging} on ${objects} and s3:ListBucket on the bucket`;
}

/** What is published, by its bytes. */
export interface PublishedContent {
  readonly head: ObjectHead;
  /** Of the bytes, base64; not there for what is too large to be an archive of ours. */
  readonly codeSha256?: string;
  /** Not there for what is not a readable archive. */
  readonly files?: readonly FileDigest[];
  /** Of an archive whose bytecode is not of its sources. */
  readonly damage?: Trouble;
  readonly sourceSha256?: string;
}

/** Read what is published; nothing if nothing is. A few megabytes are in memory at a time. */
export async function readPublished(s3: S3Client, place: Place, signal?: AbortSignal): Promise<PublishedContent | undefined> {
  return inTemporaryFolder(async (folder) => {
    const file = path.join(folder, 'published.zip');
    const found = await downloadTo(file, s3, place, signal);
    if (!found?.isRead) return found && { head: found.head };
    const files = await tryDigest(file);
    const read = { head: found.head, codeSha256: await codeSha256Of(file) };
    if (files instanceof ArtifactError) return { ...read, damage: files.trouble };
    return { ...read, files, sourceSha256: files && digestTree(files) };
  });
}

function describeObject(publication: Publication, codeSha256: string, provenance?: Labels): Omit<PutObjectCommandInput, 'Body'> {
  const { bucket, key, version, sourceSha256, metadata, tags, encryption } = publication;
  return {
    Bucket: bucket,
    Key: key,
    ContentType: 'application/zip',
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: codeSha256,
    Metadata: { ...ownMetadata({ version, sourceSha256, codeSha256 }), ...provenance, ...metadata },
    Tagging: tags && Object.keys(tags).length > 0 ? new URLSearchParams(tags).toString().replaceAll('+', '%20') : undefined,
    ...encryption,
  };
}

async function conflict(
  { bucket, key, version, sourceSha256 }: Publication,
  { head: { Metadata }, files: published, damage, sourceSha256: before }: PublishedContent,
  readArchive: () => Promise<LocalArchive>,
): Promise<ArtifactError> {
  const ours = await readArchive().then(digestArchive).catch(() => undefined); // it may be gone from the staging bucket
  const differences = published && ours && `Different: ${describeDifferences(compareTrees(published, ours))}`;
  const unreadable = damage ? `What is published was changed: ${damage.problem}, ${String(damage.got)}`
    : 'What is published is not a readable archive of ours';
  const incomparable = published ? 'The archive of this deployment is gone, so the files cannot be compared' : unreadable;
  return new ArtifactError({
    reference: 'version-published',
    problem: `version ${version} is already published with other content, source_sha256 ${before ?? Metadata?.source_sha256 ?? 'unknown'}`,
    got: sourceSha256,
    advice: `give the project another version: a published version is never changed. ${differences ?? incomparable}`,
  }, s3Url(bucket, key));
}

function wrongArchive(files: FileDigest[] | ArtifactError | undefined, { bucket, key, sourceSha256 }: Publication): ArtifactError {
  if (files instanceof ArtifactError) return files.at(s3Url(bucket, key));
  return new ArtifactError({
    reference: 'archive-other',
    problem: files
      ? `the archive is not the one that was built, source_sha256 ${sourceSha256}`
      : `the archive of source_sha256 ${sourceSha256} is damaged`,
    got: files && digestTree(files),
    advice: 'build it again',
  }, s3Url(bucket, key));
}
