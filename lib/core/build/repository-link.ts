import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { GitWitness, quote } from './git-witness';
import { folderBelowTop, type GitReader } from '../project/git-state';
import { ignoreFiles, type Repository } from '../project/repository';

/** A copy of a project that git takes for a work tree of the project's repository. */
export interface RepositoryLink {
  readonly witness: GitWitness;
  /** What to add to the environment of the build. */
  readonly env: NodeJS.ProcessEnv;
}

/** What is linked, and how. */
export interface LinkOptions {
  readonly repository: Repository;
  readonly reader: GitReader;
  /** The project's folder. */
  readonly entry: string;
  /** What stands for the repository's top level; holds the copy at the project's relative path. */
  readonly root: string;
  /** An empty folder. */
  readonly workFolder: string;
  /** Whether the build may look for a repository without asking git first: it is there from the beginning then. */
  readonly isWanted: boolean;
  /** git itself, if this machine has it. */
  readonly git?: string;
  /** Whether git works in the repository: it does not where that belongs to somebody else, see `safe.directory`. */
  readonly isTrusted: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Make the copy of a project a work tree of the project's repository, so that whoever asks git in the build gets the answer that the
 * checkout would give, had nothing but the project changed in it. The copy has a HEAD and an index of its own: nothing is written to the
 * user's. Starts no process: what git has to do for it waits until it is asked.
 *
 * Of a repository that git does not trust there are the names of its files alone, and nothing that could be run.
 *
 * @see https://git-scm.com/docs/gitrepository-layout ("commondir")
 * @see https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory
 */
export function linkRepository(options: LinkOptions): RepositoryLink {
  const { repository, entry, root, workFolder, git, isTrusted, env } = options;
  const place = path.join(root, '.git');
  const waiting = path.join(workFolder, '.git');
  writeLink(repository, isTrusted, waiting);
  copyIgnoreFiles(repository, entry, root);
  const move = `mv ${quote(waiting)} ${quote(place)};`;
  const witness = new GitWitness(workFolder, git, isTrusted && git !== undefined ? `${move} ${prepareIndex(options, git)}` : move);
  if (options.isWanted || git === undefined || !witness.isHeard) {
    fs.cpSync(waiting, place, { recursive: true });
    fs.rmSync(waiting, { recursive: true });
  }
  return {
    witness,
    env: {
      ...configureGit(env),
      PATH: [witness.bin, env.PATH].filter(Boolean).join(path.delimiter),
      GIT_CEILING_DIRECTORIES: path.dirname(fs.realpathSync(root)),
    },
  };
}

function writeLink({ gitDir, commonDir }: Repository, isTrusted: boolean, dotGit: string): void {
  fs.mkdirSync(dotGit, { recursive: true });
  const own = isTrusted ? /^(index|sharedindex\.[0-9a-f]+|HEAD)$/ : /^(index|sharedindex\.[0-9a-f]+)$/;
  const names = fs.readdirSync(gitDir).filter((file) => own.test(file));
  for (const name of names) fs.copyFileSync(path.join(gitDir, name), path.join(dotGit, name));
  if (isTrusted) {
    fs.writeFileSync(path.join(dotGit, 'commondir'), `${commonDir}\n`);
    return;
  }
  for (const folder of ['objects', 'refs', 'info']) fs.mkdirSync(path.join(dotGit, folder));
  fs.writeFileSync(path.join(dotGit, 'HEAD'), 'ref: refs/heads/unknown\n');
  const exclude = path.join(commonDir, 'info', 'exclude');
  if (fs.existsSync(exclude)) fs.copyFileSync(exclude, path.join(dotGit, 'info', 'exclude'));
}

/**
 * The commands that make the index fit the copy. What is staged elsewhere is as in the commit; and a file that is not in the copy is not
 * a deleted file, unless the user has deleted it: neither must make the version "dirty".
 */
function prepareIndex({ repository, reader, entry, root, workFolder }: LinkOptions, git: string): string {
  const below = folderBelowTop(repository, entry);
  const isIn = (place: string, name: string) => fs.existsSync(path.join(place, Buffer.from(name, 'latin1').toString()));
  const leftOut = reader.index(repository).entries.map(({ name }) => name)
    .filter((name) => name !== '' && name.startsWith(below) && !isIn(root, name) && isIn(repository.topLevel, name));
  const list = path.join(workFolder, 'left-out');
  fs.writeFileSync(list, leftOut.map((name) => `${name}\0`).join(''), 'latin1');
  const run = `env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE ${quote(git)} -C ${quote(root)}`;
  const elsewhere = `-- ':(top)' ${quote(`:(top,exclude)${Buffer.from(below, 'latin1').toString()}`)}`;
  const skip = `${run} update-index -z --skip-worktree --stdin`;
  return [
    ...below === '' ? [] : [`${run} reset -q --no-refresh ${elsewhere};`, `${run} ls-files -z ${elsewhere} | ${skip};`],
    `${skip} < ${quote(list)};`,
  ].join(' ');
}

/** Those above the project; `info/exclude` goes with the link. */
function copyIgnoreFiles(repository: Repository, entry: string, root: string): void {
  const [, ...above] = ignoreFiles(repository, entry);
  for (const file of above.filter((item) => fs.existsSync(item))) {
    fs.copyFileSync(file, path.join(root, path.relative(repository.topLevel, file)));
  }
}

/** The user's own ignore file does not decide on what is built, and no command of the repository's configuration runs. */
function configureGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const settings = [['core.excludesFile', os.devNull], ['core.fsmonitor', 'false'], ['core.hooksPath', os.devNull]];
  const count = Number(env.GIT_CONFIG_COUNT) || 0;
  const variables = settings.flatMap(([key, value], i) => {
    return [[`GIT_CONFIG_KEY_${count + i}`, key], [`GIT_CONFIG_VALUE_${count + i}`, value]];
  });
  return { ...env, ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(count + settings.length) };
}
