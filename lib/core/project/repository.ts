import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
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
    const stat = fs.statSync(dotGit, { throwIfNoEntry: false });
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
  const packed = () => readIfThere(path.join(repository.commonDir, 'packed-refs')).split('\n').find((line) => line.endsWith(` ${ref}`))?.split(' ')[0];
  const commit = ref === undefined ? head.trim() : loose?.trim() || packed();
  return commit && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
}

/** `loose`: what the file of the reference says, if there is one; else it is among the packed ones. */
function readHead({ gitDir, commonDir }: Repository): { readonly head: string; readonly ref?: string; readonly loose?: string } {
  const head = readIfThere(path.join(gitDir, 'HEAD'));
  const ref = /^ref: (.+)$/m.exec(head)?.[1];
  return { head, ref, loose: ref && readIfThere(path.join(commonDir, ref)) };
}

/** What follows a commit that the project's files differ from. */
export const DIRTY = '-dirty';

/** What a version from git depends on besides the files: the commit and the tags. */
export function identifyRevision(repository: Repository): string {
  const { commonDir } = repository;
  const { head, loose: branch } = readHead(repository);
  const tags = path.join(commonDir, 'refs', 'tags');
  const loose = fs.existsSync(tags)
    ? fs.readdirSync(tags, { recursive: true, encoding: 'utf8' }).sort().map((name) => name + readIfThere(path.join(tags, name))) : [];
  return sha256(JSON.stringify([
    head, branch, loose,
    readIfThere(path.join(commonDir, 'packed-refs')), readIfThere(path.join(commonDir, 'reftable', 'tables.list')),
  ]));
}

/**
 * The files that git knows, without starting it; the whole index where its format is not the usual one. Which are staged decides on
 * what is installed: setuptools-scm takes data files that are, poetry leaves out what is ignored unless it is.
 *
 * @see https://git-scm.com/docs/index-format
 */
export function identifyTracked({ gitDir }: Repository): string {
  const file = path.join(gitDir, 'index');
  const index = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  return sha256(JSON.stringify(index.length < HEADER ? [] : namesIn(index) ?? sha256(index)));
}

const CHECKSUM = 20; // bytes

const HEADER = 12; // bytes
const BEFORE_FLAGS = 60; // bytes: times, mode, owner, size, SHA-1

function namesIn(index: Buffer): string[] | undefined {
  const [version, count] = [index.readUInt32BE(4), index.readUInt32BE(8)];
  // another version packs names; another checksum means SHA-256 everywhere
  if (version > 3 || hash('sha1', index.subarray(0, -CHECKSUM)) !== index.toString('hex', index.length - CHECKSUM)) return undefined;
  const names: string[] = [];
  for (let i = 0, start = HEADER; i < count; i++) {
    const isExtended = index[start + BEFORE_FLAGS] % 0x80 >= 0x40;
    const name = start + BEFORE_FLAGS + (isExtended ? 4 : 2);
    const end = index.indexOf(0, name);
    names.push(index.toString('latin1', name, end));
    start += Math.floor((end - start + 8) / 8) * 8; // padded with zeros, one at least
  }
  return names;
}

export function readIfThere(file: string): string {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? fs.readFileSync(file, 'utf8') : '';
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
