import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { FileDigest } from './artifact-digest';
import { sourceRepository, type ArtifactRequest } from './artifact-request';
import { buildEnvironment, install } from './build-install';
import { readInstalledTree, type InstalledTree } from './build-installed-tree';
import { findInstaller } from './build-installer';
import type { Project } from './build-project';
import { refuseUnfit } from './build-refusal';
import { copySourceTree, listSourceTree } from './build-source-tree';
import { linkRepository } from './build-version-link';

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
export async function build(project: Project, request: ArtifactRequest, signal?: AbortSignal): Promise<Build> {
  const temporary = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'pip-source-artifact-'));
  try {
    let env = buildEnvironment(process.env, request.environment ?? {}, project.versionFromGit ? request.version : undefined);
    const installer = await findInstaller(project.entry, request.python, env, signal);

    const repository = sourceRepository(project, request);
    const root = path.join(temporary, 'project');
    const copy = path.join(root, repository ? path.relative(repository.topLevel, project.entry) : '');
    fs.mkdirSync(copy, { recursive: true });
    const source = copySourceTree(listSourceTree(project.entry, request.exclude), copy);
    if (repository) env = { ...env, ...await linkRepository(repository, root, env, signal) };

    const target = path.join(temporary, 'target');
    fs.mkdirSync(target);
    await install(installer, { project: copy, target, args: request.pipArgs ?? [], env, signal });
    const tree = readInstalledTree(target);
    refuseUnfit(tree);
    return { tree, source };
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}
