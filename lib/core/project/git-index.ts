import * as path from 'node:path';
import type { Repository } from './repository';
import { readIfThere, readTextIfThere } from '../base/files';
import { sha256 } from '../base/tree';

/** A file that git knows. */
interface IndexEntry {
  /** From the top, with `/`; empty for one that takes the place of another of the shared index. As `latin1`: names need not be UTF-8. */
  readonly name: string;
  /** Mode and object id. */
  readonly content: string;
}

/** A repository's index. */
export interface GitIndex {
  /** With those of the shared index, if there is one. */
  readonly entries: readonly IndexEntry[];
  /** What the rest of a split index says: which entries of the shared one are gone. */
  readonly removed: string;
  /** The digest of the file, where its format is not known: `entries` is empty then. */
  readonly unknown?: string;
}

const HEADER = 12; // bytes
const MODE = 24; // where it is in an entry, after ctime, mtime, dev and ino
const OBJECT_ID = 40; // where it is in an entry, after mode, uid, gid and size

/**
 * What git knows, without starting it. Versions 2 to 4, split or not, SHA-1 or SHA-256; times and sizes are left out, which any `git
 * status` renews.
 *
 * @see https://git-scm.com/docs/index-format
 */
export function readIndex({ gitDir, commonDir }: Repository): GitIndex {
  const isSha256 = /^\s*objectformat\s*=\s*sha256\s*$/im.test(readTextIfThere(path.join(commonDir, 'config')) ?? '');
  return parseIndex(gitDir, 'index', isSha256 ? 32 : 20);
}

function parseIndex(gitDir: string, file: string, idSize: number): GitIndex {
  const index = readIfThere(path.join(gitDir, file));
  if (index === undefined || index.length < HEADER) return { entries: [], removed: '' };
  try {
    const version = index.readUInt32BE(4);
    if (index.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) throw new RangeError('another format');
    const { entries, end } = readEntries(index, version, idSize);
    const link = extensionOf(index, end, 'link', idSize);
    if (link === undefined) return { entries, removed: '' };
    const shared = parseIndex(gitDir, `sharedindex.${link.toString('hex', 0, idSize)}`, idSize);
    return { ...shared, entries: [...shared.entries, ...entries], removed: deletedBitmap(link.subarray(idSize)) };
  } catch {
    return { entries: [], removed: '', unknown: sha256(index) };
  }
}

function readEntries(index: Buffer, version: number, idSize: number): { readonly entries: IndexEntry[]; readonly end: number } {
  const entries: IndexEntry[] = [];
  let start = HEADER;
  let name = '';
  for (let i = index.readUInt32BE(8); i > 0; i--) {
    const flags = start + OBJECT_ID + idSize;
    const isExtended = index[flags] % 0x80 >= 0x40;
    let at = flags + (isExtended ? 4 : 2);
    if (version === 4) { // a name begins as the one before it
      const { value, end } = readOffset(index, at);
      name = name.slice(0, name.length - value);
      at = end;
    } else {
      name = '';
    }
    const end = index.indexOf(0, at);
    if (end < 0) throw new RangeError('cut off');
    name += index.toString('latin1', at, end);
    const mode = index.toString('hex', start + MODE, start + MODE + 4);
    entries.push({ name, content: mode + index.toString('hex', start + OBJECT_ID, flags) });
    start = version === 4 ? end + 1 : start + Math.floor((end - start + 8) / 8) * 8; // padded with zeros, one at least
  }
  return { entries, end: start };
}

/** A number as in pack files, of seven bits a byte. @see https://git-scm.com/docs/pack-format */
function readOffset(index: Buffer, start: number): { readonly value: number; readonly end: number } {
  let at = start;
  let value = index[at] % 0x80;
  while (index[at] >= 0x80) {
    at++;
    value = (value + 1) * 0x80 + index[at] % 0x80;
  }
  return { value, end: at + 1 };
}

function extensionOf(index: Buffer, start: number, wanted: string, idSize: number): Buffer | undefined {
  for (let at = start; at + 8 <= index.length - idSize;) {
    const size = index.readUInt32BE(at + 4);
    if (index.toString('latin1', at, at + 4) === wanted) return index.subarray(at + 8, at + 8 + size);
    at += 8 + size;
  }
  return undefined;
}

/** The first of two bitmaps; the second has the entries that are replaced, which a new time is enough for. */
function deletedBitmap(bitmaps: Buffer): string {
  if (bitmaps.length < 8) return '';
  return bitmaps.toString('hex', 0, 8 + 8 * bitmaps.readUInt32BE(4));
}
