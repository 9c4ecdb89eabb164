import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTextIfThere, statIfThere } from '../../base/files';
import { withoutCredentials } from '../../base/redact';
import { sha256 } from '../../base/tree';

const DISTRIBUTION = /\.(whl|tar\.gz|tgz|zip|tar\.bz2)$/i;

/**
 * What is in the files that a text names, such as an argument, the value of a variable or a requirement: paths and file URLs. A file of
 * requirements or constraints counts with those that it includes; of a folder, the distributions in it, as in `--find-links`.
 *
 * @param folders that relative paths may be relative to
 */
export function identifyNamed(texts: readonly string[], folders: readonly string[]): unknown {
  const seen = new Set<string>();
  const found: [string, unknown][] = [];
  const visit = (text: string, from: readonly string[]) => {
    for (const word of wordsOf(text)) {
      for (const file of new Set(from.map((folder) => toPath(word, folder)))) {
        if (file === undefined || seen.has(file)) continue;
        seen.add(file);
        const stat = statIfThere(file);
        if (stat?.isDirectory()) found.push([path.basename(file), distributionsIn(file)]);
        else if (stat?.isFile() && isList(file, stat.size)) visitList(file);
        else if (stat?.isFile()) found.push([path.basename(file), digestOf(file, stat)]);
      }
    }
  };
  const visitList = (file: string) => {
    const text = readTextIfThere(file) ?? '';
    found.push([path.basename(file), sha256(withoutCredentials(text))]);
    const lines = text.split(/\r?\n/).filter((item) => /^\s*-|[\\/]|\.(whl|zip|gz)\b/.test(item));
    for (const line of lines) visit(line, [path.dirname(file), ...folders]);
  };
  for (const text of texts) visit(text, folders);
  return found;
}

/** An option's value may follow its name behind `=`; lists are separated by blanks, commas or lines. */
function wordsOf(text: string): string[] {
  const words = text.split(/[\s,;"']+/);
  const values = words.map((word) => word.replace(/^-{1,2}[\w-]+=|^-[a-zA-Z]/, ''));
  const places = words.map((word) => word.slice(word.lastIndexOf('@') + 1));
  return [text.trim(), ...words, ...values, ...places].filter((word) => word !== '' && !word.startsWith('-'));
}

function toPath(word: string, folder: string): string | undefined {
  if (word.startsWith('file:')) {
    try {
      return fileURLToPath(word.replace(/#.*$/, ''));
    } catch {
      return undefined;
    }
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) return undefined;
  return path.resolve(folder, word.replace(/^~(?=[/\\])/, process.env.HOME ?? '~'));
}

function isList(file: string, size: number): boolean {
  return /(^|[\\/])[^.\\/]*$|\.(txt|in|lock)$/i.test(file) && size < 16 * 1024 ** 2;
}

function distributionsIn(folder: string): unknown {
  return fs.readdirSync(folder).filter((name) => DISTRIBUTION.test(name)).sort().map((name) => {
    const file = path.join(folder, name);
    const stat = statIfThere(file);
    return [name, stat?.isFile() ? digestOf(file, stat) : undefined];
  });
}

// the layers of an app often name the same files
const DIGESTS = new Map<string, string>();

function digestOf(file: string, { size, mtimeMs, ctimeMs, ino }: fs.Stats): string {
  const key = JSON.stringify([file, size, mtimeMs, ctimeMs, ino]);
  const known = DIGESTS.get(key);
  if (known !== undefined) return known;
  if (DIGESTS.size > 1000) DIGESTS.clear();
  const digest = digestByParts(file);
  DIGESTS.set(key, digest);
  return digest;
}

const PART = 1024 ** 2; // bytes

/** A wheel may be larger than memory should be asked for. */
function digestByParts(file: string): string {
  const digest = createHash('sha256');
  const descriptor = fs.openSync(file, 'r');
  try {
    const part = Buffer.allocUnsafe(PART);
    const read = () => fs.readSync(descriptor, part);
    for (let length = read(); length > 0; length = read()) digest.update(part.subarray(0, length));
  } finally {
    fs.closeSync(descriptor);
  }
  return digest.digest('hex');
}
