import type { BuildOptions } from './build';
import type { RunOptions } from './run';

export interface CreateSourceZipOptions extends RunOptions, Pick<BuildOptions, 'bytecode' | 'runtime' | 'pathBinPip' | 'cache'> {
  /** The folder with the installed tree, as `buildSourceArtifactsUsingPip` or `pip install --no-deps --target` makes it. */
  readonly dirLambdaSourceBuild: string;

  /**
   * The file to write the archive to, outside of `dirLambdaSourceBuild`. An existing archive is replaced.
   *
   * @default "source.zip" beside `dirLambdaSourceBuild`
   */
  readonly pathSourceZip?: string;
}

/** The compiled modules in an archive. They are part of no digest of its content. */
export interface ZipBytecode {
  /** The version of the Python that compiled them. Not there if nothing is compiled. */
  readonly python?: string;
  /** The runtime that takes them. */
  readonly runtime?: string;
  /** Bytes. */
  readonly size: number;
  /** Why there are none, although they were wanted. */
  readonly lacking?: string;
  /** Of what there are none, because they would not fit in Lambda: packages, or their tests. */
  readonly leftOut?: readonly string[];
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
  /** Not there if none were wanted, and where an archive is only read. */
  readonly bytecode?: ZipBytecode;
}

export interface ReadSourceZipOptions extends RunOptions {
  /** The path of the archive. */
  readonly pathSourceZip: string;
}
