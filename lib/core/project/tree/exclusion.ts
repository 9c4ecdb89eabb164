import * as fs from 'node:fs';
import * as path from 'node:path';
import type * as Ignore from 'ignore';
import { namedPlaces, placeOf } from './named-places';
import { isWithin } from '../../base/files';
import { normaliseName } from '../../pep/name';

/** What is in no package, wherever it lies: of version control, of Python, of a desktop. */
const NEVER: readonly string[] = ['.git', '.hg', '.svn', '.bzr', '.jj', '__pycache__', '*.pyo', '.DS_Store', 'Thumbs.db'];

/**
 * What a build never needs, as .gitignore patterns. Without this, a virtual environment or an old `build/lib` with deleted modules
 * would be copied, and could be shipped. Inside of a package only the first nine count: the others are files of the package there, such
 * as the metadata of what it vendors. An `exclude` of `!name` takes one back in.
 */
export const DEFAULT_EXCLUDE: readonly string[] = [
  ...NEVER,
  'node_modules', 'cdk.out', '.aws-sam', '.serverless', '.terraform',
  '.eggs', '*.dist-info',
  '.tox', '.nox', '.mypy_cache', '.ruff_cache', '.pytest_cache', '.pytype', '.pyre', '.hypothesis', '.ipynb_checkpoints',
  '.coverage', '.coverage.*', 'htmlcov', '.idea', '.vscode',
];

/** Which files of a project are left out. */
export interface Exclusion {
  /** @param name with `/` at its end for a folder */
  excludes(folder: string, name: string, isInPackage: () => boolean): boolean;
  /** Whether what is in this folder, with `/` at its end, are packages; the folder itself has no `__init__.py`. */
  holdsPackages(folder: string): boolean;
}

const OUTPUTS = ['build', 'dist'];

/** @param exclude .gitignore patterns, on top of `DEFAULT_EXCLUDE` */
export function exclusion(entry: string, exclude: readonly string[]): Exclusion {
  const isThere = (...names: string[]) => fs.existsSync(path.join(entry, ...names));
  // a source distribution's tells setuptools which data files to install
  const anywhere = [...DEFAULT_EXCLUDE, ...isThere('PKG-INFO') ? [] : ['*.egg-info']];
  // `build` and `dist` at the top are the output of earlier builds, unless they are packages
  const outputs = OUTPUTS.filter((name) => isThere(name) && !isThere(name, '__init__.py'));
  let read: readonly string[] | undefined;
  const named = () => read ??= namedPlaces(entry).map(({ text }) => text);
  const isOutput = (place: string) => outputs.includes(place.split('/')[0]) && !isInput(place, named().map(placeOf));
  const isLeftOut = exclude.length === 0 ? byPattern(anywhere, isOutput) : byIgnore(anywhere, isOutput, exclude);
  return {
    excludes: isLeftOut,
    holdsPackages: (folder) => {
      if (folder === 'src/' || folder === '') return folder !== '';
      const place = folder.slice(0, -1);
      return named().some((text) => placeOf(text) === place || normaliseName(text) === normaliseName(place) || isNamespace(text, place));
    },
  };
}

/** `acme.billing` and `acme*` name `acme`. */
function isNamespace(text: string, place: string): boolean {
  if (place.includes('/')) return false;
  const [name, more = ''] = /^(\w+)(.*)$/.exec(text)?.slice(1) ?? [];
  return name !== undefined && (name === place ? /^([.*].*)?$/.test(more) : more === '*' && place.startsWith(name));
}

/** Of what is in `build` or `dist`: what the build configuration names, and what leads there. */
function isInput(place: string, named: readonly string[]): boolean {
  const isOfSetuptools = /^build\/(lib|bdist|temp|lambda)\b/.test(place);
  return named.some((other) => isWithin(other, place, '/') || (isWithin(place, other, '/') && (other.includes('/') || !isOfSetuptools)));
}

type IsOutput = (place: string) => boolean;

/** Plain names: what reads .gitignore takes longer than all the rest. */
function byPattern(anywhere: readonly string[], isOutput: IsOutput): Exclusion['excludes'] {
  const outside = patternOf(anywhere);
  const inside = patternOf(NEVER);
  return (folder, name, isInPackage) => {
    if (inside.test(name)) return true;
    return (outside.test(name) || mayBeOutput(folder, name)) && !isInPackage() && (outside.test(name) || isOutput(placeIn(folder, name)));
  };
}

function patternOf(names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.map((name) => `${name.replaceAll('.', '\\.').replaceAll('*', '.*')}/?`).join('|')})$`);
}

function byIgnore(anywhere: readonly string[], isOutput: IsOutput, exclude: readonly string[]): Exclusion['excludes'] {
  const { default: ignore } = require('ignore') as typeof Ignore; // eslint-disable-line @typescript-eslint/no-require-imports
  const matcher = (patterns: readonly string[]) => ignore({ ignorecase: false }).add([...patterns, ...exclude]);
  const outside = matcher(anywhere);
  const inside = matcher(NEVER);
  const user = matcher([]);
  return (folder, name, isInPackage) => {
    const place = folder + name;
    const { ignored, unignored } = user.test(place);
    if (ignored || unignored) return ignored;
    if (inside.ignores(place)) return true;
    const isTakenBack = () => user.test(`${place.split('/')[0]}/`).unignored;
    const isOurs = outside.ignores(place);
    return (isOurs || mayBeOutput(folder, name)) && !isInPackage() && (isOurs || (isOutput(placeIn(folder, name)) && !isTakenBack()));
  };
}

function mayBeOutput(folder: string, name: string): boolean {
  return /^(build|dist)\/./.test(`${folder}${name}.`) && (folder !== '' || name.endsWith('/'));
}

function placeIn(folder: string, name: string): string {
  return (folder + name).replace(/\/$/, '');
}
