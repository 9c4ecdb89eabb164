import { ArtifactError } from '../base/error';
import type { ArtifactRequest, InstallerKind } from '../plan/source-request';
import { CommandFailure, runCommand } from '../process/command';
import { findBeside, findOnPath, findPythons, identifyPython, type PythonCandidate } from '../project/interpreter';

/** The program that installs a project: a Python's own pip, or uv on behalf of a Python. */
export interface FoundInstaller {
  readonly python: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly kind: InstallerKind;
  /** Differs between two Pythons. */
  readonly identity: string;
  readonly pythonVersion: string;
  /** `undefined` for uv. */
  readonly pipVersion?: string;
}

/** Find the first Python that starts and has pip, or that uv can install for. */
export async function findInstaller(
  { entry, python, installer }: ArtifactRequest, env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<FoundInstaller> {
  const tried: string[] = [];
  let lacksUv = false;
  for (const candidate of findPythons(entry, python, env)) {
    const found = await installerOf(candidate, installer, env, signal);
    if (typeof found !== 'string') return found;
    tried.push(`${candidate.source}: ${found}`);
    lacksUv ||= found === WITHOUT_UV.uv;
  }
  if (lacksUv) {
    throw new ArtifactError({
      reference: 'uv-not-found',
      problem: 'uv was not found',
      advice: 'install it (pip install uv), or leave it to pip',
      hint: `tried ${tried.join('; ')}`,
    });
  }
  throw new ArtifactError({
    reference: python === undefined ? 'python-not-found' : 'python-unfit',
    problem: python === undefined ? 'no Python with pip was found' : 'this Python cannot install the project',
    got: python,
    advice: 'set {python} to an interpreter that has pip, or make a virtual environment in the project',
    hint: `tried ${tried.join('; ')}. python3 -m venv .venv makes one; python -m ensurepip adds pip to one; `
      + 'where uv is on the PATH it serves for pip',
  });
}

const WITHOUT_UV = {
  pip: 'has no pip',
  uv: 'uv is neither on the PATH nor beside it',
  any: 'has no pip, and uv is neither on the PATH nor beside it',
};

// sys.executable is the interpreter itself: the candidate may be a shim, which chooses one by the current folder
const PROBE = `
import sys, json
try:
    from pip import __version__ as pip
except ImportError:
    pip = None
print(json.dumps({"python": sys.executable, "version": sys.version.split()[0], "pip": pip}))`;

interface Probed { readonly python: string; readonly version: string; readonly pip: string | null }

/** The installer of a Python, or the reason why it has none. */
async function installerOf(
  { file }: PythonCandidate, kind: InstallerKind | undefined, env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<FoundInstaller | string> {
  if (!file) return 'not found';
  let probed: Probed;
  try {
    probed = JSON.parse(await runCommand({ file, args: ['-c', PROBE], env, signal }));
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    return `does not start (${failure.process.output.trim().split('\n').pop()})`;
  }
  const { python, version: pythonVersion, pip } = probed;
  const found = { python, pythonVersion, identity: identifyPython([{ source: 'probe', file: python }]) };
  if (pip !== null && kind !== 'uv') return { ...found, kind: 'pip', file: python, args: ['-m', 'pip', 'install'], pipVersion: pip };
  // an environment's own uv is found even if the environment is not active
  const uv = kind === 'pip' ? undefined : findOnPath('uv', env) ?? findBeside(python, 'uv');
  if (uv) return { ...found, kind: 'uv', file: uv, args: ['pip', 'install', '--python', python] };
  return WITHOUT_UV[kind ?? 'any'];
}
