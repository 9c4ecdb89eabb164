import { buildWheel, NotPlain } from './backend';
import { refuseUnfit } from './fitness';
import { normaliseTree, readTarget, type InstalledTree } from './installed-tree';
import { forgetEnvironment } from './kept-environment';
import { describeBuild, findCommit } from './provenance';
import { WorkFolder } from './work-folder';
import type { FileDigest, TreeFile } from '../base/tree';
import type { Provenance } from '../cache/records';
import { findInstaller, type FoundInstaller } from '../installer/find';
import { install } from '../installer/install';
import { buildEnvironment } from '../installer/variables';
import { type ArtifactRequest } from '../plan/source-request';
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
  const commit = findCommit(project.entry, env, signal); // meanwhile
  commit.catch(() => {}); // nobody waits for it if the build fails first
  const { files, source, detour } = await buildFiles({ project, request, installer, env, signal }, environments);
  const tree = normaliseTree(files);
  refuseUnfit(tree);
  return { tree, source, provenance: describeBuild(tree.name, files, installer, await commit), detour };
}

interface Order {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly installer: FoundInstaller;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

type BuiltFiles = Pick<Build, 'source' | 'detour'> & { readonly files: readonly TreeFile[] };

/** Build plainly if possible. If that fails for any reason, pip builds it all anew, or says why it cannot. */
async function buildFiles(order: Order, environments: string | undefined): Promise<BuiltFiles> {
  const { project: { buildSystem }, signal } = order;
  if (environments === undefined || !buildSystem || !isPlain(order)) return buildByPip(order);
  try {
    return await buildPlainly(order, buildSystem, environments);
  } catch (reason) {
    signal?.throwIfAborted();
    const built = await buildByPip(order);
    if (reason instanceof NotPlain && reason.environment) forgetEnvironment(reason.environment); // pip can build it: it was at fault
    return { ...built, detour: (reason as Error).message };
  }
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
    const { copy, source, env } = await folder.copyProject(order);
    const target = folder.makeEmpty('wheel');
    return { source, files: await buildWheel({ entry, project: copy, target, buildSystem, installer, environments, env, signal }) };
  } finally {
    folder.dispose();
  }
}

/** Have pip or uv install the project. */
async function buildByPip(order: Order): Promise<BuiltFiles> {
  const { request: { pipArgs: args = [] }, installer, signal } = order;
  const folder = WorkFolder.onDisk();
  try {
    const { copy, source, env } = await folder.copyProject(order);
    const target = folder.makeEmpty('target');
    await install(installer, { project: copy, target, args, env, signal });
    return { source, files: readTarget(target) };
  } finally {
    folder.dispose();
  }
}
