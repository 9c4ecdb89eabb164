import * as fs from 'node:fs';
import * as path from 'node:path';
import { CommandFailure, runCommand } from '../process/command';
import type { Repository } from '../project/repository';

/**
 * Make the copy of a project a work tree of the project's repository. Plugins that ask git for the version then get the same answer
 * as in the checkout, as if nothing but the project had changed. The copy has its own HEAD and index, so the user's stay untouched.
 *
 * @param entry the project's folder
 * @param root the folder in place of the repository's top level; it holds the copy at the project's relative path
 * @returns variables to add to the environment of the build
 * @see https://git-scm.com/docs/gitrepository-layout ("commondir")
 */
export async function linkRepository(
  { gitDir, commonDir, topLevel }: Repository, entry: string, root: string, env: NodeJS.ProcessEnv, signal?: AbortSignal,
): Promise<Record<string, string>> {
  const dotGit = path.join(root, '.git');
  fs.mkdirSync(dotGit, { recursive: true });
  fs.writeFileSync(path.join(dotGit, 'commondir'), `${commonDir}\n`);
  for (const name of ['HEAD', 'index'].filter((file) => fs.existsSync(path.join(gitDir, file)))) {
    fs.copyFileSync(path.join(gitDir, name), path.join(dotGit, name));
  }
  const git = (args: readonly string[], input?: string) => runCommand({ file: 'git', args, cwd: root, env, input, signal });
  try {
    // a file that was left out of the copy must not count as deleted: that would make the version "dirty"
    const tracked = (await git(['ls-files', '-z'])).split('\0').filter(Boolean);
    const project = path.relative(topLevel, entry).split(path.sep).concat('').join('/').replace(/^\//, '');
    const isLeftOut = (file: string) => !fs.existsSync(path.join(root, file)) && fs.existsSync(path.join(topLevel, file));
    const leftOut = tracked.filter((file) => !file.startsWith(project) || isLeftOut(file)); // prefix first: there may be many files
    if (leftOut.length > 0) await git(['update-index', '-z', '--skip-worktree', '--stdin'], leftOut.join('\0') + '\0');
    // a dirty checkout's version may hold a date, which is to be the commit's and not today's
    return { SOURCE_DATE_EPOCH: process.env.SOURCE_DATE_EPOCH ?? await git(['log', '-1', '--format=%ct']) };
  } catch (failure) {
    if (failure instanceof CommandFailure) return {}; // there is no git, or no commit yet: the build itself will complain
    throw failure;
  }
}
