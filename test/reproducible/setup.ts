import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { TestProject } from 'vitest/node';

export interface Interpreter {
  /** For the test's name: `Python 3.13`. */
  readonly name: string;
  readonly file: string;
}

/** What the matrix runs on. What a machine lacks is not there, and what needs it is skipped by name. */
export interface Machine {
  /** `python3` of the PATH. */
  readonly python: Interpreter;
  /** The oldest and the newest that were found besides. */
  readonly otherPythons: readonly Interpreter[];
  /** Environments of `python` with these pips. */
  readonly pips: readonly Interpreter[];
  /** With the newest pip and `build`. */
  readonly developer: Interpreter;
  /** An environment made by uv, without pip. */
  readonly uv: Interpreter;
  /** A folder with uv and nothing else, for the PATH. */
  readonly uvFolder: string;
  readonly locales: readonly string[];
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly machine: Machine;
  }
}

const OLD_PIP = '22.3.1';
/** Whose setuptools, hatchling, … are the newest ones: later Pythons get the same, earlier ones may not. */
const OLDEST_PYTHON = 10;

/** One temporary folder, and the environments, for the whole run. */
export default function setup(project: TestProject): () => void {
  const temporary = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'pip-source-artifact-reproducible-'));
  project.provide('temporary', temporary);
  // the outcome must not depend on who runs the tests
  for (const name of Object.keys(process.env)) if (/^(VIRTUAL_ENV|SETUPTOOLS_|SOURCE_DATE_EPOCH|PIP_(TARGET|CONSTRAINT)|PIP_SOURCE_ARTIFACT_)/.test(name)) delete process.env[name];
  project.provide('machine', findMachine(temporary));
  return () => fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
}

function findMachine(temporary: string): Machine {
  const python = probe('python3');
  if (!python) throw new Error('there is no python3 on the PATH');
  const others = new Map<string, Interpreter>();
  for (const file of candidates()) {
    const found = probe(file);
    if (found && found.minor >= OLDEST_PYTHON && found.minor !== python.minor) others.set(found.name, found);
  }
  const sorted = [...others.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const environment = (name: string, ...packages: string[]): Interpreter => {
    const folder = path.join(temporary, name.replace(/\W+/g, '-'));
    run(python.file, '-m', 'venv', folder);
    const file = path.join(folder, 'bin', 'python');
    run(file, '-m', 'pip', 'install', '--quiet', '--upgrade', ...packages);
    return { name, file };
  };
  const developer = environment('the newest pip', 'pip', 'build', 'uv');
  const uvFolder = path.join(temporary, 'uv-alone');
  fs.mkdirSync(uvFolder);
  fs.symlinkSync(path.join(path.dirname(developer.file), 'uv'), path.join(uvFolder, 'uv'));
  const uvEnvironment = path.join(temporary, 'made-by-uv');
  run(path.join(uvFolder, 'uv'), 'venv', '--quiet', '--python', python.file, uvEnvironment);
  return {
    python,
    otherPythons: [...new Set([sorted[0], sorted.at(-1)])].filter((other) => other !== undefined),
    pips: [environment(`pip ${OLD_PIP}`, `pip==${OLD_PIP}`), developer],
    developer,
    uv: { name: 'uv', file: path.join(uvEnvironment, 'bin', 'python') },
    uvFolder,
    locales: findLocales(),
  };
}

/** On the PATH, and where version managers keep theirs. */
function candidates(): string[] {
  const versions = [path.join(process.env.PYENV_ROOT ?? path.join(os.homedir(), '.pyenv'), 'versions'), path.join(os.homedir(), '.local/share/uv/python')];
  const managed = versions.filter((folder) => fs.existsSync(folder)).flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name, 'bin', 'python3')));
  return [...Array.from({ length: 10 }, (_, i) => `python3.${OLDEST_PYTHON + i}`), ...managed];
}

/** Nothing for what does not start, and for what cannot make an environment. */
function probe(file: string): Interpreter & { readonly minor: number } | undefined {
  try {
    const [executable, minor] = run(file, '-c', 'import sys, venv, ensurepip; print(sys.executable); print(sys.version_info[1])').split('\n');
    return { name: `Python 3.${minor}`, file: executable, minor: Number(minor) };
  } catch {
    return undefined;
  }
}

function findLocales(): string[] {
  try {
    return [...new Set(['C', 'C.UTF-8', ...run('locale', '-a').trim().split('\n')])].filter((name) => !/^(POSIX|C\.utf8)$/i.test(name) || name === 'C.UTF-8').slice(0, 6);
  } catch {
    return ['C', 'C.UTF-8'];
  }
}

function run(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
