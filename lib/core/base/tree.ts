import { createHash, hash } from 'node:crypto';
import * as fs from 'node:fs';

/** A file of an installed tree or of a source tree, with its content. */
export interface TreeFile {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

/** A file that is read when its content is needed: packages may be larger than memory. */
export interface PackedFile extends Pick<TreeFile, 'path' | 'executable'> {
  /** Bytes. */
  readonly size: number;
  read(): Buffer;
}

/** One whose content is there already. */
export function packed({ path, executable, content }: TreeFile): PackedFile {
  return { path, executable, size: content.length, read: () => content };
}

export type FileDigest = Pick<TreeFile, 'path' | 'executable'> & { readonly sha256: string };

export function sha256(data: Buffer | string, encoding: 'hex' | 'base64' = 'hex'): string {
  return hash('sha256', data, encoding);
}

/** The digest of a file of any size, hexadecimal. */
export async function sha256OfFile(file: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const part of fs.createReadStream(file)) digest.update(part as Buffer);
  return digest.digest('hex');
}

export function digestFile({ path, executable, content }: TreeFile): FileDigest {
  return { path, executable, sha256: sha256(content) };
}

/**
 * The digest of a tree (`source_sha256`) covers its paths, contents and executable bits, and nothing else. It is taken from the
 * files and not from the archive, because deflate's output differs between builds of zlib although the code is the same.
 */
export function digestTree(files: readonly FileDigest[]): string {
  // a line feed in a name, which no artifact has, would end its line
  const nameOf = (name: string) => name.includes('\n') ? JSON.stringify(name) : name;
  const lines = [...files].sort(byPath).map((file) => `${file.executable ? '755' : '644'} ${file.sha256} ${nameOf(file.path)}\n`);
  return sha256(lines.join(''));
}

/** Whether a file's owner may execute it. An artifact keeps nothing else of the mode, because the rest depends on the umask. */
export function isExecutable(mode: number): boolean {
  // eslint-disable-next-line no-bitwise
  return (mode & 0o100) !== 0;
}

/** Compares by the bytes of the path in UTF-8: the order is the same on every machine, unlike that of a locale. */
export function byPath({ path: a }: { readonly path: string }, { path: b }: { readonly path: string }): number {
  let i = 0;
  while (i < a.length && i < b.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i === a.length || i === b.length ? a.length - b.length : utf8Order(a.charCodeAt(i)) - utf8Order(b.charCodeAt(i));
}

/** UTF-16's units have the order of UTF-8's bytes, except for surrogates: these stand for the characters that come last. */
function utf8Order(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
