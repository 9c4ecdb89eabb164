import type { BuildOptions } from './build';
import type { RunOptions } from './run';

export interface InitializeProjectOptions extends Omit<BuildOptions, 'handler' | 'exclude'>, RunOptions {
  /** The folder of the function: modules, data, and perhaps requirements.txt or Pipfile. */
  readonly dirProjectRoot: string;

  /**
   * The name of the project.
   *
   * @default - the folder's name, with its parent's in front where it is a common word such as `src`
   */
  readonly name?: string;

  /**
   * The version that is written into the file.
   *
   * @default "0.1.0"
   */
  readonly sourceVersion?: string;

  /**
   * The runtime of the function, such as `python3.13`: the project requires its Python at least.
   *
   * @default - the version in `.python-version`, else none is required
   */
  readonly runtime?: string;
}

/** A folder that has become a project. */
export interface InitializedProject {
  /** The file, absolute. */
  readonly pathPyprojectToml: string;
  /** The text that was written, or added to what the file had. */
  readonly text: string;
  readonly name: string;
  readonly sourceVersion: string;
  /** The files and folders that the artifact has, relative to the project. */
  readonly files: readonly string[];
  /** What else is in the folder. */
  readonly leftOut: readonly string[];
  /** Requirements, as they are in `[project].dependencies`. */
  readonly dependencies: readonly string[];
  /** Lines of the list of requirements that are no requirement by name, such as `-e .`. */
  readonly skippedRequirements: readonly string[];
  /** The functions that may be the handler. */
  readonly handlers: readonly string[];
  /** Files that were to be in the artifact, and that the build left out; git ignores them, for instance. */
  readonly missingFiles: readonly string[];
}
