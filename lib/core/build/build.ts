import { buildWheel, NotPlain } from './backend';
import { refuseUnfit } from './fitness';
import { normaliseTree, readTarget, type InstalledTree } from './installed-tree';
import { forgetEnvironment } from './kept-environment';
import { commitTime, describeBuild, describeCommit, findCheckout, refuseUntold, untold, type Checkout } from './provenance';
import { WorkFolder, type ProjectCopy } from './work-folder';
import { ArtifactError } from '../base/error';
import type { FileDigest, TreeFile } from '../base/tree';
import type { Provenance } from '../cache/records';
import { findInstaller, type FoundInstaller } from '../installer/find';
import { install } from '../installer/install';
import { buildEnvironment } from '../installer/variables';
import { type ArtifactRequest } from '../plan/source-request';
import { type Asked, GitReader } from '../project/git-state';
import type { BuildSystem, Project } from '../project/project';

export interface BuildSettings {
  /** The folder of the kept build environments. Without it, pip makes one for each build. */
  readonly environments?: string;
  readonly signal?: AbortSignal;
}

export interface Build {
  readonly tree: InstalledTree;
  /** The project's files as they were copied and built. */
  readonly source: readonly FileDigest[];
  readonly provenance: Provenance;
  /** What the build asked git; `undefined` if nothing. */
  readonly asked?: Asked;
  /** What git knew then. */
  readonly git: GitReader;
  /** Why the commit is not known, although there is a repository. */
  readonly note?: string;
  /** Why pip built it, although a kept environment was to be used. */
  readonly detour?: string;
}

/**
 * Stage 1: a project as pip installs it, without its dependencies. Built from a copy: an in-tree build leaves `build/` and
 * `*.egg-info` in the user's folder, and ships modules that an older `build/lib` still has.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-t
 */
export async function build(project: Project, request: ArtifactRequest, { environments, signal }: BuildSettings = {}): Promise<Build> {
  const env = buildEnvironment(process.env, request.environment ?? {}, project.versionFromGit ? request.version : undefined);
  const installer = await findInstaller(request, env, signal);
  const checkout = await findCheckout(project.entry, env, signal);
  const commit = checkout && describeCommit(checkout, project.entry, env, signal); // meanwhile
  commit?.catch(() => {}); // nobody waits for it if the build fails first
  if (checkout && project.versionFromGit && request.version === undefined) {
    env.SOURCE_DATE_EPOCH = process.env.SOURCE_DATE_EPOCH ?? await commitTime(checkout, project.entry, env, signal) ?? env.SOURCE_DATE_EPOCH;
  }
  const git = new GitReader();
  if (checkout) git.identify(checkout.repository, project.entry, 'revision'); // a later commit belongs to the next build
  const { files, ...built } = await buildFiles({ project, request, installer, checkout, git, env, signal }, environments);
  const tree = normaliseTree(files);
  refuseUnfit(tree);
  return { tree, ...built, git, provenance: describeBuild(tree.name, files, installer, await commit), note: checkout && untold(checkout) };
}

interface Order {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly installer: FoundInstaller;
  readonly checkout?: Checkout;
  readonly git: GitReader;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

type BuiltFiles = Pick<Build, 'source' | 'asked' | 'detour'> & { readonly files: readonly TreeFile[] };

/** Build plainly if possible. If that fails for any reason, pip builds it all anew, or says why it cannot. */
async function buildFiles(order: Order, environments: string | undefined): Promise<BuiltFiles> {
  const { project: { buildSystem }, signal } = order;
  if (environments === undefined || !buildSystem || !isPlain(order)) return buildByPip(order);
  try {
    return await buildPlainly(order, buildSystem, environments);
  } catch (reason) {
    signal?.throwIfAborted();
    if (reason instanceof ArtifactError) throw reason;
    const built = await buildByPip(order);
    if (reason instanceof NotPlain && reason.environment) forgetEnvironment(reason.environment); // pip can build it: it was at fault
    return { ...built, detour: (reason as Error).message };
  }
}

/** A build that asks git in vain may make something up, such as a version. */
function refuseGuess({ checkout, request }: Order, { witness }: ProjectCopy): void {
  if (checkout && request.version === undefined && witness?.asked === 'revision' && untold(checkout)) throw refuseUntold(checkout);
}

/** Whether pip is asked for nothing but to install the project. */
function isPlain({ request: { pipArgs = [] }, env }: Order): boolean {
  return pipArgs.length === 0 && !env.PIP_NO_BUILD_ISOLATION && !env.PIP_CONFIG_SETTINGS && !env.PIP_SOURCE_ARTIFACT_ISOLATED;
}

/** Call the build backend in a kept environment. */
async function buildPlainly(order: Order, buildSystem: BuildSystem, environments: string): Promise<BuiltFiles> {
  const { project: { entry }, installer, signal } = order;
  const folder = WorkFolder.inMemory();
  try {
    const copied = folder.copyProject(order);
    const { copy, source, env, witness } = copied;
    const given = Object.keys(order.request.environment ?? {});
    const target = folder.makeEmpty('wheel');
    const files = await buildWheel({
      entry, project: copy, target, buildSystem, installer, environments, env, given, gitLog: witness?.log, signal,
    });
    refuseGuess(order, copied);
    return { source, files, asked: witness?.asked };
  } finally {
    folder.dispose();
  }
}

/** Have pip or uv install the project. */
async function buildByPip(order: Order): Promise<BuiltFiles> {
  const { request: { pipArgs: args = [] }, installer, signal } = order;
  const folder = WorkFolder.onDisk();
  try {
    const copied = folder.copyProject(order);
    const { copy, source, env, witness } = copied;
    const target = folder.makeEmpty('target');
    await install(installer, { project: copy, target, args, env, signal }).catch((failure) => {
      refuseGuess(order, copied);
      throw failure;
    });
    refuseGuess(order, copied);
    return { source, files: readTarget(target), asked: witness?.asked };
  } finally {
    folder.dispose();
  }
}
