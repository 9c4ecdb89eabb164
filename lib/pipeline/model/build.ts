import type { RunOptions } from './run';

/** The options of a build. The construct has the same. */
export interface BuildOptions {
  /**
   * The pip of a virtual environment, its folder, a Python, or the name of one on the PATH.
   *
   * @default - the project's `.venv`, else the active virtual environment, else `python3`, else `python`
   */
  readonly pathBinPip?: string;

  /**
   * The entry point, `<module>.<function>`, which must be in the built package.
   *
   * @default - the one of `[tool.pip-source-artifact]` in pyproject.toml, else those that are found; there must be at least one
   * @see https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
   */
  readonly handler?: string;

  /**
   * The version of the artifact, a PEP 440 or SemVer version.
   *
   * @default - `[project].version` of pyproject.toml, else the version of the built metadata
   */
  readonly sourceVersion?: string;

  /**
   * The installer: the Python's own pip, or uv, on the PATH or beside the Python. uv is faster. Both give the same artifact.
   *
   * @default - pip, or uv if the Python has no pip
   * @see https://docs.astral.sh/uv/pip/
   */
  readonly installer?: 'pip' | 'uv';

  /**
   * Build in an environment that is kept in the user's cache folder. If false, pip makes one for this build alone, which takes longer.
   *
   * @default true
   */
  readonly cache?: boolean;

  /**
   * Make the kept environment anew, with the newest versions that the project's build requirements admit.
   *
   * @default false
   */
  readonly refresh?: boolean;

  /**
   * More arguments of `pip install`.
   *
   * @default - none
   */
  readonly pipArgs?: readonly string[];

  /**
   * More environment variables for the build, such as `PIP_INDEX_URL`.
   *
   * @default - the environment of this process
   */
  readonly environment?: Readonly<Record<string, string>>;

  /**
   * Whether compiled modules are in the archive, so that Lambda does not compile them at each cold start: `auto`, where a Python of the
   * runtime's version is found; `required`, or the call fails; `none`. They are part of no digest of the content.
   *
   * @default "auto"
   * @see https://peps.python.org/pep-0552/
   */
  readonly bytecode?: 'auto' | 'required' | 'none';

  /**
   * The runtime that the modules are compiled for, such as `python3.13`.
   *
   * @default - that of the Python that builds
   */
  readonly runtime?: string;

  /**
   * Files of the project that the build does not need, as patterns of .gitignore.
   *
   * @default - version control, virtual environments, caches and the output of earlier builds are left out
   */
  readonly exclude?: readonly string[];
}

export interface BuildSourceOptions extends BuildOptions, RunOptions {
  /** The project's `pyproject.toml` or `setup.py`. */
  readonly pathSetupPyOrPyprojectToml: string;

  /**
   * The folder that gets the installed tree; an earlier build in it is replaced.
   *
   * @default "build/lambda/source/build" of the project
   */
  readonly dirLambdaSourceBuild?: string;

  /**
   * Clean an earlier build without asking on the terminal.
   *
   * @default false
   */
  readonly skipPrompt?: boolean;
}

/** A project, installed by pip. */
export interface BuiltSource {
  /** The folder of the installed tree, absolute. */
  readonly dirLambdaSourceBuild: string;
  /** The project's name. */
  readonly name: string;
  readonly sourceVersion: string;
  /** The digest of the installed tree, hexadecimal: of its paths, contents and executable bits. */
  readonly sourceSha256: string;
  /** The size of all files in bytes. */
  readonly unzippedSize: number;
  /**
   * What it was built from and with (`source_name`, `git_commit`, `built_with`), as metadata for an upload.
   * `buildPackageUploadSourceArtifacts` adds it by itself.
   */
  readonly provenance: Readonly<Record<string, string>>;
  /** The entry points: `handler`, or those that were found. */
  readonly handlers: readonly string[];
  /** Data beside the modules that the build backend does not package; folders with `/` at their end. */
  readonly unpackagedFiles: readonly string[];
}
