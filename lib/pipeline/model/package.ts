import type { RunOptions } from './run';

export interface CreateSourceZipOptions extends RunOptions {
  /** The folder with the installed tree, as `buildSourceArtifactsUsingPip` or `pip install --no-deps --target` makes it. */
  readonly dirLambdaSourceBuild: string;

  /**
   * The archive's file, not inside of `dirLambdaSourceBuild`; an archive that is there is replaced.
   *
   * @default "source.zip" beside `dirLambdaSourceBuild`
   */
  readonly pathSourceZip?: string;
}

/** An archive with its digests. */
export interface SourceZip {
  /** The archive's file, absolute. */
  readonly pathSourceZip: string;
  /** The project's name. */
  readonly name: string;
  /** The version of the built metadata, as Python writes it (1.0rc1). */
  readonly sourceVersion: string;
  /** The digest of the installed tree, hexadecimal. It depends on no compressor. */
  readonly sourceSha256: string;
  /** The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`. */
  readonly codeSha256: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** Of the files in it, bytes. */
  readonly unzippedSize: number;
}

export interface ReadSourceZipOptions extends RunOptions {
  /** The archive's file. */
  readonly pathSourceZip: string;
}
