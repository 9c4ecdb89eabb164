import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { GitWitness } from './git-witness';
import type { Checkout } from './provenance';
import { linkRepository } from './repository-link';
import type { FileDigest } from '../base/tree';
import { type ArtifactRequest } from '../plan/source-request';
import { mayWantGit } from '../project/build-files';
import type { GitReader } from '../project/git-state';
import type { Project } from '../project/project';
import { copySourceTree, listSourceTree } from '../project/source-tree';

const ENOUGH_MEMORY = 1024 ** 3; // bytes

interface CopyOrder {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly checkout?: Checkout;
  readonly git: GitReader;
  readonly env: NodeJS.ProcessEnv;
}

export interface ProjectCopy {
  /** The copy's folder. */
  readonly copy: string;
  readonly source: readonly FileDigest[];
  /** The environment for a build of the copy. */
  readonly env: NodeJS.ProcessEnv;
  /** Sees what the build asks git, if the project is in a repository. */
  readonly witness?: GitWitness;
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
  private programs?: string;

  private constructor(parent: string) {
    this.folder = fs.mkdtempSync(path.join(fs.realpathSync(parent), 'pip-source-artifact-'));
  }

  /** Copy a project to where it is in its repository, and link the copy to that. */
  copyProject({ project, request, checkout, git: reader, env }: CopyOrder): ProjectCopy {
    const { entry } = project;
    const root = path.join(this.folder, 'project');
    const copy = path.join(root, checkout ? path.relative(checkout.repository.topLevel, entry) : '');
    fs.mkdirSync(copy, { recursive: true });
    const source = copySourceTree(listSourceTree(entry, request.exclude), copy);
    if (!checkout) return { copy, source, env };
    const isWanted = mayWantGit(project, source);
    return { copy, source, ...linkRepository({ ...checkout, reader, entry, root, workFolder: this.programFolder(), isWanted, env }) };
  }

  /** On the disk: programs in memory cannot be started everywhere. */
  private programFolder(): string {
    return this.programs ??= fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'pip-source-artifact-'));
  }

  makeEmpty(name: string): string {
    const folder = path.join(this.folder, name);
    fs.mkdirSync(folder);
    return folder;
  }

  dispose(): void {
    for (const folder of [this.folder, this.programs ?? []].flat()) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
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
