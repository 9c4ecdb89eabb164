import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Project } from './project';
import { readTextIfThere, statIfThere } from '../base/files';
import { sha256 } from '../base/tree';

/** A project in a git repository. */
export interface Repository {
  /** The folder of this work tree's HEAD and index. */
  readonly gitDir: string;
  /** The folder of objects and refs; the same but for linked work trees. */
  readonly commonDir: string;
  readonly topLevel: string;
}

/** Find the repository without starting git. */
export function findRepository(folder: string): Repository | undefined {
  for (let topLevel = path.resolve(folder); ; topLevel = path.dirname(topLevel)) {
    const dotGit = path.join(topLevel, '.git');
    const stat = statIfThere(dotGit);
    if (stat) {
      // in a linked work tree and in a submodule it is a file
      const gitDir = stat.isFile() ? path.resolve(topLevel, fs.readFileSync(dotGit, 'utf8').replace(/^gitdir:\s*/, '').trim()) : dotGit;
      const common = path.join(gitDir, 'commondir');
      const commonDir = fs.existsSync(common) ? path.resolve(gitDir, fs.readFileSync(common, 'utf8').trim()) : gitDir;
      return { gitDir, commonDir, topLevel };
    }
    if (topLevel === path.dirname(topLevel)) return undefined;
  }
}

/** The commit that is checked out, without starting git; nothing where references are kept in another way than as files. */
export function headCommit(repository: Repository): string | undefined {
  const { head, ref, loose } = readHead(repository);
  const packed = () => (readTextIfThere(path.join(repository.commonDir, 'packed-refs')) ?? '').split('\n').find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
  const commit = ref === undefined ? head.trim() : loose?.trim() || packed();
  return commit && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

/** `loose`: what the file of the reference says, if there is one; else it is among the packed ones. */
function readHead({ gitDir, commonDir }: Repository): { readonly head: string; readonly ref?: string; readonly loose?: string } {
  const head = readTextIfThere(path.join(gitDir, 'HEAD')) ?? '';
  const ref = /^ref: (.+)$/m.exec(head)?.[1];
  return { head, ref, loose: ref && (readTextIfThere(path.join(commonDir, ref)) ?? '') };
}

/** What follows a commit that the project's files differ from. */
export const DIRTY = '-dirty';

/** What a version from git depends on besides the files: the commit and the tags. */
export function identifyRevision(repository: Repository): string {
  const { commonDir } = repository;
  const { head, loose: branch } = readHead(repository);
  const tags = path.join(commonDir, 'refs', 'tags');
  const loose = fs.existsSync(tags)
    ? fs.readdirSync(tags, { recursive: true, encoding: 'utf8' }).sort().map((name) => name + (readTextIfThere(path.join(tags, name)) ?? '')) : [];
  return sha256(JSON.stringify([
    head, branch, loose,
    readTextIfThere(path.join(commonDir, 'packed-refs')) ?? '', (readTextIfThere(path.join(commonDir, 'reftable', 'tables.list')) ?? ''),
  ]));
}

/** What tells git to ignore files of a project, besides the project's own .gitignore. */
export function ignoreFiles({ commonDir, topLevel }: Repository, entry: string): string[] {
  const files = [path.join(commonDir, 'info', 'exclude')];
  for (let folder = entry; folder !== topLevel && folder !== path.dirname(folder);) {
    folder = path.dirname(folder);
    files.push(path.join(folder, '.gitignore'));
  }
  return files;
}

/**
 * The repository that the build asks: for the version, for the files that git knows (setuptools-scm installs data files that are
 * tracked, also where the version is given), or for those that it ignores.
 */
export function sourceRepository({ versionFromGit, heedsGitignore, entry }: Project): Repository | undefined {
  return versionFromGit || heedsGitignore ? findRepository(entry) : undefined;
}
