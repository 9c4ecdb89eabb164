import type { S3ClientLike, S3Place } from './publish';
import type { RunOptions } from './run';

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

export interface SourceVersionOptions extends CatalogOptions {
  /** The published version. */
  readonly sourceVersion: string;
}

export interface DownloadSourceOptions extends SourceVersionOptions {
  /**
   * The file that gets the archive; an archive that is there is replaced.
   *
   * @default "source-<version>.zip" in the current folder
   */
  readonly pathSourceZip?: string;
}

/** A published version whose archive is in a file. */
export interface DownloadedSource extends SourceVersion {
  /** The archive's file, absolute. */
  readonly pathSourceZip: string;
}
