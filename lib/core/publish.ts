import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { digestTree, sha256 } from './artifact-digest';
import { ArtifactError } from './artifact-error';
import { digestArchive } from './package-digest';
import { compareTrees, describeDifferences } from './publish-difference';
import { ownMetadata, type Labels } from './publish-labels';
import { s3Url } from './publish-object-key';

/** An artifact and its place in S3. */
export interface Publication {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly sourceSha256: string;
  readonly metadata?: Labels;
  readonly tags?: Labels;
}

export interface PublicationResult {
  readonly outcome: 'created' | 'unchanged';
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
 * @param readArchive gives the archive; not called when the content is there already
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function publish(s3: S3Client, publication: Publication, readArchive: () => Promise<Buffer>): Promise<PublicationResult> {
  const place = { Bucket: publication.bucket, Key: publication.key };
  try {
    for (let race = 0; race < LOST_RACES; race++) {
      const head = await headObject(s3, place);
      if (head) {
        if (await publishedSourceSha256(s3, place, head) !== publication.sourceSha256) throw await conflict(s3, publication, head, readArchive);
        return { outcome: 'unchanged', codeSha256: head.ChecksumSHA256, versionId: head.VersionId };
      }
      const archive = await readArchive();
      const found = digestTree(await digestArchive(archive));
      if (found !== publication.sourceSha256) throw wrongArchive(found, publication);
      const created = await createObject(s3, publication, archive);
      if (created) return created;
    }
  } catch (error) {
    throw explained(error, publication);
  }
  throw new ArtifactError({
    code: 'aws', problem: 'the object appeared and vanished while it was published', got: LOST_RACES, advice: 'try again, and see who deletes it',
  }, s3Url(publication.bucket, publication.key));
}

interface Place { readonly Bucket: string; readonly Key: string }

async function headObject(s3: S3Client, place: Place): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await s3.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }));
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function getObject(s3: S3Client, place: Place): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand(place));
  return Buffer.from(await Body!.transformToByteArray());
}

/**
 * The content of a published object. Its metadata says it, if the bytes are those that the metadata was written with; otherwise
 * the bytes do. Never the ETag: with KMS or in parts it is not a digest of the content.
 */
async function publishedSourceSha256(s3: S3Client, place: Place, { Metadata, ChecksumSHA256 }: HeadObjectCommandOutput): Promise<string | undefined> {
  if (Metadata?.source_sha256 && ChecksumSHA256 && Metadata.code_sha256 === ChecksumSHA256) return Metadata.source_sha256;
  const digests = await digestArchive(await getObject(s3, place)).catch(notAnArchive);
  return digests && digestTree(digests);
}

/** Nothing if another writer was first. */
async function createObject(s3: S3Client, publication: Publication, archive: Buffer): Promise<PublicationResult | undefined> {
  const { bucket, key, version, sourceSha256, metadata, tags } = publication;
  const codeSha256 = sha256(archive, 'base64');
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: archive,
    ContentType: 'application/zip',
    ChecksumAlgorithm: 'SHA256',
    ChecksumSHA256: codeSha256,
    Metadata: { ...ownMetadata({ version, sourceSha256, codeSha256 }), ...metadata },
    Tagging: tags && Object.keys(tags).length > 0 ? new URLSearchParams(tags).toString().replaceAll('+', '%20') : undefined,
  });
  // as a header: an SDK that is older than conditional writes drops the member IfNoneMatch without a word, and overwrites
  put.middlewareStack.add((next) => (args) => {
    (args.request as { headers: Record<string, string> }).headers['if-none-match'] = '*';
    return next(args);
  }, { step: 'build', name: 'ifNoneMatch' });
  try {
    const { VersionId } = await s3.send(put);
    return { outcome: 'created', codeSha256, versionId: VersionId };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'PreconditionFailed' || name === 'ConditionalRequestConflict') return undefined;
    throw error;
  }
}

async function conflict(
  s3: S3Client, { bucket, key, version, sourceSha256 }: Publication, { Metadata }: HeadObjectCommandOutput, readArchive: () => Promise<Buffer>,
): Promise<ArtifactError> {
  const [published, ours] = await Promise.all([
    getObject(s3, { Bucket: bucket, Key: key }).then(digestArchive).catch(notAnArchive),
    readArchive().then(digestArchive).catch(() => undefined), // it may be gone from the staging bucket
  ]);
  const before = published ? digestTree(published) : Metadata?.source_sha256 ?? 'unknown';
  const files = published && ours && describeDifferences(compareTrees(published, ours));
  return new ArtifactError({
    code: 'conflict',
    problem: `version ${version} is already published with other content, source_sha256 ${before}`,
    got: sourceSha256,
    advice: `give the project another version: a published version is never changed. ${files ? `Different: ${files}` : 'What is published is not a readable archive of ours'}`,
  }, s3Url(bucket, key));
}

function notAnArchive(error: unknown): undefined {
  if (statusOf(error) !== undefined) throw error; // S3's, not yauzl's
  return undefined;
}

function wrongArchive(found: string, { bucket, key, sourceSha256 }: Publication): ArtifactError {
  return new ArtifactError({
    code: 'build', problem: `the archive is not the one that was built, source_sha256 ${sourceSha256}`, got: found, advice: 'build it again',
  }, s3Url(bucket, key));
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** S3's refusals in the user's words. */
function explained(error: unknown, { bucket, key }: Publication): unknown {
  const { name } = error as Error;
  const where = s3Url(bucket, key);
  if (name === 'NoSuchBucket') {
    return new ArtifactError({ code: 'aws', problem: 'the bucket does not exist', got: bucket, advice: 'create it, or correct its name' }, where, { cause: error });
  }
  if (isAccessDenied(error)) {
    return new ArtifactError({
      code: 'aws',
      problem: 'S3 denied access',
      got: (error as Error).message,
      advice: `allow s3:GetObject, s3:PutObject and s3:PutObjectTagging on ${key.replace(/source\/[^/]+\/source\.zip$/, 'source/*')} and s3:ListBucket on the bucket; a bucket policy, a key policy or an SCP may deny it too`,
    }, where, { cause: error });
  }
  return error;
}

export function isAccessDenied(error: unknown): boolean {
  return statusOf(error) === 403;
}
