import { byPath, type TreeFile } from '../base/tree';

/** The first date that a zip can hold. A fixed one: the archive must not depend on when files were written. */
const EPOCH = new Date('1980-01-01T00:00:00Z');

/**
 * Stage 2: an installed tree as a zip, its files at the root. The same files give the same bytes wherever the same zlib runs.
 *
 * @param isPlain whether it is not compressed: then sizes stand before the files, without which uv does not read an empty one
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
 */
export async function packageTree(files: readonly TreeFile[], isPlain = false): Promise<Buffer> {
  const { ZipArchive } = await import('archiver'); // its time to load is that of a small build
  const archive = new ZipArchive(isPlain ? { store: true } : { zlib: { level: 9 } });
  // archiver would append files that it reads itself in the order in which the disk answers
  for (const { path: name, executable, content } of [...files].sort(byPath)) {
    archive.append(content, { name, date: EPOCH, mode: executable ? 0o755 : 0o644 });
  }
  const [chunks] = await Promise.all([archive.toArray() as Promise<Buffer[]>, archive.finalize()]);
  return Buffer.concat(chunks);
}
