import type { BuildOptions } from './build';
import type { SourceVersion, SourceVersionOptions } from './catalog';
import type { RunOptions } from './run';

export interface VerifyBuildOptions extends Omit<BuildOptions, 'handler'>, RunOptions {
  /** The project's folder, which holds `pyproject.toml` or `setup.py`. */
  readonly dirProjectRoot: string;
}

/** A file in which two installed trees differ. */
export interface SourceFileDifference {
  /** In the archive. */
  readonly path: string;
  /**
   * Of two builds: what the second made of the first. Of a project and what is published: `added` for what only the project has, `removed`
   * for what only is published.
   */
  readonly change: 'added' | 'removed' | 'changed';
  /** Of two builds: where a changed text starts to differ, its first line being 1. */
  readonly line?: { readonly number: number; readonly before: string; readonly after: string };
}

/** What two builds of a project gave. */
export interface VerifiedBuild {
  /** Whether they gave the same: no differences. */
  readonly ok: boolean;
  /** The project's folder, absolute. */
  readonly dirProjectRoot: string;
  /** The project's name. */
  readonly name: string;
  readonly sourceVersion: string;
  /** Of the first build. */
  readonly sourceSha256: string;
  /** By path; empty for a build that is reproducible. */
  readonly differences: readonly SourceFileDifference[];
}

export interface VerifySourceOptions extends SourceVersionOptions, Omit<BuildOptions, 'handler' | 'sourceVersion'> {
  /**
   * A project, its folder: whether it builds to what is published, file by file, and to the same each time: it is built twice.
   *
   * @default - only the published archive is checked
   */
  readonly dirProjectRoot?: string;
}

/** What was found out about a published version. */
export interface VerifiedSource extends SourceVersion {
  /** Whether all is as it should be: no problems, no differences. */
  readonly ok: boolean;
  /** In what the archive is not what its metadata says; empty for one that is whole. */
  readonly problems: readonly string[];
  /** The project that it was compared with. */
  readonly project?: {
    /** The project's folder, absolute. */
    readonly dirProjectRoot: string;
    readonly sourceSha256: string;
    /** From what is published, by path; empty for a project that equals it. */
    readonly differences: readonly SourceFileDifference[];
    /** Between two builds of the project, by path; empty for a build that is reproducible. */
    readonly buildDifferences: readonly SourceFileDifference[];
  };
}
