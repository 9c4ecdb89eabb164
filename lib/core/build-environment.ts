import * as fs from 'node:fs';
import * as path from 'node:path';
import { sha256 } from './artifact-digest';
import { markUsed, removeUnused, replaceFolder, WRITING } from './artifact-folders';
import type { Installer } from './build-installer';
import { runCommand } from './run-command';

const MAX_ENVIRONMENTS = 20;
const READY = 'ready';

/** A virtual environment that holds what a build requires, and nothing else. */
export interface BuildEnvironment {
  readonly folder: string;
  readonly python: string;
  /** Where the scripts of the requirements are. */
  readonly bin: string;
}

/**
 * The build environment of a Python and its requirements, kept: half to three quarters of an isolated pip build is making it anew.
 * It has what pip's own isolation has, the requirements and no other package; the versions are those of the day it was made.
 */
export async function keepEnvironment(
  folder: string, installer: Installer, requires: readonly string[], env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<BuildEnvironment> {
  const constraints = [env.PIP_CONSTRAINT, env.PIP_BUILD_CONSTRAINT, env.UV_BUILD_CONSTRAINT];
  const key = sha256(JSON.stringify([1, installer.identity, [...requires].sort(), constraints]));
  const environment = path.join(folder, key);
  if (env.PIP_SOURCE_ARTIFACT_REFRESH) fs.rmSync(environment, { recursive: true, force: true });
  const found = open(environment);
  if (found) return found;
  // projects that are built at the same time often require the same
  const making = underWay.get(environment)
    ?? makeEnvironment(environment, installer, requires, env, signal).finally(() => underWay.delete(environment));
  underWay.set(environment, making);
  await making;
  removeUnused(folder, MAX_ENVIRONMENTS);
  return open(environment)!;
}

const underWay = new Map<string, Promise<void>>();

/** Nothing if it is not there, half there, or its Python is gone. */
function open(environment: string): BuildEnvironment | undefined {
  const [ready, python] = [path.join(environment, READY), interpreterIn(environment)];
  if (!fs.existsSync(ready) || !fs.existsSync(python)) return undefined;
  markUsed(environment);
  return { folder: environment, python, bin: path.join(environment, fs.readFileSync(ready, 'utf8'), 'bin') };
}

async function makeEnvironment(
  environment: string, installer: Installer, requires: readonly string[], env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<void> {
  const folder = path.dirname(environment);
  fs.mkdirSync(folder, { recursive: true });
  const temporary = fs.mkdtempSync(path.join(folder, WRITING));
  try {
    await runCommand({ file: installer.python, args: ['-m', 'venv', '--without-pip', temporary], env, signal });
    const site = await runCommand({
      file: interpreterIn(temporary), args: ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], env, signal,
    });
    if (requires.length > 0) {
      await runCommand({ file: installer.file, args: [...installer.args, '--target', site, ...requires], env, cwd: temporary, signal });
    }
    fs.writeFileSync(path.join(temporary, READY), path.relative(temporary, site));
    replaceFolder(temporary, environment, () => open(environment) !== undefined); // without scripts, it may be moved
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

function interpreterIn(environment: string): string {
  return process.platform === 'win32' ? path.join(environment, 'Scripts', 'python.exe') : path.join(environment, 'bin', 'python');
}
