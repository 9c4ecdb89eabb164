import { ArtifactError } from './artifact-error';
import { findOnPath, findPythons, identifyPython, type PythonCandidate } from './build-python';
import { CommandFailure, runCommand } from './run-command';

/** What installs a project: a Python's own pip, or uv on behalf of a Python that has none. */
export interface Installer {
  readonly python: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly kind: 'pip' | 'uv';
  /** Tells this Python from another. */
  readonly identity: string;
}

/** The first Python that works and has a pip, or uv beside it. */
export async function findInstaller(entry: string, python: string | undefined, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Installer> {
  const tried: string[] = [];
  for (const candidate of findPythons(entry, python, env)) {
    const found = await installerOf(candidate, env, signal);
    if (typeof found !== 'string') return found;
    tried.push(`${candidate.source}: ${found}`);
  }
  throw new ArtifactError({
    code: 'usage',
    problem: python === undefined ? 'no Python with pip was found' : 'this Python cannot install the project',
    got: python,
    advice: 'set python to an interpreter that has pip, or make a virtual environment in the project',
    hint: `tried ${tried.join('; ')}. python3 -m venv .venv makes one; python -m ensurepip adds pip to one; where uv is on the PATH it serves for pip`,
  });
}

// the interpreter itself, where the candidate is a shim that asks the folder that it is called in
const PROBE = 'import sys, importlib.util as u; print(sys.executable); print(u.find_spec("pip") is not None)';

/** The installer, or what is wrong with the candidate. */
async function installerOf({ file }: PythonCandidate, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Installer | string> {
  if (!file) return 'not found';
  let answer: string[];
  try {
    answer = (await runCommand({ file, args: ['-c', PROBE], env, signal })).split(/\r?\n/);
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    return `does not start (${failure.process.output.trim().split('\n').pop()})`;
  }
  const [python, hasPip] = answer;
  const identity = identifyPython([{ source: 'probe', file: python }]);
  if (hasPip === 'True') return { kind: 'pip', python, file: python, args: ['-m', 'pip', 'install'], identity };
  const uv = findOnPath('uv', env);
  return uv ? { kind: 'uv', python, file: uv, args: ['pip', 'install', '--python', python], identity } : 'has no pip, and uv is not on the PATH';
}
