import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { linkRepository } from './repository-link';
import type { FileDigest } from '../base/tree';
import { type ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';
import { ignoreFiles, type Repository, sourceRepository } from '../project/repository';
import { copySourceTree, listSourceTree } from '../project/source-tree';

const ENOUGH_MEMORY = 1024 ** 3;

// bytes

/** Where files cost no disk: setuptools writes each of a project's files three times. A TMPDIR that the user chose is kept to. */
export function memoryFolder(): string {
  const shared = '/dev/shm';
  if (process.platform !== 'linux' || process.env.TMPDIR !== undefined) return os.tmpdir();
  try {
    fs.accessSync(shared, fs.constants.W_OK);
    const { bavail, bsize } = fs.statfsSync(shared);
    return bavail * bsize >= ENOUGH_MEMORY ? shared : os.tmpdir();
  } catch {
    return os.tmpdir();
  }
}

interface Copy {
  readonly copy: string;
  readonly source: readonly FileDigest[];
  readonly env: NodeJS.ProcessEnv;
}

export async function copyProject(project: Project, request: ArtifactRequest, root: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<Copy> {
  const repository = sourceRepository(project);
  const copy = path.join(root, repository ? path.relative(repository.topLevel, project.entry) : '');
  fs.mkdirSync(copy, { recursive: true });
  const source = copySourceTree(listSourceTree(project.entry, request.exclude), copy);
  if (repository && project.heedsGitignore) copyIgnoreFiles(repository, project.entry, root);
  return { copy, source, env: repository ? { ...env, ...await linkRepository(repository, project.entry, root, env, signal) } : env };
}

/** Those above the project; `info/exclude` is found through the link to the repository. */
function copyIgnoreFiles(repository: Repository, entry: string, root: string): void {
  for (const file of ignoreFiles(repository, entry).filter((item) => path.basename(item) === '.gitignore' && fs.existsSync(item))) {
    fs.copyFileSync(file, path.join(root, path.relative(repository.topLevel, file)));
  }
}

export function emptyFolder(parent: string, name: string): string {
  const folder = path.join(parent, name);
  fs.mkdirSync(folder);
  return folder;
}
