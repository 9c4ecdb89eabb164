import type { S3ClientLike } from './client';
import type { S3Place } from './layout';
import { PublishedVersions } from './published';
import { run, type RunOptions } from './run';

/** Where versions are looked for. */
export interface CatalogOptions extends RunOptions {
  /** The client that reads, with your region and credentials. */
  readonly s3Client: S3ClientLike;
  /** The folder in S3, `s3://bucket/lambda/`. */
  readonly s3DirLambda: string;
}

/** A published version. */
export interface SourceVersion extends S3Place {
  readonly sourceVersion: string;
  /** The digest of the content, hexadecimal, as its metadata tells; not there when the metadata does not. */
  readonly sourceSha256?: string;
  /** The SHA-256 of the bytes, base64: S3's own checksum, else as the metadata tells. */
  readonly codeSha256?: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** When it was written. */
  readonly lastModified: Date;
  /** All metadata, the library's own too. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The object's version, in a bucket with versioning. */
  readonly versionId?: string;
  /** The object's page in the AWS console. */
  readonly consoleUrl: string;
}

/** A published version with its tags. */
export interface DescribedSourceVersion extends SourceVersion {
  readonly tags: Readonly<Record<string, string>>;
}

const AT_ONCE = 10;

/**
 * The published versions, oldest version first.
 *
 * Needs `s3:ListBucket` on the bucket and `s3:GetObject` on `<folder>source/*`.
 *
 * @throws ArtifactError with the code `usage` or `aws`
 */
export async function listSourceVersions(options: CatalogOptions): Promise<SourceVersion[]> {
  return run('listSourceVersions', options, async ({ signal }) => {
    const published = new PublishedVersions(options.s3Client, options.s3DirLambda, signal);
    const versions = await published.list();
    const found: Array<SourceVersion | undefined> = [];
    for (let first = 0; first < versions.length; first += AT_ONCE) {
      found.push(...await Promise.all(versions.slice(first, first + AT_ONCE).map(async (version) => published.find(version))));
    }
    return found.filter((version) => version !== undefined);
  });
}

export interface SourceVersionOptions extends CatalogOptions {
  /** The published version. */
  readonly sourceVersion: string;
}

/**
 * A published version: digests, date, size, metadata and tags.
 *
 * Needs `s3:GetObject` and `s3:GetObjectTagging` on `<folder>source/*` and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage` (there is no such version: the message names those there are) or `aws`
 */
export async function describeSourceVersion(options: SourceVersionOptions): Promise<DescribedSourceVersion> {
  return run('describeSourceVersion', options, async ({ signal }) => {
    const published = new PublishedVersions(options.s3Client, options.s3DirLambda, signal);
    const found = await published.find(options.sourceVersion) ?? await published.refuse(options.sourceVersion);
    return { ...found, tags: await published.tags(options.sourceVersion) };
  });
}
