import { readFile } from './archive';
import type { S3ClientLike } from './client';
import type { S3Place } from './layout';
import { uploadSource } from './publish-upload';
import { run, type RunOptions } from './run';
import { ArtifactError } from '../core/base/error';

/** Where and how an artifact is published. */
export interface PublishOptions {
  /** The client that publishes, with your region and credentials. */
  readonly s3Client: S3ClientLike;

  /** The folder in S3, `s3://bucket/lambda/`: the object is `<s3DirLambda>source/<version>/source.zip`. */
  readonly s3DirLambda: string;

  /**
   * More metadata of the object; names are stored in lower case. With the library's own at most 2 KB.
   *
   * @default - the library's own: `source_version`, `source_sha256` and `code_sha256`, and of a build `source_name`, `git_commit` and `built_with`
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
   */
  readonly metadata?: Readonly<Record<string, string>>;

  /**
   * Tags of the object, at most 10.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tags?: Readonly<Record<string, string>>;

  /**
   * Replace other content under the same version. Functions that run it go on with the old code until they are updated.
   *
   * @default false
   */
  readonly overwrite?: boolean;
}

export interface UploadSourceOptions extends PublishOptions, RunOptions {
  /** The version under which it is published, a PEP 440 or SemVer version. */
  readonly sourceVersion: string;
  /** What the archive's content must be, as `createSourceZip` gives it. */
  readonly sourceSha256: string;
  /** The archive. */
  readonly pathSourceZip: string;
}

/** What happened, and where the artifact is. */
export interface PublishedSource extends S3Place {
  /** `unchanged`: the same content was there already, and stays as it is. */
  readonly outcome: 'created' | 'unchanged' | 'overwritten';
  readonly sourceVersion: string;
  readonly sourceSha256: string;
  /** Of the published bytes, base64; not there when somebody else put the same content there without a checksum. */
  readonly codeSha256?: string;
  /** The object's page in the AWS console. */
  readonly consoleUrl: string;
  /** The object's version, in a bucket with versioning. */
  readonly versionId?: string;
}

/**
 * Step 3: publish an archive under its version. One version is one content, for ever: the same content again changes nothing, other
 * content is refused, and of writers at the same time one wins.
 *
 * Needs `s3:GetObject` and `s3:PutObject` on `<folder>source/*` (with tags also `s3:PutObjectTagging`) and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage` (an option), `build` (the archive is not that of `sourceSha256`), `conflict` (other content is
 * published under this version: the message names the files that differ) or `aws` (no credentials, no bucket, denied, …)
 */
export async function uploadSourceArtifacts(options: UploadSourceOptions): Promise<PublishedSource> {
  return run('uploadSourceArtifacts', options, async (current) => {
    const { sourceVersion, sourceSha256, pathSourceZip, s3DirLambda } = options;
    if (!/^[0-9a-f]{64}$/.test(sourceSha256)) {
      throw new ArtifactError({
        code: 'usage', problem: 'sourceSha256 is not a SHA-256 digest', got: sourceSha256, advice: 'give the one of createSourceZip',
      });
    }
    current.printValues('Uploading Lambda source artifacts to S3', { sourceVersion, sourceSha256, pathSourceZip, s3DirLambda });
    return uploadSource(options, { sourceVersion, sourceSha256, archive: readFile('pathSourceZip', pathSourceZip) }, current);
  });
}
