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
import { withoutForeign } from '../installer/foreign';
import { hideSecrets } from '../installer/hide-secrets';
import { withholdSecrets } from '../installer/withhold-secrets';
import { keyOf } from '../plan/inputs/inputs';
import { runCommand } from '../process/command';
import { temporaryFolder } from '../process/temporary-folder';

const MAX_ENVIRONMENTS = 20;
/** ms. Then an environment is made anew: open requirements get newer versions, and what was bad of one is gone. */
const MAX_AGE = 30 * 24 * 60 * 60 * 1000;
const READY = 'ready';

/** A virtual environment that holds the requirements of a build, and nothing else. */
export interface BuildEnvironment {
  readonly folder: string;
  readonly python: string;
  /** The folder of the requirements' scripts. */
  readonly bin: string;
}

/** What an environment is made in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Arguments of pip or uv that say from where packages come. */
  readonly args?: readonly string[];
  /** The names of the variables that the user gives to this build. */
  readonly given?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Find or make the build environment for a Python and requirements. It is kept, because making it takes half to three quarters of an
 * isolated pip build. Like pip's own it holds the requirements and no other package. The versions are those of the day it was made, and 30
 * days old at most.
 */
export async function keepEnvironment(
  folder: string, installer: FoundInstaller, requires: readonly string[], surroundings: Surroundings,
): Promise<BuildEnvironment> {
  const { env, args = [] } = surroundings;
  const key = keyOf('environment', {
    entry: folder,
    python: installer.python,
    pipArgs: args,
    environment: env,
    requirements: requires,
    options: [3, installer.identity, [...requires].sort().map(withoutCredentials)],
  });
  const first = path.join(folder, key);
  const isRefreshed = isSet('PIP_SOURCE_ARTIFACT_REFRESH', env);
  const newest = isRefreshed ? refreshed.get(first) : placesOf(first).at(-1);
  const found = newest === undefined ? undefined : open(newest);
  if (found) return found;
  const environment = nextPlace(first);
  if (isRefreshed) refreshed.set(first, environment);
  // projects that are built at the same time often have the same requirements
  const making = underWay.get(environment)
    ?? makeEnvironment(environment, installer, requires, surroundings).finally(() => underWay.delete(environment));
  underWay.set(environment, making);
  await making;
  removeUnused(folder, MAX_ENVIRONMENTS);
  return open(environment)!;
}

const underWay = new Map<string, Promise<void>>();
/** By the path of a first environment: that of the one which this process made anew, as it does once. */
const refreshed = new Map<string, string>();

/**
 * What is at the paths for a key, the newest last. An environment that is made anew, because it is refreshed, too old, forgotten or
 * damaged, has a path of its own: another process may be building in the earlier one, which is left to age.
 */
function placesOf(first: string): string[] {
  const names = statIfThere(path.dirname(first))?.isDirectory() ? fs.readdirSync(path.dirname(first)) : [];
  const places = names.map((name) => path.join(path.dirname(first), name)).filter((place) => numberOf(place, first) !== undefined);
  return places.sort((a, b) => numberOf(a, first)! - numberOf(b, first)!);
}

function nextPlace(first: string): string {
  const newest = placesOf(first).at(-1);
  return newest === undefined ? first : `${first}-${numberOf(newest, first)! + 1}`;
}

/** 0 of the first one; `undefined` of one for another key. */
function numberOf(place: string, first: string): number | undefined {
  if (place === first) return 0;
  const number = place.startsWith(`${first}-`) ? Number(place.slice(first.length + 1)) : NaN;
  return Number.isInteger(number) ? number : undefined;
}

/** Have the next build make the environment anew. Those that build in it now are not disturbed. */
export function forgetEnvironment({ folder }: BuildEnvironment): void {
  fs.rmSync(path.join(folder, READY), { force: true });
}

interface Ready {
  /** The folder of the requirements, relative to the environment. */
  readonly site: string;
  readonly files: string;
  /** When it was made, ms. */
  readonly made: number;
}

/** `undefined` if it is missing, too old, incomplete or damaged, or if its Python is gone. */
function open(environment: string): BuildEnvironment | undefined {
  const python = interpreterIn(environment);
  try {
    const { site, files, made }: Ready = JSON.parse(fs.readFileSync(path.join(environment, READY), 'utf8'));
    if (!(Date.now() - made < MAX_AGE) || !fs.existsSync(python) || identifyFiles(environment) !== files) return undefined;
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
  environment: string, installer: FoundInstaller, requires: readonly string[],
  { env, args: places = [], given = [], signal }: Surroundings,
): Promise<void> {
  const folder = path.dirname(environment);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = fs.mkdtempSync(path.join(folder, WRITING));
  const work = temporaryFolder('pip-source-artifact');
  try {
    await runCommand({ file: installer.python, args: ['-m', 'venv', '--without-pip', temporary], env, signal });
    const where = 'import sysconfig; answer(sysconfig.get_path("purelib"))';
    const site = await askPython<string>(interpreterIn(temporary), where, { env, signal });
    if (requires.length > 0) {
      const args = [...installer.args, ...OPTIONS[installer.kind], '--target', site, ...requires, ...places];
      const command = { file: installer.file, args, env: constrain(installer, env), cwd: temporary, signal };
      const hidden = hideSecrets(command, installer.kind, work);
      await runCommand(withholdSecrets(hidden, installer.kind, given, work)); // a requirement may have to be built
      redirectScripts(path.join(site, 'bin'), installer.python, interpreterIn(environment));
    }
    const ready: Ready = { site: path.relative(temporary, site), files: identifyFiles(temporary), made: Date.now() };
    fs.writeFileSync(path.join(temporary, READY), JSON.stringify(ready), { mode: 0o600 });
    replaceFolder(temporary, environment, () => open(environment) !== undefined); // its scripts lead there already
  } finally {
    for (const item of [temporary, work]) fs.rmSync(item, { recursive: true, force: true });
  }
}

/**
 * Constrain the requirements as an isolated build would. Here they are installed like any other package, so the constraints of builds
 * become those of installs. A pip that does not know build constraints applies those of installs to builds.
 *
 * @see https://pip.pypa.io/en/stable/user_guide/#build-constraints
 */
function constrain({ pipVersion, config }: FoundInstaller, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hasNoBuildConstraints = pipVersion !== undefined && satisfies(pipVersion, '<26.2');
  const ofInstalls = hasNoBuildConstraints ? env.PIP_CONSTRAINT : undefined;
  const constrained = { ...env, PIP_CONSTRAINT: env.PIP_BUILD_CONSTRAINT || ofInstalls, UV_CONSTRAINT: env.UV_BUILD_CONSTRAINT };
  return withoutForeign(constrained, config);
}

function interpreterIn(environment: string): string {
  return process.platform === 'win32' ? path.join(environment, 'Scripts', 'python.exe') : path.join(environment, 'bin', 'python');
}
