import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { exclusion, type Exclusion } from './tree/exclusion';
import { placesOutside } from './tree/outside';
import { ArtifactError, refusal } from '../base/error';
import { statIfThere } from '../base/files';
import { isExecutable, sha256, type FileDigest } from '../base/tree';

/** A file of the project that matters to its build; or a folder without any, whose path ends with `/`. */
export interface SourceFile {
  /** Relative to the project's folder, with `/`; starts with `../` for what lies beside it. */
  readonly path: string;
  readonly absolutePath: string;
}

/**
 * The project's files that matter to a build, in the order of their paths, and those beside it that its configuration names. Links are
 * followed, as setuptools does; broken links, sockets and the like are passed over.
 *
 * @param exclude .gitignore patterns, on top of `DEFAULT_EXCLUDE`
 * @param leftOut told what is left out
 */
export function listSourceTree(entry: string, exclude: readonly string[] = [], leftOut: (place: string) => void = () => {}): SourceFile[] {
  const files = new Map<string, SourceFile>();
  try {
    for (const file of listFolder(entry, exclusion(entry, exclude), leftOut)) files.set(file.path, file);
    for (const { place, absolutePath, isFile } of placesOutside(entry)) {
      const listed = isFile ? [{ path: place, absolutePath }]
        : listFolder(absolutePath, exclusion(absolutePath, exclude), leftOut, { before: `${place}/`, except: entry });
      for (const file of listed) files.set(file.path, file);
    }
  } catch (cause) {
    throw cause instanceof ArtifactError ? cause : unreadable(cause);
  }
  return [...files.values()];
}

interface Outside {
  /** What the paths of the files start with. */
  readonly before: string;
  /** A folder that is not listed. */
  readonly except?: string;
}

function listFolder(
  top: string, { excludes, holdsPackages }: Exclusion, leftOut: (place: string) => void, { before, except }: Outside = { before: '' },
): SourceFile[] {
  const files: SourceFile[] = [];
  // few calls to the file system, and of path: this is what an unchanged project costs
  const visit = (folder: string, prefix: string, real: string, parents: readonly string[], isInPackage: () => boolean) => {
    const items = fs.readdirSync(folder, { withFileTypes: true });
    if (prefix !== '' && items.some(({ name }) => name === 'pyvenv.cfg')) return; // a virtual environment
    const above = [...parents, real];
    const isPackage = () => isInPackage() || (prefix !== '' && items.some(({ name }) => name === '__init__.py'));
    for (const item of items) {
      const absolutePath = folder + path.sep + item.name;
      const isLink = item.isSymbolicLink();
      const target = isLink ? statIfThere(absolutePath) : item;
      const name = target?.isDirectory() ? `${item.name}/` : item.name;
      if (!target?.isDirectory() && !target?.isFile()) continue;
      const isCompiled = name.endsWith('.pyc') && items.some((other) => other.name === name.slice(0, -1)); // else it is the module
      if (isCompiled || excludes(prefix, name, isPackage)) {
        leftOut(before + prefix + name);
        continue;
      }
      if (item.name.includes(REPLACEMENT)) refuseOtherEncoding(absolutePath);
      if (target.isDirectory()) {
        const realPath = isLink ? fs.realpathSync(absolutePath) : real + path.sep + item.name;
        if (above.includes(realPath) || absolutePath === except) continue; // a link to a folder that it is in
        visit(absolutePath, prefix + name, realPath, above, () => isPackage() || holdsPackages(prefix));
      } else {
        files.push({ path: before + prefix + name, absolutePath });
      }
    }
    if (prefix !== '' && items.every(({ name }) => NOTHING.test(name))) files.push({ path: before + prefix, absolutePath: folder });
  };
  visit(top, '', fs.realpathSync(top), [], () => false);
  return files;
}

// what makes a folder no less empty
const NOTHING = /^(__pycache__|\.DS_Store|Thumbs\.db)$/;

const REPLACEMENT = '\ufffd'; // for bytes that are not UTF-8

function refuseOtherEncoding(file: string): void {
  if (statIfThere(file)) return; // it is really called so
  throw refusal('file-name-unfit', 'the name of a file is not UTF-8', file, 'rename it, or leave it out with {exclude}');
}

// files are read into it one after the other: thousands of small buffers take longer than the reading
const space = Buffer.allocUnsafe(1024 ** 2);

interface ReadFile {
  readonly executable: boolean;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** @param take is given the content piece by piece, and not to keep a piece: the next one comes into the same place */
function readPieces(file: string, take: (piece: Buffer, executable: boolean) => void): ReadFile {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, 'r');
    const executable = isExecutable(fs.fstatSync(descriptor).mode);
    let length = fs.readSync(descriptor, space, 0, space.length, null);
    take(space.subarray(0, length), executable);
    if (length < space.length) return { executable, sha256: sha256(space.subarray(0, length)) };
    const digest = createHash('sha256');
    do {
      digest.update(space.subarray(0, length));
      length = fs.readSync(descriptor, space, 0, space.length, null);
      if (length > 0) take(space.subarray(0, length), executable);
    } while (length > 0);
    return { executable, sha256: digest.digest('hex') };
  } catch (cause) {
    throw unreadable(cause, file);
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

const EMPTY_FOLDER: ReadFile = { executable: false, sha256: sha256('') };

/** Read every file once. By content, never by time or size: an edit that keeps its old time must not be missed. */
export function digestSourceTree(files: readonly SourceFile[]): FileDigest[] {
  return files.map(({ path: name, absolutePath }) => {
    return { path: name, ...name.endsWith('/') ? EMPTY_FOLDER : readPieces(absolutePath, () => {}) };
  });
}

/** Copy a source tree, so that a build backend does not write into the user's folder. */
export function copySourceTree(files: readonly SourceFile[], target: string): FileDigest[] {
  const made = new Set<string>();
  return files.map(({ path: name, absolutePath }) => {
    const destination = path.join(target, name);
    const folder = name.endsWith('/') ? destination : path.dirname(destination);
    if (!made.has(folder)) {
      fs.mkdirSync(folder, { recursive: true });
      made.add(folder);
    }
    return { path: name, ...name.endsWith('/') ? EMPTY_FOLDER : copyFile(absolutePath, destination) };
  });
}

function copyFile(from: string, to: string): ReadFile {
  let descriptor: number | undefined;
  let failure: unknown;
  try {
    return readPieces(from, (piece, executable) => {
      try {
        descriptor ??= fs.openSync(to, 'w', executable ? 0o755 : 0o644);
        for (let written = 0; written < piece.length;) written += fs.writeSync(descriptor, piece, written);
      } catch (error) {
        failure = error; // no fault of the file that is read
        throw error;
      }
    });
  } catch (error) {
    throw failure ?? error;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

function unreadable(cause: unknown, file?: string): ArtifactError {
  const { path: got = file, code } = cause as NodeJS.ErrnoException;
  return new ArtifactError({
    reference: 'file-unreadable',
    problem: `a file of the project cannot be read (${code})`,
    got,
    advice: 'change its permissions, or leave it out with {exclude}',
  }, undefined, { cause });
}
