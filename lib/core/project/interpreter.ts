import * as fs from 'node:fs';
import * as path from 'node:path';
import { firstFile, readTextIfThere, statIfThere } from '../base/files';

const WINDOWS = process.platform === 'win32';

/** A place where a Python may be: found without starting anything. */
export interface PythonCandidate {
  /** Why it is tried, for messages. */
  readonly source: string;
  /** The interpreter's file; not there when it was not found. */
  readonly file?: string;
}

/**
 * The Pythons that may build a project, best first: the one that was asked for and no other, else the project's own `.venv`, the
 * active virtual environment, and what is on the PATH.
 */
export function findPythons(entry: string, python: string | undefined, env: NodeJS.ProcessEnv = process.env): PythonCandidate[] {
  if (python !== undefined) return [{ source: `python ${JSON.stringify(python)}`, file: resolvePython(python, env) }];
  const venv = path.join(entry, '.venv');
  return [
    { source: '.venv of the project', file: interpreterOf(venv) },
    ...env.VIRTUAL_ENV ? [{ source: `$VIRTUAL_ENV ${JSON.stringify(env.VIRTUAL_ENV)}`, file: interpreterOf(env.VIRTUAL_ENV) }] : [],
    ...['python3', 'python', ...WINDOWS ? ['py'] : []].map((name) => ({ source: `${name} on the PATH`, file: findOnPath(name, env) })),
  ];
}

/** An interpreter, a virtual environment's folder, its pip, or a name on the PATH. */
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
  return findProgram((env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean), name);
}

/** A program of the environment that an interpreter is in. */
export function findBeside(python: string, name: string): string | undefined {
  return findProgram([path.dirname(python)], name);
}

function findProgram(folders: readonly string[], name: string): string | undefined {
  const extensions = WINDOWS ? ['.exe', '.cmd', '.bat', ''] : [''];
  return firstFile(folders.flatMap((folder) => extensions.map((extension) => path.resolve(folder, name + extension))));
}

/** What tells one Python from another without starting it: the interpreter that it links to, the environment that it is in. */
export function identifyPython(candidates: readonly PythonCandidate[], env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): string {
  const file = candidates.find((candidate) => candidate.file)?.file;
  if (!file) return 'none';
  const config = path.join(path.dirname(file), '..', 'pyvenv.cfg');
  const { size, mtimeMs } = statIfThere(file)!; // it is one that was found
  return JSON.stringify([fs.realpathSync(file), size, mtimeMs, readTextIfThere(config) ?? '', isScript(file) ? shimSettings(env, cwd) : undefined]);
}

function isScript(file: string): boolean {
  const descriptor = fs.openSync(file, 'r');
  try {
    const start = Buffer.alloc(2);
    fs.readSync(descriptor, start);
    return start.toString() === '#!';
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What the shims of version managers look at: pyenv, asdf, mise. */
function shimSettings(env: NodeJS.ProcessEnv, cwd: string): unknown {
  const variables = Object.entries(env).filter(([name]) => /^(PYENV_(VERSION|ROOT)|ASDF_PYTHON_VERSION|MISE_PYTHON_VERSION)$/.test(name)).sort();
  const files: string[] = [path.join(env.PYENV_ROOT ?? path.join(env.HOME ?? '', '.pyenv'), 'version')];
  for (let folder = cwd, last = ''; folder !== last; last = folder, folder = path.dirname(folder)) {
    files.push(...['.python-version', '.tool-versions', 'mise.toml', '.mise.toml'].map((name) => path.join(folder, name)));
  }
  return [variables, files.map(readTextIfThere).filter(Boolean)]; // the same from any folder, where none says anything
}

/** What pip and uv are told of the versions that they may install: paths of files, and what is in them. */
export function identifyConstraints(env: NodeJS.ProcessEnv): unknown {
  const names = ['PIP_CONSTRAINT', 'PIP_BUILD_CONSTRAINT', 'UV_CONSTRAINT', 'UV_BUILD_CONSTRAINT'].filter((name) => env[name]);
  return names.map((name) => [name, env[name], env[name]!.split(/\s+/).map(readTextIfThere)]);
}
