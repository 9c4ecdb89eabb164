import * as fs from 'node:fs';
import * as path from 'node:path';
import ignore from 'ignore';
import { digestFile, isExecutable, type FileDigest, type TreeFile } from './artifact-digest';
import { ArtifactError } from './artifact-error';

/**
 * What a build never needs, as .gitignore patterns. Without this, a virtual environment or an old `build/lib` with deleted
 * modules would be copied, and could be shipped. An `exclude` of `!name` takes one back in.
 */
export const DEFAULT_EXCLUDE: readonly string[] = [
  '.git', '.hg', '.svn', '.bzr', '.jj',
  'node_modules', 'cdk.out', '.aws-sam', '.serverless', '.terraform',
  '__pycache__', '*.py[co]', '.eggs', '*.dist-info',
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
 * The project's files that matter to a build, in the order of their paths. Links are followed, as setuptools does; broken links,
 * sockets and the like are passed over.
 *
 * @param exclude .gitignore patterns, on top of `DEFAULT_EXCLUDE`
 */
export function listSourceTree(entry: string, exclude: readonly string[] = []): SourceFile[] {
  const excluded = ignore().add([...DEFAULT_EXCLUDE, ...outputs(entry), ...exclude]);
  const files: SourceFile[] = [];
  // few calls to the file system: this is what an unchanged project costs
  const visit = (folder: string, prefix: string, real: string, parents: readonly string[]) => {
    const items = fs.readdirSync(folder, { withFileTypes: true });
    if (prefix !== '' && items.some(({ name }) => name === 'pyvenv.cfg')) return; // a virtual environment
    for (const item of items) {
      const absolutePath = path.join(folder, item.name);
      const target = item.isSymbolicLink() ? fs.statSync(absolutePath, { throwIfNoEntry: false }) : item;
      if (target?.isDirectory()) {
        if (excluded.ignores(`${prefix}${item.name}/`)) continue;
        const realPath = item.isSymbolicLink() ? fs.realpathSync(absolutePath) : path.join(real, item.name);
        const above = [...parents, real];
        if (!above.includes(realPath)) visit(absolutePath, `${prefix}${item.name}/`, realPath, above); // else a link to a folder that it is in
      } else if (target?.isFile() && !excluded.ignores(prefix + item.name)) {
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

/**
 * `build` and `dist` at the top are the output of earlier builds, unless they are packages; so are `*.egg-info`, but in a source
 * distribution, where they tell setuptools which data files to install.
 */
function outputs(entry: string): string[] {
  const isSourceDistribution = fs.existsSync(path.join(entry, 'PKG-INFO'));
  const folders = ['build', 'dist'].filter((name) => !fs.existsSync(path.join(entry, name, '__init__.py')));
  return [...isSourceDistribution ? [] : ['*.egg-info'], ...folders.map((name) => `/${name}/`)];
}

export function readSourceFile({ path: relative, absolutePath }: SourceFile): TreeFile {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(absolutePath, 'r');
    return { path: relative, executable: isExecutable(fs.fstatSync(descriptor).mode), content: fs.readFileSync(descriptor) };
  } catch (cause) {
    throw unreadable(cause, absolutePath);
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** Read every file once. By content, never by time or size: an edit that keeps its old time must not be missed. */
export function digestSourceTree(files: readonly SourceFile[]): FileDigest[] {
  return files.map((file) => digestFile(readSourceFile(file)));
}

/** Copy a source tree, so that nothing that a build backend writes lands in the user's folder. */
export function copySourceTree(files: readonly SourceFile[], target: string): FileDigest[] {
  const made = new Set<string>();
  return files.map((source) => {
    const file = readSourceFile(source);
    const destination = path.join(target, file.path);
    const folder = path.dirname(destination);
    if (!made.has(folder)) {
      fs.mkdirSync(folder, { recursive: true });
      made.add(folder);
    }
    fs.writeFileSync(destination, file.content, { mode: file.executable ? 0o755 : 0o644 });
    return digestFile(file);
  });
}

function unreadable(cause: unknown, file?: string): ArtifactError {
  const { path: got = file, code } = cause as NodeJS.ErrnoException;
  return new ArtifactError({
    code: 'usage',
    problem: `a file of the project cannot be read (${code})`,
    got,
    advice: 'change its permissions, or leave it out with exclude',
  }, undefined, { cause });
}
