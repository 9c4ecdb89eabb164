import * as fs from 'node:fs';
import * as path from 'node:path';
import { satisfies } from '@renovatebot/pep440';
import { redirectScripts } from './environment/scripts';
import { statIfThere } from '../base/files';
import { withoutCredentials } from '../base/redact';
import { sha256 } from '../base/tree';
import { isSet } from '../base/variables';
import { markUsed, removeUnused, replaceFolder, WRITING } from '../cache/folders';
import { askPython } from '../installer/ask-python';
import type { FoundInstaller } from '../installer/find';
import { keyOf } from '../plan/inputs/inputs';
import { runCommand } from '../process/command';

const MAX_ENVIRONMENTS = 20;
const READY = 'ready';

/** A virtual environment that holds the requirements of a build, and nothing else. */
export interface BuildEnvironment {
  readonly folder: string;
  readonly python: string;
  /** The folder of the requirements' scripts. */
  readonly bin: string;
}

/**
 * Find or make the build environment for a Python and requirements. It is kept, because making it takes half to three quarters of an
 * isolated pip build. Like pip's own it holds the requirements and no other package. The versions are those of the day it was made.
 */
export async function keepEnvironment(
  folder: string, installer: FoundInstaller, requires: readonly string[], env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<BuildEnvironment> {
  const key = keyOf('environment', {
    entry: folder,
    python: installer.python,
    environment: env,
    requirements: requires,
    options: [2, installer.identity, [...requires].sort().map(withoutCredentials)],
  });
  const environment = placeOf(path.join(folder, key), isSet('PIP_SOURCE_ARTIFACT_REFRESH', env));
  const found = open(environment);
  if (found) return found;
  // projects that are built at the same time often have the same requirements
  const making = underWay.get(environment)
    ?? makeEnvironment(environment, installer, requires, env, signal).finally(() => underWay.delete(environment));
  underWay.set(environment, making);
  await making;
  removeUnused(folder, MAX_ENVIRONMENTS);
  return open(environment)!;
}

const underWay = new Map<string, Promise<void>>();
/** By the path of a first environment: that of the one which this process made anew. */
const refreshed = new Map<string, string>();

/**
 * The path of the newest environment of a key. One that is made anew has a path of its own, because another process may be building in the
 * earlier one, which is left to age. A process makes it once.
 */
function placeOf(first: string, refresh: boolean): string {
  const own = refresh ? refreshed.get(first) : undefined;
  if (own !== undefined) return own;
  const prefix = `${path.basename(first)}-`;
  const names = statIfThere(path.dirname(first))?.isDirectory() ? fs.readdirSync(path.dirname(first)) : [];
  const numbers = names.filter((name) => name.startsWith(prefix)).map((name) => Number(name.slice(prefix.length))).filter(Number.isInteger);
  const newest = Math.max(0, ...numbers);
  const wanted = refresh && (newest > 0 || fs.existsSync(first)) ? newest + 1 : newest;
  const place = wanted === 0 ? first : `${first}-${wanted}`;
  if (refresh) refreshed.set(first, place);
  return place;
}

/** Have the next build make the environment anew. */
export function forgetEnvironment({ folder }: BuildEnvironment): void {
  fs.rmSync(path.join(folder, READY), { force: true });
}

interface Ready {
  /** The folder of the requirements, relative to the environment. */
  readonly site: string;
  readonly files: string;
}

/** `undefined` if it is missing, incomplete or damaged, or if its Python is gone. */
function open(environment: string): BuildEnvironment | undefined {
  const python = interpreterIn(environment);
  try {
    const { site, files }: Ready = JSON.parse(fs.readFileSync(path.join(environment, READY), 'utf8'));
    if (!fs.existsSync(python) || identifyFiles(environment) !== files) return undefined;
    markUsed(environment);
    return { folder: environment, python, bin: path.join(environment, site, 'bin') };
  } catch {
    return undefined;
  }
}

/** Names and sizes reveal files that were cut off or deleted. Contents are not read, because every build asks this. */
function identifyFiles(environment: string): string {
  const items = fs.readdirSync(environment, { recursive: true, withFileTypes: true });
  const files = items.filter((item) => item.isFile() && item.name !== READY && !item.name.endsWith('.pyc'))
    .map((item) => path.join(item.parentPath, item.name));
  return sha256(JSON.stringify(files.map((file) => [path.relative(environment, file), fs.statSync(file).size]).sort()));
}

const OPTIONS = {
  pip: ['--no-warn-conflicts'], // otherwise pip reads the metadata of everything that the user has installed
  uv: ['--compile-bytecode'], // as pip does; the build itself must not write bytecode
} as const;

async function makeEnvironment(
  environment: string, installer: FoundInstaller, requires: readonly string[], env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<void> {
  const folder = path.dirname(environment);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = fs.mkdtempSync(path.join(folder, WRITING));
  try {
    await runCommand({ file: installer.python, args: ['-m', 'venv', '--without-pip', temporary], env, signal });
    const where = 'import sysconfig; answer(sysconfig.get_path("purelib"))';
    const site = await askPython<string>(interpreterIn(temporary), where, { env, signal });
    if (requires.length > 0) {
      const args = [...installer.args, ...OPTIONS[installer.kind], '--target', site, ...requires];
      await runCommand({ file: installer.file, args, env: constrain(installer, env), cwd: temporary, signal });
      redirectScripts(path.join(site, 'bin'), installer.python, interpreterIn(environment));
    }
    const ready: Ready = { site: path.relative(temporary, site), files: identifyFiles(temporary) };
    fs.writeFileSync(path.join(temporary, READY), JSON.stringify(ready), { mode: 0o600 });
    replaceFolder(temporary, environment, () => open(environment) !== undefined); // its scripts lead there already
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Constrain the requirements as an isolated build would. Here they are installed like any other package, so the constraints of builds
 * become those of installs. A pip that does not know build constraints applies those of installs to builds.
 *
 * @see https://pip.pypa.io/en/stable/user_guide/#build-constraints
 */
function constrain({ pipVersion }: FoundInstaller, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hasNoBuildConstraints = pipVersion !== undefined && satisfies(pipVersion, '<26.2');
  const ofInstalls = hasNoBuildConstraints ? env.PIP_CONSTRAINT : undefined;
  return { ...env, PIP_CONSTRAINT: env.PIP_BUILD_CONSTRAINT || ofInstalls, UV_CONSTRAINT: env.UV_BUILD_CONSTRAINT };
}

function interpreterIn(environment: string): string {
  return process.platform === 'win32' ? path.join(environment, 'Scripts', 'python.exe') : path.join(environment, 'bin', 'python');
}
