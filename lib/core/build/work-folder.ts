import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { linkRepository } from './repository-link';
import type { FileDigest } from '../base/tree';
import { type ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';
import { ignoreFiles, type Repository, sourceRepository } from '../project/repository';
import { copySourceTree, listSourceTree } from '../project/source-tree';

const ENOUGH_MEMORY = 1024 ** 3; // bytes

interface CopyOrder {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

export interface ProjectCopy {
  /** The copy's folder. */
  readonly copy: string;
  readonly source: readonly FileDigest[];
  /** The environment for a build of the copy. */
  readonly env: NodeJS.ProcessEnv;
}

/** The temporary folder of one build. Whoever makes one disposes of it. */
export class WorkFolder {
  /** In memory if there is enough, else on the disk: setuptools writes each of a project's files three times. */
  static inMemory(): WorkFolder {
    return new WorkFolder(memoryFolder());
  }

  static onDisk(): WorkFolder {
    return new WorkFolder(os.tmpdir());
  }

  private readonly folder: string;

  private constructor(parent: string) {
    this.folder = fs.mkdtempSync(path.join(fs.realpathSync(parent), 'pip-source-artifact-'));
  }

  /** Copy a project to where it is in its repository, if it needs the repository. */
  async copyProject({ project, request, env, signal }: CopyOrder): Promise<ProjectCopy> {
    const root = path.join(this.folder, 'project');
    const repository = sourceRepository(project);
    const copy = path.join(root, repository ? path.relative(repository.topLevel, project.entry) : '');
    fs.mkdirSync(copy, { recursive: true });
    const source = copySourceTree(listSourceTree(project.entry, request.exclude), copy);
    if (!repository) return { copy, source, env };
    if (project.heedsGitignore) copyIgnoreFiles(repository, project.entry, root);
    return { copy, source, env: { ...env, ...await linkRepository(repository, project.entry, root, env, signal) } };
  }

  makeEmpty(name: string): string {
    const folder = path.join(this.folder, name);
    fs.mkdirSync(folder);
    return folder;
  }

  dispose(): void {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The user's TMPDIR wins over memory. */
function memoryFolder(): string {
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

/** Copy the files above the project. `info/exclude` needs no copy: git finds it through the link to the repository. */
function copyIgnoreFiles(repository: Repository, entry: string, root: string): void {
  for (const file of ignoreFiles(repository, entry).filter((item) => path.basename(item) === '.gitignore' && fs.existsSync(item))) {
    fs.copyFileSync(file, path.join(root, path.relative(repository.topLevel, file)));
  }
}
