import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTextIfThere, statIfThere } from '../base/files';

/** The folders of a git repository. */
export interface Repository {
  /** The folder of this work tree's HEAD and index. */
  readonly gitDir: string;
  /** The folder of objects and references. It differs from `gitDir` in a linked work tree. */
  readonly commonDir: string;
  /** The work tree's folder. */
  readonly topLevel: string;
}

/** Find the repository that a folder is in, without starting git. */
export function findRepository(folder: string): Repository | undefined {
  const topLevel = path.resolve(folder);
  const dotGit = path.join(topLevel, '.git');
  const stat = statIfThere(dotGit);
  if (stat === undefined) {
    const parent = path.dirname(topLevel);
    return parent === topLevel ? undefined : findRepository(parent);
  }
  // in a linked work tree and in a submodule, .git is a file that names the folder
  const gitDir = stat.isFile() ? path.resolve(topLevel, fs.readFileSync(dotGit, 'utf8').replace(/^gitdir:\s*/, '').trim()) : dotGit;
  const common = path.join(gitDir, 'commondir');
  const commonDir = fs.existsSync(common) ? path.resolve(gitDir, fs.readFileSync(common, 'utf8').trim()) : gitDir;
  return { gitDir, commonDir, topLevel };
}

/**
 * The commit that is checked out, without starting git.
 *
 * @returns `undefined` before the first commit, and if refs are not stored as files (reftable)
 */
export function headCommit(repository: Repository): string | undefined {
  const { text, ref, target } = readHead(repository);
  const commit = ref === undefined ? text.trim() : target?.trim() || packedCommit(repository, ref);
  return commit && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

export interface Head {
  /** The content of the file HEAD. */
  readonly text: string;
  /** `refs/heads/main`; `undefined` if HEAD is detached. */
  readonly ref?: string;
  /** The content of the reference's own file; empty if it is packed. */
  readonly target?: string;
}

export function readHead({ gitDir, commonDir }: Repository): Head {
  const text = readText(gitDir, 'HEAD');
  const ref = /^ref: (.+)$/m.exec(text)?.[1];
  return { text, ref, target: ref && readText(commonDir, ref) };
}

/** @see https://git-scm.com/docs/git-pack-refs */
function packedCommit({ commonDir }: Repository, ref: string): string | undefined {
  const line = readText(commonDir, 'packed-refs').split('\n').find((packed) => packed.endsWith(` ${ref}`));
  return line?.split(' ')[0];
}

/** The text of a file of a repository; empty if it is missing. */
function readText(folder: string, name: string): string {
  return readTextIfThere(path.join(folder, name)) ?? '';
}

/** The suffix of a commit whose files the project has changed. */
export const DIRTY = '-dirty';

/** The files that tell git to ignore files of a project, besides the project's own .gitignore. */
export function ignoreFiles({ commonDir, topLevel }: Repository, entry: string): string[] {
  const files = [path.join(commonDir, 'info', 'exclude')];
  for (let folder = entry; folder !== topLevel && folder !== path.dirname(folder);) {
    folder = path.dirname(folder);
    files.push(path.join(folder, '.gitignore'));
  }
  return files;
}
