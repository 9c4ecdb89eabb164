import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { FileDigest, TreeFile } from './artifact-digest';
import { sourceRepository, type ArtifactRequest } from './artifact-request';
import { buildEnvironment, install } from './build-install';
import { normaliseTree, readTarget, type InstalledTree } from './build-installed-tree';
import { findInstaller } from './build-installer';
import type { Project } from './build-project';
import { refuseUnfit } from './build-refusal';
import { copySourceTree, listSourceTree } from './build-source-tree';
import { linkRepository } from './build-version-link';
import { buildWheel, type WheelOptions } from './build-wheel';

export interface BuildOptions {
  /** Where build environments are kept; without it, pip makes one for each build. */
  readonly environments?: string;
  readonly signal?: AbortSignal;
}

export interface Build {
  readonly tree: InstalledTree;
  /** What was built: the files as they were copied. */
  readonly source: readonly FileDigest[];
}

/**
 * Stage 1: a project as pip installs it, without its dependencies. Built from a copy: an in-tree build leaves `build/` and
 * `*.egg-info` in the user's folder, and ships modules that an older `build/lib` still has.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-t
 */
export async function build(project: Project, request: ArtifactRequest, { environments, signal }: BuildOptions = {}): Promise<Build> {
  const temporary = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'pip-source-artifact-'));
  try {
    const user = buildEnvironment(process.env, request.environment ?? {}, project.versionFromGit ? request.version : undefined);
    const installer = await findInstaller(project.entry, request.python, user, signal);
    const { buildSystem } = project;
    if (environments !== undefined && buildSystem && isPlain(request, user)) {
      const { copy, source, env } = await copyProject(project, request, path.join(temporary, 'wheel'), user, signal);
      const files = await tryWheel({ project: copy, target: emptyFolder(temporary, 'wheels'), buildSystem, installer, environments, env, signal });
      if (files) return { tree: fit(files), source };
    }
    const { copy, source, env } = await copyProject(project, request, path.join(temporary, 'project'), user, signal);
    const target = emptyFolder(temporary, 'target');
    await install(installer, { project: copy, target, args: request.pipArgs ?? [], env, signal });
    return { tree: fit(readTarget(target)), source };
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whether nothing asks pip for anything but to install the project. */
function isPlain({ pipArgs = [] }: ArtifactRequest, env: NodeJS.ProcessEnv): boolean {
  return pipArgs.length === 0 && !env.PIP_NO_BUILD_ISOLATION && !env.PIP_CONFIG_SETTINGS && !env.PIP_SOURCE_ARTIFACT_ISOLATED;
}

/** Nothing if anything went wrong: pip then does it all anew, or says why it cannot be done. */
async function tryWheel(options: WheelOptions): Promise<TreeFile[] | undefined> {
  try {
    return await buildWheel(options);
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}

function fit(files: readonly TreeFile[]): InstalledTree {
  const tree = normaliseTree(files);
  refuseUnfit(tree);
  return tree;
}

interface Copy {
  readonly copy: string;
  readonly source: readonly FileDigest[];
  readonly env: NodeJS.ProcessEnv;
}

async function copyProject(project: Project, request: ArtifactRequest, root: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Copy> {
  const repository = sourceRepository(project, request);
  const copy = path.join(root, repository ? path.relative(repository.topLevel, project.entry) : '');
  fs.mkdirSync(copy, { recursive: true });
  const source = copySourceTree(listSourceTree(project.entry, request.exclude), copy);
  return { copy, source, env: repository ? { ...env, ...await linkRepository(repository, root, env, signal) } : env };
}

function emptyFolder(parent: string, name: string): string {
  const folder = path.join(parent, name);
  fs.mkdirSync(folder);
  return folder;
}
