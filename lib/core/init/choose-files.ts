import * as path from 'node:path';
import type * as Ignore from 'ignore';
import { readTextIfThere } from '../base/files';
import { findRepository, ignoreFiles } from '../project/repository';
import { listSourceTree } from '../project/source-tree';
import { isOfDevelopment } from '../project/tree/development-files';

/** What of a plain folder belongs into its artifact. */
export interface ChosenFiles {
  /** Relative to the folder; a folder stands for all that is in it. Sorted. */
  readonly files: readonly string[];
  /** The rest, with `/` at the end of folders. Sorted. */
  readonly leftOut: readonly string[];
  /** `src`, if what is in it is imported without it. */
  readonly root?: string;
}

/** Chooses among what is at the top of the folder; or in `src`, if that holds the modules. */
export function chooseFiles(entry: string): ChosenFiles {
  const tree = listSourceTree(entry).map((file) => file.path).filter((file) => !file.startsWith('../'));
  const isIgnored = ignoredBy(entry);
  const texts = new Map(tree.filter((file) => file.endsWith('.py')).map((file) => [file, readTextIfThere(path.join(entry, file)) ?? '']));
  const root = isSourceRoot(entry, texts) ? 'src/' : '';
  const items = [...new Set(tree.filter((file) => file.startsWith(root)).map((file) => topOf(file, root)))].filter((item) => item !== root);
  const isOfProject = (item: string) => item.endsWith('/') && tree.some((file) => OTHER_PROJECT.test(file) && file.startsWith(item)
    && !file.slice(item.length).includes('/'));
  const taken = new Set(items.filter((item) => !isOfDevelopment(item.slice(root.length)) && !isIgnored(item) && !isOfProject(item)));
  // whatever its name is, what a module imports is needed
  for (let isGrowing = true; isGrowing;) {
    const code = [...texts].filter(([file]) => taken.has(topOf(file, root))).map(([, text]) => text).join('\n');
    const needed = items.filter((item) => !taken.has(item) && !isIgnored(item) && imports(code, item.slice(root.length)));
    for (const item of needed) taken.add(item);
    isGrowing = needed.length > 0;
  }
  const isPlain = (item: string) => item.replace(/\/$/, '');
  const all = new Set(tree.map((file) => topOf(file, file.startsWith(root) ? root : '')));
  const leftOut = [...all].filter((item) => !taken.has(item) && item !== 'pyproject.toml');
  return { files: [...taken].map(isPlain).sort(), leftOut: leftOut.sort(), ...root !== '' && { root: 'src' } };
}

// what has one of these at its top is a project of its own, such as the CDK app beside the function
const OTHER_PROJECT = /(^|\/)(pyproject\.toml|setup\.py|cdk\.json|package\.json|[^/]*\.tf)$/;

/** The item at the top, with `/` for a folder, that a file is or is in. */
function topOf(file: string, root: string): string {
  const end = file.indexOf('/', root.length);
  return end === -1 ? file : file.slice(0, end + 1);
}

/** Whether `src` is no package, but the folder that modules are imported from. */
function isSourceRoot(entry: string, texts: ReadonlyMap<string, string>): boolean {
  const files = [...texts.keys()];
  if (!files.some((file) => /^src\/([^/]+|[^/]+\/__init__)\.py$/.test(file)) || texts.has('src/__init__.py')) return false;
  const isNamed = ['template.yaml', 'template.yml', 'serverless.yml', 'serverless.yaml']
    .some((name) => /handler['"]?:\s*['"]?src[./]/i.test(readTextIfThere(path.join(entry, name)) ?? ''));
  return !isNamed && ![...texts.values()].some((text) => imports(text, 'src/'));
}

function imports(code: string, item: string): boolean {
  const name = item.replace(/\/$|\.py$/, '');
  if (!/^[A-Za-z_]\w*$/.test(name) || !/\/$|\.py$/.test(item)) return false;
  const statements = [`from +\\.?${name}\\b`, `from +\\. +import\\b.*\\b${name}\\b`, `import +([\\w., ]*[, ])?${name}\\b`];
  return new RegExp(`^\\s*(${statements.join('|')})`, 'm').test(code);
}

/** Whether git ignores an item at the top, as far as patterns in files tell; nothing, where the folder itself is ignored. */
function ignoredBy(entry: string): (item: string) => boolean {
  const { default: ignore } = require('ignore') as typeof Ignore; // eslint-disable-line @typescript-eslint/no-require-imports
  const repository = findRepository(entry);
  const above = repository ? ignoreFiles(repository, entry) : [];
  const tests = [path.join(entry, '.gitignore'), ...above].flatMap((file) => {
    const patterns = readTextIfThere(file);
    if (patterns === undefined) return [];
    const folder = path.basename(file) === '.gitignore' ? path.dirname(file) : repository!.topLevel;
    const place = path.relative(folder, entry).split(path.sep).join('/');
    const matcher = ignore().add(patterns);
    if (place !== '' && matcher.ignores(`${place}/`)) return [];
    return [(item: string) => matcher.ignores(place === '' ? item : `${place}/${item}`)];
  });
  return (item) => tests.some((isIgnored) => isIgnored(item));
}
