import { readFileSync } from 'node:fs';
import { digestTree, sha256, type FileDigest } from '../base/tree';
import { ArtifactError } from '../base/error';
import type { Project } from '../project/project';
import { findPythons, identifyConstraints, identifyPython } from '../project/interpreter';
import { findRepository, identifyRevision, identifyTracked, ignoreFiles, readIfThere, type Repository } from '../project/repository';
import { checkVersion } from './object-key';

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
const STEERING = /^(SOURCE_DATE_EPOCH|PIP_(BUILD_)?CONSTRAINT|PIP_NO_BUILD_ISOLATION|PIP_CONFIG_SETTINGS|UV_(BUILD_)?CONSTRAINT|SETUPTOOLS_.*|HATCH_.*|PDM_BUILD_.*|PBR_.*|POETRY_DYNAMIC_.*|UV_DYNAMIC_.*)$/;

/**
 * The repository that the build asks: for the version, for the files that git knows (setuptools-scm installs data files that are
 * tracked, also where the version is given), or for those that it ignores.
 */
export function sourceRepository({ versionFromGit, heedsGitignore, entry }: Project): Repository | undefined {
  return versionFromGit || heedsGitignore ? findRepository(entry) : undefined;
}

/** The version of an artifact: as given, as written in pyproject.toml, as built. */
export function artifactVersion({ version, versionFromGit }: Project, request: ArtifactRequest, built: string): string {
  if (request.version === undefined && version === undefined && built === '0.0.0' && !versionFromGit) {
    // what setuptools makes up for a project that has none
    throw new ArtifactError({ code: 'usage', problem: 'the project has no version', advice: 'set version in setup.py, or the version of the artifact' });
  }
  return checkVersion(request.version ?? version ?? built);
}

/** A change of the library may change what it builds. */
export const { version: OUR_VERSION }: { readonly version: string } = JSON.parse(readFileSync(require.resolve('../../../package.json'), 'utf8'));

/**
 * The digest of everything that a build reads: the source files' content, the options, the Python, the commit where the version
 * comes from git, and this library's version. Starts no process.
 */
export function fingerprint(project: Project, request: ArtifactRequest, source: readonly FileDigest[]): string {
  const { entry: _, version, ...given } = request;
  const repository = sourceRepository(project);
  return sha256(JSON.stringify({
    format: 1,
    library: OUR_VERSION,
    source: digestTree(source),
    options: Object.entries(given).filter(([, value]) => value !== undefined).sort(),
    environment: Object.entries(process.env).filter(([name]) => STEERING.test(name)).sort(),
    constraints: identifyConstraints({ ...process.env, ...request.environment }),
    python: identifyPython(findPythons(project.entry, request.python)),
    revision: repository && project.versionFromGit && version === undefined ? identifyRevision(repository) : undefined,
    tracked: repository && identifyTracked(repository),
    ignored: repository && project.heedsGitignore ? ignoreFiles(repository, project.entry).map(readIfThere) : undefined,
    pretendedVersion: project.versionFromGit ? version : undefined,
  }));
}
