import * as fs from 'node:fs';
import * as path from 'node:path';
import { statIfThere } from '../base/files';

const MIN_AGE = 60 * 60 * 1000; // ms; what is younger may be in use

/** The name of a folder that is still being written, beside those that are whole. */
export const WRITING = 'writing-';

/**
 * Put a folder in the place of another by one rename, so that other processes see the old or the new one, whole. One that is there
 * already, and just as good, stays: another process may be reading it.
 */
export function replaceFolder(source: string, destination: string, isGood: () => boolean): void {
  for (let attempt = 0; ; attempt++) {
    try {
      return fs.renameSync(source, destination);
    } catch (error) {
      if (isGood()) return;
      if (attempt === 10) throw error;
      moveAway(destination);
    }
  }
}

/** By a rename too: removed in its place, it would be half there for a while. */
function moveAway(folder: string): void {
  const aside = `${folder}.${process.pid}`;
  try {
    fs.renameSync(folder, aside);
  } catch { /* another process was first */ }
  fs.rmSync(aside, { recursive: true, force: true });
}

/**
 * Keep the `max` items of a folder that were used last, and of them as many as are no larger than `maxSize` together; and remove what
 * killed processes left half-written.
 *
 * @param maxSize bytes
 */
export function removeUnused(folder: string, max: number, maxSize = Infinity): void {
  const old = Date.now() - MIN_AGE;
  const items = fs.readdirSync(folder).map((name) => path.join(folder, name))
    .map((item) => ({ item, used: statIfThere(item)?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used);
  const isHalf = ({ item }: { readonly item: string }) => path.basename(item).startsWith(WRITING);
  const whole = items.filter((item) => !isHalf(item));
  const unused = [...items.filter(isHalf), ...whole.slice(Math.min(max, countWithin(whole, maxSize)))].filter(({ used }) => used < old);
  for (const { item } of unused) fs.rmSync(item, { recursive: true, force: true });
}

/** How many of them, from the first on, are no larger than `maxSize` together. */
function countWithin(items: readonly { readonly item: string }[], maxSize: number): number {
  if (maxSize === Infinity) return items.length; // nothing is to be measured
  let size = 0;
  const tooMuch = items.findIndex(({ item }) => {
    size += sizeOf(item);
    return size > maxSize;
  });
  return tooMuch === -1 ? items.length : tooMuch;
}

/** Of a folder's files, bytes. */
function sizeOf(folder: string): number {
  try {
    return fs.readdirSync(folder).reduce((size, name) => size + fs.statSync(path.join(folder, name)).size, 0);
  } catch {
    return 0; // another process has removed it
  }
}

/** So that `removeUnused` knows that it was. What belongs to somebody else is used as well, unmarked. */
export function markUsed(item: string): void {
  const now = new Date();
  try {
    fs.utimesSync(item, now, now);
  } catch (error) {
    if (!['EPERM', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}
