import * as path from 'node:path';
import { admittedNames } from './requires-python';
import { firstFile, readStartIfThere, readTextIfThere, realPath, statIfThere } from '../base/files';

const WINDOWS = process.platform === 'win32';

/** A place where a Python may be, found without starting a process. */
export interface PythonCandidate {
  /** The reason why it is tried, for messages. */
  readonly source: string;
  /** The interpreter's file; `undefined` if it was not found. */
  readonly file?: string;
}

/**
 * The Pythons that may build a project, best first: the one that was asked for and no other, else the project's own `.venv`, the
 * active virtual environment, and what is on the PATH, in all of its folders. A name with a version comes first where the project
 * admits that version alone, and else last.
 *
 * @param required the versions that the project admits
 */
export function findPythons(
  entry: string, python: string | undefined, env: NodeJS.ProcessEnv = process.env, required?: string,
): PythonCandidate[] {
  if (python !== undefined) return [{ source: `python ${JSON.stringify(python)}`, file: resolvePython(python, env) }];
  const venv = path.join(entry, '.venv');
  const exact = admittedNames(required);
  const usual = ['python3', 'python', ...WINDOWS ? ['py'] : []];
  const names = exact.length === 1 ? [...exact, ...usual] : [...usual, ...exact];
  const candidates: PythonCandidate[] = [
    { source: '.venv of the project', file: interpreterOf(venv) },
    ...env.VIRTUAL_ENV ? [{ source: `$VIRTUAL_ENV ${JSON.stringify(env.VIRTUAL_ENV)}`, file: interpreterOf(env.VIRTUAL_ENV) }] : [],
    ...names.flatMap((name) => {
      const files = findAllOnPath(name, env);
      if (files.length > 0) return files.map((file) => ({ source: `${name} on the PATH`, file }));
      return usual.includes(name) ? [{ source: `${name} on the PATH` }] : [];
    }),
  ];
  // the active environment is on the PATH as well
  return candidates.filter(({ file }, i) => file === undefined || candidates.findIndex((other) => other.file === file) === i);
}

/** @param python an interpreter, the folder of a virtual environment, a pip, or a name on the PATH */
function resolvePython(python: string, env: NodeJS.ProcessEnv): string | undefined {
  const stat = statIfThere(python);
  if (stat?.isDirectory()) return interpreterOf(path.resolve(python));
  if (stat && /^pip[\d.]*(\.exe)?$/i.test(path.basename(python))) return interpreterBeside(path.resolve(python));
  if (stat?.isFile()) return path.resolve(python);
  return /[\\/]/.test(python) ? undefined : findOnPath(python, env);
}

function interpreterBeside(pip: string): string | undefined {
  return firstFile(['python3', 'python', 'python.exe'].map((name) => path.join(path.dirname(pip), name)));
}

/** @see https://docs.python.org/3/library/venv.html */
function interpreterOf(venv: string): string | undefined {
  return firstFile([path.join(venv, 'bin', 'python'), path.join(venv, 'bin', 'python3'), path.join(venv, 'Scripts', 'python.exe')]);
}

export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return findProgram(foldersOfPath(env), name);
}

export function findAllOnPath(name: string, env: NodeJS.ProcessEnv): string[] {
  return foldersOfPath(env).map((folder) => findProgram([folder], name)).filter((file) => file !== undefined);
}

function foldersOfPath(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean);
}

/** A program of the environment that an interpreter belongs to. */
export function findBeside(python: string, name: string): string | undefined {
  return findProgram([path.dirname(python)], name);
}

function findProgram(folders: readonly string[], name: string): string | undefined {
  const extensions = WINDOWS ? ['.exe', '.cmd', '.bat', ''] : [''];
  return firstFile(folders.flatMap((folder) => extensions.map((extension) => path.resolve(folder, name + extension))));
}

/** An identity of the first Python that was found, without starting it: the file that it links to, and its environment. */
export function identifyPython(candidates: readonly PythonCandidate[], env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): string {
  const file = candidates.find((candidate) => candidate.file)?.file;
  if (!file) return 'none';
  const config = path.join(path.dirname(file), '..', 'pyvenv.cfg');
  const { size, mtimeMs } = statIfThere(file)!; // it is one that was found
  const settings = isScript(file) ? shimSettings(env, cwd) : undefined;
  return JSON.stringify([realPath(file), size, mtimeMs, readTextIfThere(config) ?? '', settings]);
}

const SHIM_VARIABLES = ['PYENV_VERSION', 'PYENV_ROOT', 'ASDF_PYTHON_VERSION', 'MISE_PYTHON_VERSION'];
const SHIM_FILES = ['.python-version', '.tool-versions', 'mise.toml', '.mise.toml'];

function isScript(file: string): boolean {
  return readStartIfThere(file, 2)?.toString() === '#!';
}

/** The variables and files by which the shims of pyenv, asdf and mise choose a Python. */
function shimSettings(env: NodeJS.ProcessEnv, cwd: string): unknown {
  const variables = Object.entries(env).filter(([name]) => SHIM_VARIABLES.includes(name)).sort();
  const files = [path.join(env.PYENV_ROOT ?? path.join(env.HOME ?? '', '.pyenv'), 'version')];
  for (let folder = cwd, last = ''; folder !== last; last = folder, folder = path.dirname(folder)) {
    files.push(...SHIM_FILES.map((name) => path.join(folder, name)));
  }
  return [variables, files.map(readTextIfThere).filter(Boolean)]; // contents without paths: without such files all folders are alike
}
