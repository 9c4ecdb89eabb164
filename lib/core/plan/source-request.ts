
/** What an artifact is made of: plain data, so that it can be sent to the builder process. */
export interface ArtifactRequest {
  /** The project's folder. */
  readonly entry: string;
  readonly version?: string;
  readonly python?: string;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly exclude?: readonly string[];
  readonly installer?: InstallerKind;
  /** Build twice, and fail if that makes a difference. */
  readonly verifyReproducible?: boolean;
}

/** What installs: into a build environment, and the project where that is not built by its backend alone. */
export type InstallerKind = 'pip' | 'uv';

// what of the user's environment changes what is built; index and credentials do not, and tokens of an index change every day
export const STEERING = /^(SOURCE_DATE_EPOCH|PIP_(BUILD_)?CONSTRAINT|PIP_NO_BUILD_ISOLATION|PIP_CONFIG_SETTINGS|UV_(BUILD_)?CONSTRAINT|SETUPTOOLS_.*|HATCH_.*|PDM_BUILD_.*|PBR_.*|POETRY_DYNAMIC_.*|UV_DYNAMIC_.*)$/;
