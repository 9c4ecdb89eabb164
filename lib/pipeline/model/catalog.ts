import type { S3ClientLike, S3Place } from './publish';
import type { RunOptions } from './run';

/** The place in which to look for versions. */
export interface CatalogOptions extends RunOptions {
  /** The client that reads, with your region and credentials. */
  readonly s3Client: S3ClientLike;
  /** The folder in S3, `s3://bucket/lambda/`. */
  readonly s3DirLambda: string;
}

export interface ListSourceVersionsOptions extends CatalogOptions {
  /**
   * Ask for the tags of each version, too.
   *
   * @default false
   */
  readonly tags?: boolean;
}

/** A published version. */
export interface SourceVersion extends S3Place {
  readonly sourceVersion: string;
  /** The digest of the content according to its metadata, hexadecimal. `undefined` if the metadata has none. */
  readonly sourceSha256?: string;
  /** The SHA-256 of the bytes, base64, according to S3's own checksum, else to the metadata. */
  readonly codeSha256?: string;
  /** The size of the archive in bytes. */
  readonly size: number;
  /** The time at which it was written. */
  readonly lastModified: Date;
  /** All metadata, including the library's own. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The object's version, in a bucket with versioning. */
  readonly versionId?: string;
  /** The object's page in the AWS console. */
  readonly consoleUrl: string;
  /** `undefined` if they were not asked for. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A published version with its tags. */
export interface DescribedSourceVersion extends SourceVersion {
  readonly tags: Readonly<Record<string, string>>;
}

export interface SourceVersionOptions extends CatalogOptions {
  /** The published version. */
  readonly sourceVersion: string;
}

export interface DownloadSourceOptions extends SourceVersionOptions {
  /**
   * The file to write the archive to. An existing archive is replaced.
   *
   * @default "source-<version>.zip" in the current folder
   */
  readonly pathSourceZip?: string;
}

/** A published version whose archive is in a file. */
export interface DownloadedSource extends SourceVersion {
  /** The absolute path of the archive. */
  readonly pathSourceZip: string;
}
