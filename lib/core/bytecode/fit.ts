import { sourceOfBytecode } from '../pep/bytecode';

/** CompiledModules by its path. */
export type Codes = ReadonlyMap<string, Buffer>;

/** What is left of bytecode, and of what there is none. */
export interface Fitting {
  readonly codes: Codes;
  readonly leftOut: readonly string[];
}

/**
 * Leave out bytecode until the rest fits: of tests first, which no function imports, then of whole packages, the largest first.
 *
 * @param room bytes
 */
export function fitBytecode(codes: Codes, room: number): Fitting {
  let size = totalSize(codes.values());
  const left = new Map(codes);
  const leftOut: string[] = [];
  const groups = [...groupBy(codes, (file) => isTest(file) ? `tests of ${packageOf(file)}` : undefined), ...groupBy(codes, packageOf)];
  for (const [name, files] of groups) {
    if (size <= room) break;
    const there = files.filter((file) => left.has(file));
    if (there.length === 0) continue;
    for (const file of there) {
      size -= left.get(file)!.length;
      left.delete(file);
    }
    leftOut.push(name);
  }
  return { codes: left, leftOut };
}

export function totalSize(codes: Iterable<Buffer>): number {
  let size = 0;
  for (const { length } of codes) size += length;
  return size;
}

/** The largest group first. */
function groupBy(codes: Codes, nameOf: (file: string) => string | undefined): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const file of codes.keys()) {
    const name = nameOf(file);
    if (name !== undefined) groups.set(name, [...groups.get(name) ?? [], file]);
  }
  const size = (files: readonly string[]) => files.reduce((sum, file) => sum + codes.get(file)!.length, 0);
  return [...groups].map((group) => ({ group, size: size(group[1]) })).sort((a, b) => b.size - a.size).map(({ group }) => group);
}

function isTest(file: string): boolean {
  return /(^|\/)tests?\//.test(file);
}

/** The folder or the module at the top: below `python/` in a layer. */
export function packageOf(file: string): string {
  const { source } = sourceOfBytecode(file) ?? { source: file };
  return /^(?:python\/)?([^/]+?)(?:\.py)?(?:\/|$)/.exec(source)![1];
}
