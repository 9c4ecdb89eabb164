import * as fs from 'node:fs';
import * as path from 'node:path';

// not there, below a file, in a folder that may not be entered, in a circle of links: nothing to be had there
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

/** What is at a path; `undefined` where nothing is, or nothing that may be seen. */
export function statIfThere(file: string): fs.Stats | undefined {
  return ifThere(() => fs.statSync(file));
}

/** The text of a file; `undefined` where there is no file that may be read. */
export function readTextIfThere(file: string): string | undefined {
  return ifThere(() => fs.statSync(file).isFile() ? fs.readFileSync(file, 'utf8') : undefined);
}

/** The first of some paths that is a file. */
export function firstFile(files: readonly string[]): string | undefined {
  return files.find((file) => statIfThere(file)?.isFile());
}

/** A path without links, of something that need not be there yet. */
export function realPath(file: string): string {
  const absolute = path.resolve(file);
  const parent = path.dirname(absolute);
  return ifThere(() => fs.realpathSync(absolute)) ?? (parent === absolute ? absolute : path.join(realPath(parent), path.basename(absolute)));
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
