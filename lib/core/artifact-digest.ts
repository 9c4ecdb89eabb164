import { createHash } from 'node:crypto';

/** A file of an installed tree or of a source tree, with its content. */
export interface TreeFile {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

export type FileDigest = Pick<TreeFile, 'path' | 'executable'> & { readonly sha256: string };

export function sha256(data: Buffer | string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(data).digest(encoding);
}

export function digestFile({ path, executable, content }: TreeFile): FileDigest {
  return { path, executable, sha256: sha256(content) };
}

/**
 * The digest of a tree (`source_sha256`): of its paths, contents and executable bits, and of nothing else. It is taken from the
 * files and not from the archive because deflate's output differs between zlib builds: another compressor is not other code.
 */
export function digestTree(files: readonly FileDigest[]): string {
  const lines = [...files].sort(byPath).map((file) => `${file.executable ? '755' : '644'} ${file.sha256} ${file.path}\n`);
  return sha256(lines.join(''));
}

/** Whether its owner may execute it; all that an artifact keeps of a file's mode, as the rest follows the umask. */
export function isExecutable(mode: number): boolean {
  // eslint-disable-next-line no-bitwise
  return (mode & 0o100) !== 0;
}

/** By the bytes of the path: the same on every machine, unlike a locale's order or that of UTF-16 units. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}
