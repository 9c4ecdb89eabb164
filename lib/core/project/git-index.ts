import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Repository } from './repository';
import { sha256 } from '../base/tree';

// The format of the index, in bytes. It starts with a header: "DIRC", the version, the number of entries.
const VERSION_AT = 4;
const COUNT_AT = 8;
const HEADER = 12;
// Each entry starts with times, mode, owner, size and the object's SHA-1, then come flags and the path.
const BEFORE_FLAGS = 60;
const FLAGS = 2;
const EXTENDED_FLAGS = 4; // if the first flag has this bit:
const EXTENDED_BIT = 0x40;
const ALIGNMENT = 8; // of the entries
// The index ends with its own SHA-1.
const CHECKSUM = 20;

/**
 * A digest of the paths that git tracks, made without starting git; of the whole index if its format is another one. The content of a
 * package may depend on them: setuptools-scm installs tracked data files, and poetry leaves ignored files out unless they are tracked.
 *
 * @see https://git-scm.com/docs/index-format
 */
export function identifyTracked({ gitDir }: Repository): string {
  const file = path.join(gitDir, 'index');
  const index = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  if (index.length < HEADER) return sha256(JSON.stringify([]));
  return sha256(JSON.stringify(trackedPaths(index) ?? sha256(index)));
}

/** The paths of an index; `undefined` if it is of another format. */
function trackedPaths(index: Buffer): string[] | undefined {
  if (index.readUInt32BE(VERSION_AT) > 3) return undefined; // version 4 shortens paths
  const checksum = index.toString('hex', index.length - CHECKSUM);
  if (hash('sha1', index.subarray(0, -CHECKSUM)) !== checksum) return undefined; // objects and checksum may be SHA-256
  const paths: string[] = [];
  const count = index.readUInt32BE(COUNT_AT);
  let start = HEADER;
  while (paths.length < count) {
    const isExtended = index[start + BEFORE_FLAGS] % (2 * EXTENDED_BIT) >= EXTENDED_BIT;
    const pathStart = start + BEFORE_FLAGS + (isExtended ? EXTENDED_FLAGS : FLAGS);
    const pathEnd = index.indexOf(0, pathStart);
    paths.push(index.toString('latin1', pathStart, pathEnd));
    const unpadded = pathEnd - start;
    start += (Math.floor(unpadded / ALIGNMENT) + 1) * ALIGNMENT; // padded with one to eight zeros
  }
  return paths;
}
