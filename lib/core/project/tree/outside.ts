import * as fs from 'node:fs';
import * as path from 'node:path';
import { namedPlaces, placeOf, type NamedPlace } from './named-places';
import { refusal } from '../../base/error';
import { isWithin, readTextIfThere, statIfThere } from '../../base/files';
import { findRepository } from '../repository';

/** A file or folder beside the project that its build configuration names, such as code that several services share. */
export interface PlaceOutside {
  /** Relative to the project's folder, with `/`. */
  readonly place: string;
  readonly absolutePath: string;
  readonly isFile: boolean;
}

/** Refuses what is not there, and what lies above the repository. */
export function placesOutside(entry: string): PlaceOutside[] {
  if (!['pyproject.toml', 'setup.cfg', 'setup.py'].some((name) => readTextIfThere(path.join(entry, name))?.includes('..'))) return [];
  const named = namedPlaces(entry).filter(({ text }) => /^\.\.?\//.test(text.replaceAll('\\', '/')) || text === '..');
  const outside = named.filter(({ text }) => path.posix.normalize(text.replaceAll('\\', '/')).startsWith('..'));
  if (outside.length === 0) return [];
  const limit = limitOf(entry);
  return outside.flatMap((item) => found(entry, item).map((place) => ({ item, place }))).flatMap(({ item, place }): PlaceOutside[] => {
    const absolutePath = path.resolve(entry, place);
    const stat = statIfThere(absolutePath);
    if (!stat) {
      if (!item.isCertain) return [];
      const advice = 'correct it: it is relative to the project\'s folder';
      throw refusal('file-outside-missing', `${item.by} names what is not there`, item.text, advice);
    }
    const holdsProject = isWithin(entry, absolutePath);
    if (limit === undefined ? holdsProject : !isWithin(absolutePath, limit)) throw refuseOutside(item, limit);
    return [{ place, absolutePath, isFile: stat.isFile() }];
  });
}

/** What a place or pattern means: the file names that fit, where a pattern is the last part of it. */
function found(entry: string, { text }: NamedPlace): string[] {
  const place = placeOf(text);
  const rest = text.replaceAll('\\', '/').split('/').slice(place.split('/').length);
  const pattern = rest.find((word) => /[*?[\]{}]/.test(word));
  if (pattern === undefined || rest.length > 1 || pattern.includes('**')) return [place];
  const escaped = pattern.replace(/[.+^$()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  const expression = new RegExp(`^${escaped.replace(/\{([^}]*)\}/g, (_, words: string) => `(${words.replaceAll(',', '|')})`)}$`);
  const folder = path.resolve(entry, place);
  const names = statIfThere(folder)?.isDirectory() ? fs.readdirSync(folder) : [];
  return names.filter((name) => expression.test(name)).map((name) => `${place}/${name}`);
}

const LOCKS = [
  'uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'pylock.toml',
  'pnpm-workspace.yaml', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock',
];

/** The top of the repository, else the nearest folder above with a workspace or lock file; `undefined` if there is none. */
function limitOf(entry: string): string | undefined {
  const repository = findRepository(entry);
  if (repository) return repository.topLevel;
  for (let folder = path.dirname(entry); ; folder = path.dirname(folder)) {
    if (LOCKS.some((name) => statIfThere(path.join(folder, name))?.isFile())) return folder;
    if (/^\[tool\.uv\.workspace\]/m.test(readTextIfThere(path.join(folder, 'pyproject.toml')) ?? '')) return folder;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function refuseOutside({ by, text }: NamedPlace, limit: string | undefined): Error {
  const where = limit === undefined
    ? 'a folder that the project is in, and no repository, workspace or lock file says where that ends' : `what is outside of ${limit}`;
  return refusal('file-outside', `${by} names ${where}`, text, 'move it into the repository, or into the project');
}
