import { listArchive } from './read-archive';
import type { PackedFile, TreeFile } from '../base/tree';

interface Wheel<F> {
  /** All files but headers and scripts: a script would start with this machine's interpreter. */
  readonly files: F[];
  readonly hasHeaders: boolean;
}

/**
 * List the files of a wheel, at the paths where they are installed.
 *
 * @param wheel its bytes, or the path of its file
 */
export async function listWheel(wheel: Buffer | string): Promise<Wheel<PackedFile>> {
  const files: PackedFile[] = [];
  let hasHeaders = false;
  for (const entry of await listArchive(wheel)) {
    const { path: name, mode, size } = entry;
    const [, category, placed = name] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
    // pip's own rule: a regular file that somebody may execute
    const executable = (mode - mode % 0o10000) === 0o100000 && /[1357]/.test((mode % 0o1000).toString(8));
    if (category === 'headers') hasHeaders = true;
    else if (category !== 'scripts') files.push({ path: placed, executable, size, read: () => entry.read() });
  }
  return { files, hasHeaders };
}

/** Read the files of a wheel, at the paths where they are installed. */
export async function unpackWheel(wheel: Buffer): Promise<Wheel<TreeFile>> {
  const { files, hasHeaders } = await listWheel(wheel);
  return { files: files.map(({ path, executable, read }) => ({ path, executable, content: read() })), hasHeaders };
}
