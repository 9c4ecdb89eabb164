import * as path from 'node:path';
import { requiresPython } from './requires-python';
import { readSettings, type ProjectSettings } from './settings';
import { refusal } from '../base/error';
import { readTextIfThere, statIfThere } from '../base/files';
import { isTable, parseToml, tableOf, type Table } from '../base/toml';

/** How a project is built. @see https://peps.python.org/pep-0517/#source-trees */
export interface BuildSystem {
  readonly requires: readonly string[];
  readonly backend: string;
  /** The folders of the project that hold an in-tree backend. */
  readonly backendPath: readonly string[];
}

/** A project as its files describe it, before it is built. */
export interface Project {
  /** The folder, absolute. */
  readonly entry: string;
  readonly file: 'pyproject.toml' | 'setup.py';
  /** `[project].name`, or the folder's name: for messages only. */
  readonly displayName: string;
  /** `[project].version`; `undefined` if it is dynamic or in setup.py. */
  readonly version?: string;
  /** The Pythons that it admits, where that is known without running anything. */
  readonly requiresPython?: string;
  /** Whether a plugin of the build backend may take the version from git. */
  readonly versionFromGit: boolean;
  /** `undefined` if the table is malformed: the installer explains what is wrong with it. */
  readonly buildSystem?: BuildSystem;
  readonly settings: ProjectSettings;
}

// setuptools-scm, hatch-vcs, flit-scm, pdm's source = "scm", versioneer, versioningit, dunamai, pbr, *-dynamic-versioning, …
const GIT_VERSION = /\b(setuptools[-_.]scm|vcs[-_.]versioning|hatch[-_.]vcs|flit[-_.]scm|use_scm_version|versioneer|versioningit|dunamai|pbr|(poetry|uv)[-_.]dynamic[-_.]versioning|setuptools[-_.]git[-_.]versioning)\b|\bsource\s*=\s*["'](scm|vcs)["']/;

/** Read a project without running any of it. */
export function readProject(entry: string): Project {
  const stat = statIfThere(entry);
  if (!stat) {
    const advice = 'set {entry} to the folder that holds pyproject.toml or setup.py';
    throw refusal('entry-missing', 'the project folder does not exist', entry, advice);
  }
  if (!stat.isDirectory()) {
    throw refusal('entry-is-file', '{entry} is a file', entry, `set {entry} to its folder, ${JSON.stringify(path.dirname(entry))}`);
  }

  const pyprojectFile = path.join(entry, 'pyproject.toml');
  const pyproject = readTextIfThere(pyprojectFile);
  const setupPy = readTextIfThere(path.join(entry, 'setup.py'));
  const setupCfg = readTextIfThere(path.join(entry, 'setup.cfg'));
  if (pyproject === undefined && setupPy === undefined) {
    const problem = 'the folder holds neither pyproject.toml nor setup.py';
    throw refusal('project-files-missing', problem, entry, 'add a pyproject.toml, or set {entry} to the folder that has one');
  }
  const isBare = setupPy === undefined && setupCfg === undefined;
  const toml = pyproject === undefined ? {} : parseToml(pyproject, pyprojectFile);
  const table = isTable(toml.project) ? toml.project : {};
  if (isBare && toml.project === undefined && isOfToolsOnly(toml)) {
    const problem = 'pyproject.toml has no table [project], which would name the project and its version';
    throw refusal('project-table-missing', problem, pyprojectFile, 'add [project] with name and version');
  }
  if (pyproject !== undefined && table.name !== undefined && table.version === undefined && !isDynamic(table, 'version')) {
    const advice = 'set [project].version, or name it in [project].dynamic';
    throw refusal('pyproject-without-version', 'pyproject.toml gives the project no version', pyprojectFile, advice);
  }
  const buildSystem = readBuildSystem(toml['build-system']);
  return {
    entry,
    file: pyproject === undefined ? 'setup.py' : 'pyproject.toml',
    displayName: typeof table.name === 'string' ? table.name : path.basename(entry),
    version: typeof table.version === 'string' ? table.version : undefined,
    requiresPython: requiresPython(toml, setupPy, setupCfg),
    buildSystem,
    settings: readSettings(toml),
    versionFromGit: [pyproject, setupPy, setupCfg].some((text) => text !== undefined && GIT_VERSION.test(text)),
  };
}

/** Whether nothing in it tells of a project: setuptools, which is taken then, would make up a name. */
function isOfToolsOnly({ tool, 'build-system': system }: Table): boolean {
  const { requires = [], 'build-backend': backend = 'setuptools.build_meta' } = tableOf(system);
  const isPlain = isStrings(requires) && requires.every((line) => /^\s*(setuptools|wheel)\b(?![-_.])/.test(line));
  const isOfSetuptools = isPlain && typeof backend === 'string' && backend.startsWith('setuptools.');
  return isOfSetuptools && !Object.keys(tableOf(tool)).some((name) => /^(poetry|flit|pdm|hatch|setuptools)/.test(name));
}

// pip's defaults for a project that does not say how it is built
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
