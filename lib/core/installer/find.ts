import { askPython } from './ask-python';
import { readPipConfig, type PipConfig } from './pip-config';
import { ArtifactError } from '../base/error';
import { satisfiesSpecifier } from '../pep/specifier';
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
  /** What pip's configuration files say of `pip install`; empty where uv serves. */
  readonly config: PipConfig;
  /** What they say of `pip download`. */
  readonly downloadConfig?: PipConfig;
  /** Not there where uv serves. */
  readonly pipVersion?: string;
  /** Not there where pip serves. */
  readonly uvVersion?: string;
}

/**
 * The first Python that fits, works and has a pip, or uv beside it.
 *
 * @param required the Pythons that the project admits; nothing if any will do
 */
export async function findInstaller(
  { entry, python, installer }: ArtifactRequest, env: NodeJS.ProcessEnv, signal?: AbortSignal, required?: string,
): Promise<FoundInstaller> {
  const tried: string[] = [];
  const unfit: string[] = [];
  let lacksUv = false;
  for (const candidate of findPythons(entry, python, env, required)) {
    const found = await installerOf(candidate, installer, env, signal);
    if (typeof found === 'string') {
      tried.push(`${candidate.source}: ${found}`);
      lacksUv ||= found === WITHOUT_UV.uv;
    } else if (required !== undefined && !satisfiesSpecifier(found.pythonVersion, required)) {
      tried.push(`${candidate.source}: is ${found.pythonVersion}`);
      unfit.push(`${found.pythonVersion} (${candidate.source})`);
    } else {
      return found;
    }
  }
  if (unfit.length > 0) throw refusePython(required!, unfit[0], `tried ${tried.join('; ')}`);
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

/** The one error for a project that does not admit the Python. */
export function refusePython(required: string, got: string, hint?: string): ArtifactError {
  return new ArtifactError({
    reference: 'install-python',
    problem: `the project requires Python ${required}`,
    got,
    advice: 'set {python} to an interpreter that fits, of which that of the Lambda runtime is best, '
      + 'or set {pipArgs=["--ignore-requires-python"]}',
    hint,
  });
}

const WITHOUT_UV = {
  pip: 'has no pip',
  uv: 'uv is neither on the PATH nor beside it',
  any: 'has no pip, and uv is neither on the PATH nor beside it',
};

// sys.executable is the interpreter itself: the candidate may be a shim, which chooses one by the current folder
const PROBE = `
import sys
try:
    from pip import __version__ as pip
except ImportError:
    pip = None
answer({"python": sys.executable, "prefix": sys.prefix, "version": sys.version.split()[0], "pip": pip})`;

interface Probed { readonly python: string; readonly prefix: string; readonly version: string; readonly pip: string | null }

/** The installer of a Python, or the reason why it has none. */
async function installerOf(
  { file }: PythonCandidate, kind: InstallerKind | undefined, env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<FoundInstaller | string> {
  if (!file) return 'not found';
  let probed: Probed;
  try {
    probed = await askPython<Probed>(file, PROBE, { env, signal });
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    return `does not start (${failure.process.output.trim().split('\n').pop()})`;
  }
  const { python, prefix, version: pythonVersion, pip } = probed;
  const found = { python, pythonVersion, identity: identifyPython([{ source: 'probe', file: python }]) };
  if (pip !== null && kind !== 'uv') {
    const [config, downloadConfig] = (['install', 'download'] as const).map((command) => readPipConfig(env, prefix, command));
    return { ...found, config, downloadConfig, kind: 'pip', file: python, args: ['-m', 'pip', 'install'], pipVersion: pip };
  }
  const uv = kind === 'pip' ? undefined : findOnPath('uv', env) ?? findBeside(python, 'uv'); // of an environment that is not active
  if (uv) {
    const uvVersion = await versionOf(uv, env, signal);
    return { ...found, config: new Map(), kind: 'uv', file: uv, args: ['pip', 'install', '--python', python], uvVersion };
  }
  return WITHOUT_UV[kind ?? 'any'];
}

/** `uv 0.9.1 (…)` */
async function versionOf(uv: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return /^uv (\S+)/m.exec(await runCommand({ file: uv, args: ['--version'], env, signal }))?.[1];
  } catch (failure) {
    if (failure instanceof CommandFailure) return undefined; // what it is asked next says more
    throw failure;
  }
}
