import { listArchive } from './read-archive';
import type { PackedFile, TreeFile } from '../base/tree';

interface Wheel<F> {
  /** All files but headers and scripts: a script would start with this machine's interpreter. */
  readonly files: F[];
  readonly hasHeaders: boolean;
  /** The paths of those that a project calls data (`data_files`). */
  readonly data: ReadonlySet<string>;
  /** Whether a name has a backslash or a control character, which are given as others. */
  readonly hasOddName: boolean;
}

/**
 * List the files of a wheel, at the paths where they are installed.
 *
 * @param wheel its bytes, or the path of its file
 */
export async function listWheel(wheel: Buffer | string): Promise<Wheel<PackedFile>> {
  const files: PackedFile[] = [];
  const data = new Set<string>();
  let hasHeaders = false;
  const entries = await listArchive(wheel);
  for (const entry of entries) {
    const { path: name, mode, size } = entry;
    const [, category, placed = name] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
    // pip's own rule: a regular file that somebody may execute
    const executable = (mode - mode % 0o10000) === 0o100000 && /[1357]/.test((mode % 0o1000).toString(8));
    if (category === 'headers') hasHeaders = true;
    if (category === 'data') data.add(placed);
    if (category !== 'headers' && category !== 'scripts') files.push({ path: placed, executable, size, read: () => entry.read() });
  }
  return { files, hasHeaders, data, hasOddName: entries.some((entry) => entry.hasOddName) };
}

/** Read the files of a wheel, at the paths where they are installed. */
export async function unpackWheel(wheel: Buffer): Promise<Wheel<TreeFile>> {
  const { files, ...rest } = await listWheel(wheel);
  return { ...rest, files: files.map(({ path, executable, read }) => ({ path, executable, content: read() })) };
}
