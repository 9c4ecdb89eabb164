import * as path from 'node:path';
import { refusal } from '../base/error';
import { readTextIfThere, statIfThere } from '../base/files';
import { isTable, parseToml } from '../base/toml';

/** How a project is built. @see https://peps.python.org/pep-0517/#source-trees */
export interface BuildSystem {
  readonly requires: readonly string[];
  readonly backend: string;
  /** Where in the project an in-tree backend is. */
  readonly backendPath: readonly string[];
}

/** What is known of a project before it is built. */
export interface Project {
  /** The folder, absolute. */
  readonly entry: string;
  readonly file: 'pyproject.toml' | 'setup.py';
  /** `[project].name`, else the folder's: for messages only. */
  readonly displayName: string;
  /** `[project].version`; not there when it is dynamic or in setup.py. */
  readonly version?: string;
  /** Whether a plugin of the build backend may take the version from git. */
  readonly versionFromGit: boolean;
  /** Whether the build backend leaves out what git ignores. */
  readonly heedsGitignore: boolean;
  /** Not there when the table is malformed: the installer says what is wrong with it. */
  readonly buildSystem?: BuildSystem;
}

// setuptools-scm, hatch-vcs, flit-scm, pdm's source = "scm", versioneer, versioningit, dunamai, pbr, *-dynamic-versioning, …
const GIT_VERSION = /\b(setuptools[-_.]scm|vcs[-_.]versioning|hatch[-_.]vcs|flit[-_.]scm|use_scm_version|versioneer|versioningit|dunamai|pbr|(poetry|uv)[-_.]dynamic[-_.]versioning|setuptools[-_.]git[-_.]versioning)\b|\bsource\s*=\s*["'](scm|vcs)["']/;

/** Read a project without running any of it. */
export function readProject(entry: string): Project {
  const stat = statIfThere(entry);
  if (!stat) throw refusal('entry-missing', 'the project folder does not exist', entry, 'set {entry} to the folder that holds pyproject.toml or setup.py');
  if (!stat.isDirectory()) throw refusal('entry-is-file', '{entry} is a file', entry, `set {entry} to its folder, ${JSON.stringify(path.dirname(entry))}`);

  const [pyproject, setupPy, setupCfg] = ['pyproject.toml', 'setup.py', 'setup.cfg'].map((name) => readTextIfThere(path.join(entry, name)));
  if (pyproject === undefined && setupPy === undefined) {
    throw refusal('project-files-missing', 'the folder holds neither pyproject.toml nor setup.py', entry, 'add a pyproject.toml, or set {entry} to the folder that has one');
  }
  const toml = pyproject === undefined ? {} : parseToml(pyproject, path.join(entry, 'pyproject.toml'));
  const table = isTable(toml.project) ? toml.project : {};
  if (pyproject !== undefined && table.name !== undefined && table.version === undefined && !isDynamic(table, 'version')) {
    throw refusal('pyproject-without-version', 'pyproject.toml gives the project no version', path.join(entry, 'pyproject.toml'), 'set [project].version, or name it in [project].dynamic');
  }
  const buildSystem = readBuildSystem(toml['build-system']);
  return {
    entry,
    file: pyproject === undefined ? 'setup.py' : 'pyproject.toml',
    displayName: typeof table.name === 'string' ? table.name : path.basename(entry),
    version: typeof table.version === 'string' ? table.version : undefined,
    buildSystem,
    heedsGitignore: /^(hatchling|poetry)\b/.test(buildSystem?.backend ?? ''),
    versionFromGit: [pyproject, setupPy, setupCfg].some((text) => text !== undefined && GIT_VERSION.test(text)),
  };
}

// what pip takes for a project that does not say how it is built
const LEGACY: BuildSystem = { requires: ['setuptools>=40.8.0'], backend: 'setuptools.build_meta:__legacy__', backendPath: [] };

function readBuildSystem(table: unknown = {}): BuildSystem | undefined {
  if (!isTable(table)) return undefined;
  const { requires = LEGACY.requires, 'build-backend': backend = LEGACY.backend, 'backend-path': backendPath = LEGACY.backendPath } = table;
  return isStrings(requires) && typeof backend === 'string' && isStrings(backendPath) ? { requires, backend, backendPath } : undefined;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isDynamic({ dynamic }: Record<string, unknown>, field: string): boolean {
  return Array.isArray(dynamic) && dynamic.includes(field);
}
