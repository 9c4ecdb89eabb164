import * as path from 'node:path';
import { isOfDevelopment } from './development-files';
import type { FileDigest } from '../../base/tree';

const CODE = /(\.(py[ixdco]?|c|cc|cpp|h|hpp|rs|po)|(^|\/)py\.typed)$/;
const NO_DATA = /(^|\/)(\.[^/]*|README[^/]*|LICEN[CS]E[^/]*)$/; // in a package
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'; // SHA-256 of nothing

/**
 * Data of the project that lies beside modules that are in the built tree, and is not in it itself: backends leave it out in silence.
 *
 * @param source the project's files
 * @param tree what was built of them
 * @returns paths of files, and of folders with `/` at their end
 */
export function unpackagedData(source: readonly FileDigest[], tree: readonly FileDigest[]): string[] {
  const built = new Map<string, FileDigest[]>();
  for (const file of tree) built.set(keyOf(file), [...built.get(keyOf(file)) ?? [], file]);
  const isBuilt = (file: FileDigest) => built.has(keyOf(file));
  const isModule = (file: FileDigest) => file.path.endsWith('.py') && file.sha256 !== EMPTY
    && (built.get(keyOf(file)) ?? []).some((other) => isBelow(file.path, other.path) || isBelow(other.path, file.path));
  const folders = new Set(source.filter(isModule).map(({ path: name }) => path.posix.dirname(name)));
  const withCode = new Set(source.filter(({ path: name }) => name.endsWith('.py')).flatMap(({ path: name }) => foldersOf(name)));
  const found = source.flatMap((file) => {
    const { path: name, sha256 } = file;
    if (CODE.test(name) || name.endsWith('/') || sha256 === EMPTY || isBuilt(file)) return [];
    const [folder, item] = placeBeside(name, withCode);
    const isData = folder === '.' || folder === 'src' ? !isOfDevelopment(item.replace(/^src\//, '')) : !NO_DATA.test(name);
    return folders.has(folder) && isData ? [item] : [];
  });
  return [...new Set(found)].sort();
}

const SHOWN = 5;

/** For the line that tells of a build. */
export function describeUnpackaged(places: readonly string[]): string {
  const more = places.length > SHOWN ? ` and ${places.length - SHOWN} more` : '';
  return `${places.slice(0, SHOWN).join(', ')}${more}, which the build backend does not package`;
}

function keyOf({ path: name, sha256 }: FileDigest): string {
  return `${path.posix.basename(name)} ${sha256}`;
}

function isBelow(name: string, end: string): boolean {
  return name === end || name.endsWith(`/${end}`);
}

/** The folders that a file is in, the nearest first. */
function foldersOf(name: string): string[] {
  const folder = path.posix.dirname(name);
  return folder === '.' ? ['.'] : [folder, ...foldersOf(folder)];
}

/** The nearest folder with code, and what in it is the file, or the folder of data that it is in. */
function placeBeside(name: string, withCode: ReadonlySet<string>): [folder: string, item: string] {
  const folder = path.posix.dirname(name);
  if (withCode.has(folder) || folder === '.') return [folder, name];
  const [above, item] = placeBeside(folder, withCode);
  return [above, item === folder ? `${item}/` : item];
}
