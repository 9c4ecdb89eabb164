import type { BuildOptions } from './build';
import type { SourceVersion, SourceVersionOptions } from './catalog';

export interface DiffSourceOptions extends SourceVersionOptions, Omit<BuildOptions, 'handler' | 'sourceVersion'> {
  /**
   * The published version that `sourceVersion` is compared with.
   *
   * @default - the project of `dirProjectRoot`
   */
  readonly otherVersion?: string;

  /**
   * The folder of a project, which is built and compared with `sourceVersion`.
   *
   * @default - `otherVersion` is compared
   */
  readonly dirProjectRoot?: string;
}

/** A file in which two versions differ. */
export interface SourceFileDiff {
  /** The path in the archive. */
  readonly path: string;
  /** The change from the first version to the second. */
  readonly change: 'added' | 'removed' | 'changed';
  /** The unified difference of the text. `undefined` if the file is not text, is too large to be compared, or differs in its mode alone. */
  readonly patch?: string;
}

/** The differences of two versions. */
export interface SourceDiff {
  /** The published version that is first. */
  readonly from: SourceVersion;
  /** The second one: another published version, or a project. */
  readonly to: SourceVersion | DiffedProject;
  /** The files that differ, by path. Empty if both are the same. */
  readonly differences: readonly SourceFileDiff[];
}

/** A project that was built for a comparison. */
export interface DiffedProject {
  /** The absolute path of the project's folder. */
  readonly dirProjectRoot: string;
  readonly sourceVersion: string;
  readonly sourceSha256: string;
}
