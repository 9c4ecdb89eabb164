import { devNull } from 'node:os';
import { refusal, type ArtifactError } from '../base/error';
import { OUR_VERSION } from '../base/library-version';
import type { TreeFile } from '../base/tree';
import type { Provenance } from '../cache/records';
import type { FoundInstaller } from '../installer/find';
import { distInfoFile } from '../pep/dist-info';
import { CommandFailure, runCommand } from '../process/command';
import { findOnPath } from '../project/interpreter';
import { DIRTY, findRepository, type Repository } from '../project/repository';

export function describeBuild(
  name: string, installed: readonly TreeFile[], installer: FoundInstaller, commit: string | undefined,
): Provenance {
  const generator = /^Generator: *(\S+) *\(?([^)\s]*)/m.exec(distInfoFile(installed, 'WHEEL'));
  const backend = generator ? [`${generator[1]} ${generator[2]}`.trim()] : [];
  const version = installer.pipVersion ?? installer.uvVersion;
  const by = version ? [`${installer.kind} ${version}`] : [];
  const tools = [`python ${installer.pythonVersion}`, ...by, ...backend, `cdk-pip-source-artifact ${OUR_VERSION}`];
  return { source_name: name, ...commit === undefined ? {} : { git_commit: commit }, built_with: printable(tools.join(', ')) };
}

/** Object metadata must be ASCII. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 300);
}

/** The project's repository, and what git says of it. */
export interface Checkout {
  readonly repository: Repository;
  /** git itself, if this machine has it. */
  readonly git?: string;
  /** Whether git works in it. */
  readonly isTrusted: boolean;
  /** Not there without git, without a commit, and where git does not work. */
  readonly head?: string;
}

/** Starts git once: it looks at whose the repository is, and what it refuses must not be gone around. `undefined` outside of any. */
export async function findCheckout(entry: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Checkout | undefined> {
  const repository = findRepository(entry);
  if (!repository) return undefined;
  const git = findOnPath('git', env);
  if (git === undefined) return { repository, isTrusted: true };
  try {
    return { repository, git, isTrusted: true, head: await askGit({ git, entry, env, signal }, 'rev-parse', 'HEAD') };
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    return { repository, git, isTrusted: !/dubious ownership|unsafe repository|safe\.directory/.test(failure.process.output) };
  }
}

interface Asking { readonly git: string; readonly entry: string; readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal }

async function askGit({ git, entry, env, signal }: Asking, ...args: string[]): Promise<string> {
  const safe = ['--no-optional-locks', '-c', 'core.fsmonitor=false', '-c', `core.hooksPath=${devNull}`];
  return runCommand({ file: git, args: [...safe, ...args], cwd: entry, env: { ...env, LC_ALL: 'C' }, signal });
}

/** The commit, followed by `-dirty` where files of the project differ from it. */
export async function describeCommit(
  { git, head }: Checkout, entry: string, env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<string | undefined> {
  if (git === undefined || head === undefined) return undefined;
  try {
    const changes = await askGit({ git, entry, env, signal }, 'status', '--porcelain', '--', '.');
    return head + (changes === '' ? '' : DIRTY);
  } catch (failure) {
    if (failure instanceof CommandFailure) return undefined;
    throw failure;
  }
}

/** When the commit was made, in seconds: a dirty checkout's version may hold the day, which is then not today. */
export async function commitTime(
  { git, head }: Checkout, entry: string, env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<string | undefined> {
  return git === undefined || head === undefined ? undefined : askGit({ git, entry, env, signal }, 'log', '-1', '--format=%ct');
}

/** Why the commit cannot be told; `undefined` where it can, and where there is none yet. */
export function untold({ git, isTrusted, repository: { topLevel } }: Checkout): string | undefined {
  if (git === undefined) return `git was not found on the PATH: the commit of ${topLevel} is not recorded`;
  if (isTrusted) return undefined;
  return `git does not trust ${topLevel}, which belongs to another user: the commit is not recorded. To trust it: ${trust(topLevel)}`;
}

/** A build that asks git gets no answer: what it makes up instead is nobody's version. */
export function refuseUntold({ git, repository: { topLevel } }: Checkout): ArtifactError {
  if (git === undefined) {
    const advice = 'install git, or set {version} where it asks for the version alone';
    return refusal('git-not-found', 'the build asks git, which was not found on the PATH', topLevel, advice);
  }
  const problem = 'the build asks git, which does not trust the repository, as it belongs to another user';
  return refusal('repository-not-trusted', problem, topLevel, `make git trust it: ${trust(topLevel)}`);
}

function trust(folder: string): string {
  return `git config --global --add safe.directory ${folder}`;
}
