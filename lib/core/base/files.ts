import * as fs from 'node:fs';
import * as path from 'node:path';

// the path does not exist, lies below a file or in a folder that may not be entered, is a circle of links, or is too long
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'EISDIR']);

/** The state of a file or folder; `undefined` if it does not exist, or may not be seen. */
export function statIfThere(file: string): fs.Stats | undefined {
  return ifThere(() => fs.statSync(file, { throwIfNoEntry: false })); // to throw takes ten times as long, and it is asked often
}

/** The text of a file; `undefined` if it does not exist, is a folder, or may not be read. */
export function readTextIfThere(file: string): string | undefined {
  return ifThere(() => statIfThere(file)?.isFile() ? fs.readFileSync(file, 'utf8') : undefined);
}

/** The content of a file; `undefined` where there is no file that may be read. */
export function readIfThere(file: string): Buffer | undefined {
  return ifThere(() => statIfThere(file)?.isFile() ? fs.readFileSync(file) : undefined);
}

/** The first bytes of a file; `undefined` where there is no file that may be read. */
export function readStartIfThere(file: string, length: number): Buffer | undefined {
  return ifThere(() => {
    const descriptor = fs.openSync(file, 'r');
    try {
      const start = Buffer.alloc(length);
      return start.subarray(0, fs.readSync(descriptor, start));
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/** The first path that is a file; `undefined` if no path is. */
export function firstFile(files: readonly string[]): string | undefined {
  return files.find((file) => statIfThere(file)?.isFile());
}

/** Whether a path is that of a folder, or leads into it. Both are absolute, or relative to one folder. */
export function isWithin(place: string, folder: string, separator: string = path.sep): boolean {
  return place === folder || place.startsWith(folder.endsWith(separator) ? folder : folder + separator);
}

/** A path without links. It need not exist: then its nearest folder that exists is resolved. */
export function realPath(file: string): string {
  const absolute = path.resolve(file);
  const parent = path.dirname(absolute);
  const real = ifThere(() => fs.realpathSync(absolute));
  if (real !== undefined) return real;
  return parent === absolute ? absolute : path.join(realPath(parent), path.basename(absolute));
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** A text of UTF-8, or of UTF-16 with a byte order mark, as PowerShell writes it. */
export function decodeText(bytes: Buffer): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes); // without the mark
}

function encodingOf([first, second]: Buffer): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
