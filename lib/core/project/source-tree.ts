import * as fs from 'node:fs';
import * as path from 'node:path';
import type * as Ignore from 'ignore';
import { ArtifactError } from '../base/error';
import { statIfThere } from '../base/files';
import { digestFile, isExecutable, type FileDigest } from '../base/tree';

/**
 * Files and folders that a build never needs, as .gitignore patterns. Otherwise a virtual environment, or an old `build/lib` with
 * deleted modules, would be copied and could be shipped. An `exclude` of `!name` includes one again.
 */
export const DEFAULT_EXCLUDE: readonly string[] = [
  '.git', '.hg', '.svn', '.bzr', '.jj',
  'node_modules', 'cdk.out', '.aws-sam', '.serverless', '.terraform',
  '__pycache__', '*.pyo', '.eggs', '*.dist-info',
  '.tox', '.nox', '.mypy_cache', '.ruff_cache', '.pytest_cache', '.pytype', '.pyre', '.hypothesis', '.ipynb_checkpoints',
  '.coverage', '.coverage.*', 'htmlcov', '.idea', '.vscode', '.DS_Store', 'Thumbs.db',
];

/** A file of the project that matters to its build. */
export interface SourceFile {
  /** Relative to the project's folder, with `/`. */
  readonly path: string;
  readonly absolutePath: string;
}

/**
 * The project's files that matter to a build. Links are followed, as setuptools does; broken links, sockets and the like are skipped.
 *
 * @param exclude .gitignore patterns, on top of `DEFAULT_EXCLUDE`
 */
export function listSourceTree(entry: string, exclude: readonly string[] = []): SourceFile[] {
  const isExcluded = exclusion(entry, exclude);
  const files: SourceFile[] = [];
  // every synth of an unchanged project does this: calls to the file system and of path are few
  const visit = (folder: string, prefix: string, real: string, parents: readonly string[]) => {
    const items = fs.readdirSync(folder, { withFileTypes: true });
    if (prefix !== '' && items.some(({ name }) => name === 'pyvenv.cfg')) return; // a virtual environment
    const above = [...parents, real];
    // a .pyc without its .py is the module
    const isCompiled = (name: string) => name.endsWith('.pyc') && items.some((item) => item.name === name.slice(0, -1));
    for (const item of items) {
      const absolutePath = folder + path.sep + item.name;
      const isLink = item.isSymbolicLink();
      const target = isLink ? statIfThere(absolutePath) : item;
      if (target?.isDirectory()) {
        if (isExcluded(prefix, `${item.name}/`)) continue;
        const realPath = isLink ? fs.realpathSync(absolutePath) : real + path.sep + item.name;
        const isCircle = above.includes(realPath); // a link to a folder that it is in
        if (!isCircle) visit(absolutePath, `${prefix}${item.name}/`, realPath, above);
      } else if (target?.isFile() && !isExcluded(prefix, item.name) && !isCompiled(item.name)) {
        files.push({ path: prefix + item.name, absolutePath });
      }
    }
  };
  try {
    visit(entry, '', fs.realpathSync(entry), []);
  } catch (cause) {
    throw unreadable(cause);
  }
  return files;
}

/** A function that tells whether a file, or a folder with `/` at its end, is left out. */
function exclusion(entry: string, exclude: readonly string[]): (folder: string, name: string) => boolean {
  const ours = [...DEFAULT_EXCLUDE, ...outputs(entry)];
  if (exclude.length === 0) {
    // Ours are plain names: with a slash in front they hold at the top, otherwise at any depth. `ignore` takes longer than all the rest.
    const alternatives = ours.map((name) => name.replaceAll('.', '\\.').replaceAll('*', '.*').replace(/[^/]$/, '$&/?'));
    const pattern = new RegExp(`^(?:${alternatives.join('|')})$`);
    return (folder, name) => pattern.test(name) || (folder === '' && pattern.test(`/${name}`));
  }
  const { default: ignore } = require('ignore') as typeof Ignore; // eslint-disable-line @typescript-eslint/no-require-imports
  const excluded = ignore({ ignorecase: false }).add([...ours, ...exclude]);
  return (folder, name) => excluded.ignores(folder + name);
}

/**
 * The outputs of earlier builds: `build` and `dist` at the top, unless they are packages, and `*.egg-info`, except in a source
 * distribution, where it tells setuptools which data files to install.
 */
function outputs(entry: string): string[] {
  const isSourceDistribution = fs.existsSync(path.join(entry, 'PKG-INFO'));
  const folders = ['build', 'dist'].filter((name) => !fs.existsSync(path.join(entry, name, '__init__.py')));
  return [...isSourceDistribution ? [] : ['*.egg-info'], ...folders.map((name) => `/${name}/`)];
}

// one buffer for all files, one after the other: to allocate thousands of small buffers takes longer than to read the files
let space = Buffer.allocUnsafe(1024 ** 2);

/** @param take must not keep the content: the next file is read into the same buffer */
function withContent<T>(file: string, take: (content: Buffer, executable: boolean) => T): T {
  const { length, mode } = readInto(file);
  return take(space.subarray(0, length), isExecutable(mode));
}

function readInto(file: string): { readonly length: number; readonly mode: number } {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, 'r');
    const { mode, size } = fs.fstatSync(descriptor);
    if (size > space.length) space = Buffer.allocUnsafe(2 * size);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read) read = fs.readSync(descriptor, space, length, size - length, null);
    return { length, mode };
  } catch (cause) {
    throw unreadable(cause, file);
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** The digest of each file. It is made of the content, never of time or size: an edit that keeps the old time must not be missed. */
export function digestSourceTree(files: readonly SourceFile[]): FileDigest[] {
  return files.map(({ path: name, absolutePath }) => {
    return withContent(absolutePath, (content, executable) => digestFile({ path: name, executable, content }));
  });
}

/** Copy a source tree, so that a build backend does not write into the user's folder. */
export function copySourceTree(files: readonly SourceFile[], target: string): FileDigest[] {
  const made = new Set<string>();
  return files.map(({ path: name, absolutePath }) => {
    const destination = path.join(target, name);
    const folder = path.dirname(destination);
    if (!made.has(folder)) {
      fs.mkdirSync(folder, { recursive: true });
      made.add(folder);
    }
    return withContent(absolutePath, (content, executable) => {
      fs.writeFileSync(destination, content, { mode: executable ? 0o755 : 0o644 });
      return digestFile({ path: name, executable, content });
    });
  });
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
