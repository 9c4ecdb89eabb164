import type { RunOptions } from './run';

export interface CreateSourceZipOptions extends RunOptions {
  /** The folder with the installed tree, as `buildSourceArtifactsUsingPip` or `pip install --no-deps --target` makes it. */
  readonly dirLambdaSourceBuild: string;

  /**
   * The file to write the archive to, outside of `dirLambdaSourceBuild`. An existing archive is replaced.
   *
   * @default "source.zip" beside `dirLambdaSourceBuild`
   */
  readonly pathSourceZip?: string;
}

/** An archive with its digests. */
export interface SourceZip {
  /** The absolute path of the archive. */
  readonly pathSourceZip: string;
  /** The project's name. */
  readonly name: string;
  /** The version of the built metadata, as Python writes it (1.0rc1). */
  readonly sourceVersion: string;
  /** The digest of the installed tree, hexadecimal. It depends on no compressor. */
  readonly sourceSha256: string;
  /** The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`. */
  readonly codeSha256: string;
  /** The size of the archive in bytes. */
  readonly size: number;
  /** The size of the files in it in bytes. */
  readonly unzippedSize: number;
}

export interface ReadSourceZipOptions extends RunOptions {
  /** The path of the archive. */
  readonly pathSourceZip: string;
}
