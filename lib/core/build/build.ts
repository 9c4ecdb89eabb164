import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { buildWheel, NotPlain, type WheelOptions } from './backend';
import { refuseUnfit } from './fitness';
import { normaliseTree, readTarget, type InstalledTree } from './installed-tree';
import { forgetEnvironment } from './kept-environment';
import { describeBuild, findCommit } from './provenance';
import { memoryFolder, copyProject, emptyFolder } from './work-folder';
import type { FileDigest, TreeFile } from '../base/tree';
import type { Provenance } from '../cache/records';
import { findInstaller } from '../installer/find';
import { install } from '../installer/install';
import { buildEnvironment } from '../installer/variables';
import { type ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';

export interface BuildSettings {
  /** Where build environments are kept; without it, pip makes one for each build. */
  readonly environments?: string;
  readonly signal?: AbortSignal;
}

export interface Build {
  readonly tree: InstalledTree;
  /** What was built: the files as they were copied. */
  readonly source: readonly FileDigest[];
  readonly provenance: Provenance;
  /** Why pip had to build it, and not the kept environment. */
  readonly detour?: string;
}

/**
 * Stage 1: a project as pip installs it, without its dependencies. Built from a copy: an in-tree build leaves `build/` and
 * `*.egg-info` in the user's folder, and ships modules that an older `build/lib` still has.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-t
 */
export async function build(project: Project, request: ArtifactRequest, { environments, signal }: BuildSettings = {}): Promise<Build> {
  const [memory, disk] = [memoryFolder(), os.tmpdir()].map((folder) => fs.mkdtempSync(path.join(fs.realpathSync(folder), 'pip-source-artifact-')));
  try {
    const user = buildEnvironment(process.env, request.environment ?? {}, project.versionFromGit ? request.version : undefined);
    const installer = await findInstaller(request, user, signal);
    const { buildSystem } = project;
    const commit = findCommit(project.entry, user, signal);
    commit.catch(() => {}); // if the build fails first, nobody waits for it
    const made = async (files: readonly TreeFile[]) => {
      const tree = fit(files);
      return { tree, provenance: describeBuild(tree.name, files, installer, await commit) };
    };
    let detour: Error | undefined;
    if (environments !== undefined && buildSystem && isPlain(request, user)) {
      const { copy, source, env } = await copyProject(project, request, path.join(memory, 'project'), user, signal);
      const files = await tryWheel({
        entry: project.entry, project: copy, target: emptyFolder(memory, 'wheel'), buildSystem, installer, environments, env, signal,
      });
      if (!(files instanceof Error)) return { ...await made(files), source };
      detour = files;
    }
    const { copy, source, env } = await copyProject(project, request, path.join(disk, 'project'), user, signal);
    const target = emptyFolder(disk, 'target');
    await install(installer, { project: copy, target, args: request.pipArgs ?? [], env, signal });
    if (detour instanceof NotPlain && detour.environment) forgetEnvironment(detour.environment); // pip can, so that was at fault
    return { ...await made(readTarget(target)), source, detour: detour?.message };
  } finally {
    for (const folder of [memory, disk]) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Whether nothing asks pip for anything but to install the project. */
function isPlain({ pipArgs = [] }: ArtifactRequest, env: NodeJS.ProcessEnv): boolean {
  return pipArgs.length === 0 && !env.PIP_NO_BUILD_ISOLATION && !env.PIP_CONFIG_SETTINGS && !env.PIP_SOURCE_ARTIFACT_ISOLATED;
}

/** The reason if anything went wrong: pip then does it all anew, or says why it cannot be done. */
async function tryWheel(options: WheelOptions): Promise<TreeFile[] | Error> {
  try {
    return await buildWheel(options);
  } catch (error) {
    options.signal?.throwIfAborted();
    return error as Error;
  }
}

function fit(files: readonly TreeFile[]): InstalledTree {
  const tree = normaliseTree(files);
  refuseUnfit(tree);
  return tree;
}
