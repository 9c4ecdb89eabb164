import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTextIfThere } from '../base/files';
import type { Asked } from '../project/git-state';

// what needs to know no more than the files that git knows and ignores; options of git itself may come before
const OF_FILES = /^(?:-[cC] \S+ |--(?:git-dir|work-tree) \S+ |--[\w-]+(?:=\S*)? )*(?:ls-files|check-ignore|check-attr|version|--version|rev-parse(?: --(?:show-toplevel|show-cdup|show-prefix|git-dir|absolute-git-dir|is-[\w-]+))+$)(?: |$)/;

/**
 * Sees what a build asks git, by a program of its name that comes before git itself on the PATH; what is asked in other ways, the
 * frontend's audit hook sees. Which plugins and hooks ask git is not to be known from a list.
 */
export class GitWitness {
  /** Where the questions are written to, a line each. */
  readonly log: string;
  /** Where the program is, for the PATH of the build. */
  readonly bin: string;
  /** Whether the program can be started: not in a folder that is mounted so that nothing can. */
  readonly isHeard: boolean;

  /**
   * @param folder an empty one
   * @param git git itself; without one, its name leads nowhere in the build either
   * @param prepare shell commands that are run before the first question is answered, in the folder that it is asked in
   */
  constructor(folder: string, git: string | undefined, prepare: string) {
    this.log = path.join(folder, 'asked');
    this.bin = path.join(folder, 'bin');
    fs.mkdirSync(this.bin);
    const script = path.join(this.bin, 'git');
    if (git !== undefined && process.platform !== 'win32') fs.writeFileSync(script, witness(folder, git, prepare), { mode: 0o755 });
    this.isHeard = git === undefined || isProgram(script);
  }

  /** `undefined` if nothing was asked. */
  get asked(): Asked | undefined {
    if (!this.isHeard) return 'revision'; // it may have been
    const questions = readTextIfThere(this.log)?.split('\n').filter(Boolean) ?? [];
    if (questions.length === 0) return undefined;
    return questions.every((question) => OF_FILES.test(question)) ? 'files' : 'revision';
  }
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function witness(folder: string, git: string, prepare: string): string {
  return `#!/bin/sh
folder=${quote(folder)}
git=${quote(git)}
echo "$*" >> "$folder/asked"
if mkdir "$folder/preparing" 2>/dev/null; then
  { :; ${prepare}} >/dev/null 2>&1
  mkdir "$folder/ready"
fi
while [ ! -d "$folder/ready" ]; do sleep 0.05; done
exec "$git" "$@"
`;
}

/** As a word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
