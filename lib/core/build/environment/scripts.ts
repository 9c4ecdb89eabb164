import * as fs from 'node:fs';
import * as path from 'node:path';
import { realPath, statIfThere } from '../../base/files';

/**
 * Have the scripts of requirements start with the Python that has the requirements, and not with the one that installed them.
 *
 * @param folder where they are, if there are any
 */
export function redirectScripts(folder: string, from: string, to: string): void {
  if (!statIfThere(folder)?.isDirectory()) return;
  const installers = new Set([from, realPath(from), ...['python3', 'python'].map((name) => path.join(path.dirname(from), name))]);
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const script = statIfThere(file)?.isFile() ? fs.readFileSync(file, 'latin1') : ''; // byte for byte
    const [start = '', direct, byShell] = START.exec(script) ?? [];
    if (!installers.has(byShell ?? direct)) continue;
    fs.writeFileSync(file, Buffer.concat([Buffer.from(startOf(to)), Buffer.from(script.slice(start.length), 'latin1')]));
  }
}

// what pip and uv write: the second where a path is long or has a space in it
const START = /^#!([^\n\r]+?)\r?\n(?:'''exec' "?([^"\n]+?)"? "\$0" "\$@"\r?\n' '''\r?\n)?/;

/** The kernel takes neither a long path nor one with a space in it. @see https://docs.python.org/3/library/venv.html */
function startOf(python: string): string {
  return `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\n`;
}
