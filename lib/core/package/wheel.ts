import { readArchive } from './read-archive';
import type { TreeFile } from '../base/tree';

/** Without headers, and without scripts: they would start with this machine's interpreter. */
export async function unpackWheel(wheel: Buffer): Promise<{ readonly files: TreeFile[]; readonly hasHeaders: boolean }> {
  const files: TreeFile[] = [];
  let hasHeaders = false;
  for await (const { path: name, mode, content } of readArchive(wheel)) {
    const [, category, placed = name] = /^[^/]+\.data\/([^/]+)\/(.+)$/.exec(name) ?? [];
    // pip's own rule: regular files that anybody may execute
    const executable = (mode - mode % 0o10000) === 0o100000 && /[1357]/.test((mode % 0o1000).toString(8));
    if (category === 'headers') hasHeaders = true;
    else if (category !== 'scripts') files.push({ path: placed, content, executable });
  }
  return { files, hasHeaders };
}
