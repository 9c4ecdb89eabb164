import * as fs from 'node:fs';
import * as path from 'node:path';
import { readIndex, type GitIndex } from './git-index';
import { readHead, type Repository } from './repository';
import { readTextIfThere } from '../base/files';
import { withoutCredentials } from '../base/redact';
import { sha256 } from '../base/tree';

/** What a build asks git: which files it knows and ignores; or something else, such as the commit or a tag. */
export type Asked = 'files' | 'revision';

/** Reads what git knows, without starting it; each repository once, for all projects of a synth. */
export class GitReader {
  readonly #indexes = new Map<string, GitIndex>();
  readonly #revisions = new Map<string, string>();

  /** The digest of what the answers to a build depend on, besides the project's files. */
  identify(repository: Repository, entry: string, asked: Asked): string {
    const tracked = this.#identifyTracked(repository, entry, asked);
    return sha256(JSON.stringify(asked === 'revision' ? [tracked, this.#revision(repository)] : [tracked]));
  }

  /**
   * The project's files that git knows. Which are staged decides on what is installed: setuptools-scm takes data files that are, poetry
   * leaves out what is ignored unless it is. What is staged elsewhere does not matter: the build's index has it as the commit has it.
   */
  #identifyTracked(repository: Repository, entry: string, asked: Asked): unknown {
    const { entries, removed, unknown } = this.index(repository);
    const folder = folderBelowTop(repository, entry);
    const below = entries.filter(({ name }) => name === '' || name.startsWith(folder));
    const told = asked === 'revision' ? below.map(({ name, content }) => [name, content]) : below.map(({ name }) => name).filter(Boolean);
    return [unknown, removed, told];
  }

  index(repository: Repository): GitIndex {
    return remember(this.#indexes, repository.gitDir, () => readIndex(repository));
  }

  #revision(repository: Repository): string {
    return remember(this.#revisions, repository.gitDir, () => identifyRevision(repository));
  }
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** With `/` at its end, as the index writes it; empty for the top. */
export function folderBelowTop({ topLevel }: Repository, entry: string): string {
  const folder = path.relative(topLevel, entry).split(path.sep).join('/');
  return folder === '' ? '' : Buffer.from(`${folder}/`).toString('latin1');
}

/** The commit, branches and tags, how much of the history is there, and where the repository is from. */
function identifyRevision(repository: Repository): string {
  const { gitDir, commonDir } = repository;
  const { text: head, target: branch } = readHead(repository);
  const text = (...names: string[]) => readTextIfThere(path.join(commonDir, ...names)) ?? '';
  const refs = path.join(commonDir, 'refs');
  const loose = fs.existsSync(refs)
    ? fs.readdirSync(refs, { recursive: true, encoding: 'utf8' }).sort().map((name) => name + text('refs', name)) : [];
  const remotes = text('config').match(/^\s*url\s*=.*$/gm) ?? []; // a token may be in them, and in the other lines
  return sha256(JSON.stringify([
    head, branch, loose, text('packed-refs'), text('reftable', 'tables.list'), text('shallow'), remotes.map(withoutCredentials),
    gitDir === commonDir ? '' : readTextIfThere(path.join(gitDir, 'shallow')) ?? '',
  ]));
}
