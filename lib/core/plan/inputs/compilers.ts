import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { statIfThere } from '../../base/files';
import { findAllOnPath, findPythons, identifyPython, type PythonCandidate } from '../../project/interpreter';

const WINDOWS = process.platform === 'win32';

/** Whose Python compiles: that of a project, or of the folder of a lock file. */
export interface CompilerRequest {
  readonly entry: string;
  readonly python?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The Pythons that may be of a minor version, found without starting one: those that build, then the name on the PATH, then those of
 * pyenv, of uv, and of the launcher of Windows. Of several releases in a folder, the newest comes first.
 *
 * @param minor of Python 3
 */
export function findCompilers({ entry, python, environment }: CompilerRequest, minor: number): PythonCandidate[] {
  const env = { ...process.env, ...environment };
  const name = `python3.${minor}`;
  const isOther = (file = '') => {
    const named = /^python3\.(\d+)(\.exe)?$/.exec(path.basename(file))?.[1];
    return named !== undefined && Number(named) !== minor;
  };
  const candidates = [
    ...findPythons(entry, python, env).filter(({ file }) => python !== undefined || !isOther(file)),
    ...found(`${name} on the PATH`, findAllOnPath(name, env)),
    ...found('pyenv', installed(path.join(pyenvFolder(env), 'versions'), new RegExp(`^3\\.${minor}\\.\\d+$`))),
    ...found('uv python', installed(uvFolder(env), new RegExp(`^cpython-3\\.${minor}\\.\\d+-`))),
    ...WINDOWS ? found(`py -3.${minor}`, findAllOnPath('py', env)) : [],
  ];
  return candidates.filter(({ file }, i) => file === undefined || candidates.findIndex((other) => other.file === file) === i);
}

/** What tells that other Pythons may be found now than before, without starting one. */
export function identifyCompilers(request: CompilerRequest, minor: number): string[] {
  const env = { ...process.env, ...request.environment };
  return findCompilers(request, minor).filter(({ file }) => file !== undefined).map((candidate) => identifyPython([candidate], env));
}

function found(source: string, files: readonly string[]): PythonCandidate[] {
  return files.length > 0 ? files.map((file) => ({ source, file })) : [{ source }];
}

/** The interpreters in a folder of installations, newest first. */
function installed(folder: string, name: RegExp): string[] {
  if (!statIfThere(folder)?.isDirectory()) return [];
  const names = fs.readdirSync(folder).filter((item) => name.test(item));
  const patch = (item: string) => Number(/\.(\d+)(?:-|$)/.exec(item)![1]);
  const interpreter = WINDOWS ? ['python.exe'] : ['bin', 'python3'];
  const files = names.sort((a, b) => patch(b) - patch(a)).map((item) => path.join(folder, item, ...interpreter));
  return files.filter((file) => statIfThere(file)?.isFile());
}

/** @see https://github.com/pyenv/pyenv#environment-variables */
function pyenvFolder(env: NodeJS.ProcessEnv): string {
  const home = env.HOME ?? os.homedir();
  return env.PYENV_ROOT || (WINDOWS ? path.join(home, '.pyenv', 'pyenv-win') : path.join(home, '.pyenv'));
}

/** @see https://docs.astral.sh/uv/reference/storage/#python-versions */
function uvFolder(env: NodeJS.ProcessEnv): string {
  if (env.UV_PYTHON_INSTALL_DIR) return env.UV_PYTHON_INSTALL_DIR;
  const home = env.HOME ?? os.homedir();
  if (WINDOWS) return path.join(env.APPDATA ?? home, 'uv', 'python');
  return path.join(env.XDG_DATA_HOME || path.join(home, '.local', 'share'), 'uv', 'python');
}
