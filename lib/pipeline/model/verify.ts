import type { BuildOptions } from './build';
import type { SourceVersion, SourceVersionOptions } from './catalog';
import type { RunOptions } from './run';

export interface VerifyBuildOptions extends Omit<BuildOptions, 'handler'>, RunOptions {
  /** The project's folder, which holds `pyproject.toml` or `setup.py`. */
  readonly dirProjectRoot: string;
}

/** A file in which two installed trees differ. */
export interface SourceFileDifference {
  /** The path in the archive. */
  readonly path: string;
  /**
   * The change from the first to the second build. Between a published archive and a project, `added` means that only the project has the
   * file, and `removed` that only the archive has it.
   */
  readonly change: 'added' | 'removed' | 'changed';
  /** The first line that differs between two builds, counted from 1, if the file is text. */
  readonly line?: { readonly number: number; readonly before: string; readonly after: string };
}

/** The result of two builds of a project. */
export interface VerifiedBuild {
  /** Whether both gave the same, with no differences. */
  readonly ok: boolean;
  /** The absolute path of the project's folder. */
  readonly dirProjectRoot: string;
  /** The project's name. */
  readonly name: string;
  readonly sourceVersion: string;
  /** The digest of the first build, hexadecimal. */
  readonly sourceSha256: string;
  /** The files that differ, by path. Empty if the build is reproducible. */
  readonly differences: readonly SourceFileDifference[];
}

export interface VerifySourceOptions extends SourceVersionOptions, Omit<BuildOptions, 'handler' | 'sourceVersion'> {
  /**
   * The folder of a project. It is built twice: both builds must be equal, file by file, and equal to the published archive.
   *
   * @default - only the published archive is checked
   */
  readonly dirProjectRoot?: string;
}

/** The result of verifying a published version. */
export interface VerifiedSource extends SourceVersion {
  /** Whether there are neither problems nor differences. */
  readonly ok: boolean;
  /** The contradictions between the archive and its metadata. Empty if there are none. */
  readonly problems: readonly string[];
  /** The project that it was compared with. */
  readonly project?: {
    /** The absolute path of the project's folder. */
    readonly dirProjectRoot: string;
    readonly sourceSha256: string;
    /** The files that differ from the published archive, by path. Empty if the project equals it. */
    readonly differences: readonly SourceFileDifference[];
    /** The files that differ between two builds of the project, by path. Empty if the build is reproducible. */
    readonly buildDifferences: readonly SourceFileDifference[];
  };
}
