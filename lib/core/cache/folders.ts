import * as fs from 'node:fs';
import * as path from 'node:path';
import { statIfThere } from '../base/files';

const MIN_AGE = 60 * 60 * 1000; // ms: a younger item may be in use
const TIDY_FOR = 10 * 60 * 1000; // ms

/** The prefix of a folder that is still being written. Its final name comes by a rename. */
export const WRITING = 'writing-';

/**
 * Put a folder in the place of another by one rename, so that other processes see the old or the new one, whole. A good one stays, because
 * another process may be reading it.
 *
 * @param isGood whether the folder that is already there is as good as the new one
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

/** Remove a folder by a rename first: otherwise other processes would see a part of it for a while. */
function moveAway(folder: string): void {
  const aside = `${folder}.${process.pid}`;
  try {
    fs.renameSync(folder, aside);
  } catch { /* another process was first */ }
  remove(aside);
}

/** Remove an item, unless it is another user's. */
function remove(item: string): void {
  try {
    fs.rmSync(item, { recursive: true, force: true });
  } catch (error) {
    if (!isOfAnother(error)) throw error;
  }
}

function isOfAnother(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code!);
}

/**
 * Keep the items of a folder that were used last, and remove the others, and the half-written items that killed processes left.
 *
 * @param max number of items that are kept
 * @param maxSize bytes that they may have together
 */
export function removeUnused(folder: string, max: number, maxSize = Infinity): void {
  const old = Date.now() - MIN_AGE;
  const items = fs.readdirSync(folder).map((name) => path.join(folder, name))
    .map((item) => ({ item, used: statIfThere(item)?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used);
  const isHalf = ({ item }: { readonly item: string }) => path.basename(item).startsWith(WRITING);
  const whole = items.filter((item) => !isHalf(item));
  const unused = [...items.filter(isHalf), ...whole.slice(Math.min(max, countWithin(whole, maxSize)))].filter(({ used }) => used < old);
  for (const { item } of unused) remove(item);
}

/** `removeUnused`, but not again and again: to look at hundreds of items takes as long as a part of a small build. */
export function tidyUp(folder: string, max: number, maxSize?: number): void {
  const mark = path.join(path.dirname(folder), `.${path.basename(folder)}-tidied`);
  const last = statIfThere(mark)?.mtimeMs ?? 0;
  if (Math.abs(Date.now() - last) < TIDY_FOR) return;
  removeUnused(folder, max, maxSize);
  try {
    fs.writeFileSync(mark, '', { mode: 0o600 });
  } catch (error) {
    if (!isOfAnother(error)) throw error;
  }
}

/** The number of first items that are no larger than `maxSize` together. */
function countWithin(items: readonly { readonly item: string }[], maxSize: number): number {
  if (maxSize === Infinity) return items.length; // saves measuring them
  let size = 0;
  const tooMuch = items.findIndex(({ item }) => {
    size += folderSize(item);
    return size > maxSize;
  });
  return tooMuch === -1 ? items.length : tooMuch;
}

/** The size of a folder's files, bytes. */
function folderSize(folder: string): number {
  try {
    return fs.readdirSync(folder).reduce((size, name) => size + fs.statSync(path.join(folder, name)).size, 0);
  } catch {
    return 0; // another process has removed it
  }
}

/** Record a use, for `removeUnused`. It does nothing for another user's entry. */
export function markUsed(item: string): void {
  const now = new Date();
  try {
    fs.utimesSync(item, now, now);
  } catch (error) {
    if (!isOfAnother(error)) throw error;
  }
}
