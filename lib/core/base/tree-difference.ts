import { byPath, type FileDigest } from './tree';

/** A file that is not the same in two trees. */
export interface FileDifference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** The changes that lead from `before` to `after`, sorted by path. */
export function compareTrees(before: readonly FileDigest[], after: readonly FileDigest[]): FileDifference[] {
  const [old, now] = [before, after].map((files) => new Map(files.map((file) => [file.path, file])));
  const gone = before.filter((file) => !now.has(file.path)).map(({ path }): FileDifference => ({ path, change: 'removed' }));
  const changed = after.flatMap(({ path, sha256, executable }): FileDifference[] => {
    const other = old.get(path);
    if (!other) return [{ path, change: 'added' }];
    return other.sha256 === sha256 && other.executable === executable ? [] : [{ path, change: 'changed' }];
  });
  return [...gone, ...changed].sort(byPath);
}

const SHOWN = 10;
const MAX_LENGTH = 1000; // characters: CloudFormation accepts 4,096 bytes of a response

/** The first changes in words. RECORD is left out, because it changes whenever another file does. */
export function describeDifferences(all: readonly FileDifference[]): string {
  const told = all.filter(({ path }) => !path.endsWith('.dist-info/RECORD'));
  const differences = told.length > 0 ? told : all;
  const shown: string[] = [];
  for (const { path, change } of differences.slice(0, SHOWN)) {
    if (shown.join(', ').length + path.length > MAX_LENGTH) break;
    shown.push(`${change} ${path}`);
  }
  const more = differences.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
