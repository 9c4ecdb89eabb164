import { readFileSync } from 'node:fs';
import { digestTree, sha256, type FileDigest } from './artifact-digest';
import type { Project } from './build-project';
import { findPythons, identifyPython } from './build-python';
import { findRepository, identifyRevision } from './build-version-control';

/** What an artifact is made of: plain data, so that it can be sent to the builder process. */
export interface ArtifactRequest {
  /** The project's folder. */
  readonly entry: string;
  readonly version?: string;
  readonly python?: string;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly exclude?: readonly string[];
}

// what of the user's environment changes what is built; index and credentials do not, and tokens of an index change every day
const STEERING = /^(SOURCE_DATE_EPOCH|PIP_(BUILD_)?CONSTRAINT|PIP_NO_BUILD_ISOLATION|PIP_CONFIG_SETTINGS|UV_(BUILD_)?CONSTRAINT|SETUPTOOLS_.*|HATCH_.*|PDM_BUILD_.*|PBR_.*|POETRY_DYNAMIC_.*|UV_DYNAMIC_.*)$/;

/** A change of the library may change what it builds. */
const { version: OUR_VERSION } = JSON.parse(readFileSync(require.resolve('../../package.json'), 'utf8'));

/**
 * The digest of everything that a build reads: the source files' content, the options, the Python, the commit where the version
 * comes from git, and this library's version. Starts no process.
 */
export function fingerprint(project: Project, request: ArtifactRequest, source: readonly FileDigest[]): string {
  const { entry: _, ...given } = request;
  const options = Object.entries(given).filter(([, value]) => value !== undefined);
  const repository = project.versionFromGit && request.version === undefined ? findRepository(project.entry) : undefined;
  return sha256(JSON.stringify([
    'artifact 1', OUR_VERSION, digestTree(source), options.sort(), identifyPython(findPythons(project.entry, request.python)),
    Object.entries(process.env).filter(([name]) => STEERING.test(name)).sort(), repository && identifyRevision(repository),
  ]));
}
