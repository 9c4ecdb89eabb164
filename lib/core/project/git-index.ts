import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Repository } from './repository';
import { sha256 } from '../base/tree';

/**
 * The files that git knows, without starting it; the whole index where its format is not the usual one. Which are staged decides on
 * what is installed: setuptools-scm takes data files that are, poetry leaves out what is ignored unless it is.
 *
 * @see https://git-scm.com/docs/index-format
 */
export function identifyTracked({ gitDir }: Repository): string {
  const file = path.join(gitDir, 'index');
  const index = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  return sha256(JSON.stringify(index.length < HEADER ? [] : namesIn(index) ?? sha256(index)));
}

const CHECKSUM = 20;

// bytes

const HEADER = 12;

// bytes
const BEFORE_FLAGS = 60;

// bytes: times, mode, owner, size, SHA-1

function namesIn(index: Buffer): string[] | undefined {
  const [version, count] = [index.readUInt32BE(4), index.readUInt32BE(8)];
  // another version packs names; another checksum means SHA-256 everywhere
  if (version > 3 || hash('sha1', index.subarray(0, -CHECKSUM)) !== index.toString('hex', index.length - CHECKSUM)) return undefined;
  const names: string[] = [];
  for (let i = 0, start = HEADER; i < count; i++) {
    const isExtended = index[start + BEFORE_FLAGS] % 0x80 >= 0x40;
    const name = start + BEFORE_FLAGS + (isExtended ? 4 : 2);
    const end = index.indexOf(0, name);
    names.push(index.toString('latin1', name, end));
    start += Math.floor((end - start + 8) / 8) * 8; // padded with zeros, one at least
  }
  return names;
}
