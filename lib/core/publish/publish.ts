import type { HeadObjectCommandOutput, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { getObject, headObject, listKeys, putObject, type Place } from './object';
import { asking } from './s3-errors';
import { ArtifactError } from '../base/error';
import { digestTree, sha256, type FileDigest } from '../base/tree';
import { compareTrees, describeDifferences } from '../base/tree-difference';
import { digestArchive } from '../package/read-archive';
import { s3Url } from '../plan/object-key';
import { ownMetadata, type Labels } from '../plan/object-labels';

/** An artifact and its place in S3. */
export interface Publication extends Place {
  readonly version: string;
  readonly sourceSha256: string;
  readonly metadata?: Labels;
  readonly tags?: Labels;
  /** What the archive was built from and with. It becomes metadata of a written object, and is never compared. */
  readonly readProvenance?: () => Promise<Labels>;
}

export interface PublishSettings {
  /** Replace other content that is published. Never in a stack: its functions would not be updated. */
  readonly overwrite?: boolean;
  /** Say what would happen, and write nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
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
 * content is an error that names the files that differ. A conditional write decides between writers at the same time.
 *
 * @param readArchive gives the archive; not called if the content is published already
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function publish(
  s3: S3Client, publication: Publication, readArchive: () => Promise<Buffer>, options: PublishSettings = {},
): Promise<PublicationResult> {
  const { overwrite = false, dryRun = false, signal } = options;
  return asking({ s3, place: publication, permissions: permissionsOf(publication), signal }, async () => {
    for (let race = 0; race < LOST_RACES; race++) {
      const head = await headObject(s3, publication, signal);
      if (head && await publishedSourceSha256(s3, publication, head, signal) === publication.sourceSha256) {
        return { outcome: 'unchanged', codeSha256: head.ChecksumSHA256, versionId: head.VersionId };
      }
      if (head && !overwrite) throw await conflict(s3, publication, head, readArchive, signal);
      const archive = await readArchive();
      const found = digestTree(await digestArchive(archive));
      if (found !== publication.sourceSha256) throw wrongArchive(found, publication);

      const codeSha256 = sha256(archive, 'base64');
      const outcome = head ? 'overwritten' : 'created';
      if (dryRun) {
        if (!head) await listKeys(s3, publication.bucket, publication.key, signal); // tells a missing bucket from a missing object
        return { outcome, codeSha256 };
      }
      const condition = head ? { 'if-match': head.ETag! } : { 'if-none-match': '*' } as const;
      const provenance = await publication.readProvenance?.();
      const written = await putObject(s3, objectOf(publication, archive, codeSha256, provenance), condition, signal);
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

/** The needed permissions. One is to list the bucket: without it S3 answers "denied" instead of "not found". */
function permissionsOf({ key }: Place): string {
  return `s3:GetObject, s3:PutObject and s3:PutObjectTagging on ${key.replace(/source\/[^/]+\/source\.zip$/, 'source/*')} and s3:ListBucket on the bucket`;
}

/**
 * The digest of a published object's content. Its metadata is believed if the checksum says that the bytes are still those that it was
 * written with. Otherwise the bytes are read. The ETag is of no use: with KMS or in parts it is not a digest of the content.
 */
async function publishedSourceSha256(
  s3: S3Client, place: Place, { Metadata, ChecksumSHA256 }: HeadObjectCommandOutput, signal?: AbortSignal,
): Promise<string | undefined> {
  if (Metadata?.source_sha256 && ChecksumSHA256 && Metadata.code_sha256 === ChecksumSHA256) return Metadata.source_sha256;
  const object = await getObject(s3, place, signal);
  const digests = object && await tryDigest(object.content);
  return digests && digestTree(digests);
}

function objectOf(publication: Publication, archive: Buffer, codeSha256: string, provenance?: Labels): PutObjectCommandInput {
  const { bucket, key, version, sourceSha256, metadata, tags } = publication;
  return {
    Bucket: bucket,
    Key: key,
    Body: archive,
    ContentType: 'application/zip',
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: codeSha256,
    Metadata: { ...ownMetadata({ version, sourceSha256, codeSha256 }), ...provenance, ...metadata },
    Tagging: tags && Object.keys(tags).length > 0 ? new URLSearchParams(tags).toString().replaceAll('+', '%20') : undefined,
  };
}

async function conflict(
  s3: S3Client, publication: Publication, { Metadata }: HeadObjectCommandOutput, readArchive: () => Promise<Buffer>, signal?: AbortSignal,
): Promise<ArtifactError> {
  const { bucket, key, version, sourceSha256 } = publication;
  const [published, ours] = await Promise.all([
    getObject(s3, publication, signal).then((object) => object && tryDigest(object.content)),
    readArchive().then(tryDigest, () => undefined), // the staging bucket may have lost it
  ]);
  const before = published ? digestTree(published) : Metadata?.source_sha256 ?? 'unknown';
  const files = published && ours && describeDifferences(compareTrees(published, ours));
  const difference = files ? `Different: ${files}` : 'What is published is not a readable archive of ours';
  return new ArtifactError({
    reference: 'version-published',
    problem: `version ${version} is already published with other content, source_sha256 ${before}`,
    got: sourceSha256,
    advice: `give the project another version: a published version is never changed. ${difference}`,
  }, s3Url(bucket, key));
}

/** `undefined` if the bytes are no archive. */
async function tryDigest(archive: Buffer): Promise<FileDigest[] | undefined> {
  return digestArchive(archive).catch(() => undefined);
}

function wrongArchive(found: string, { bucket, key, sourceSha256 }: Publication): ArtifactError {
  return new ArtifactError({
    reference: 'archive-other',
    problem: `the archive is not the one that was built, source_sha256 ${sourceSha256}`,
    got: found,
    advice: 'build it again',
  }, s3Url(bucket, key));
}
