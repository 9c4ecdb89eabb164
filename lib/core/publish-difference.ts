import { byPath, type FileDigest } from './artifact-digest';

/** A file in which two trees differ. */
export interface FileDifference {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** What was done to `before` to get `after`, by path. */
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

export function describeDifferences(differences: readonly FileDifference[]): string {
  const shown = differences.slice(0, SHOWN).map(({ path, change }) => `${change} ${path}`);
  const more = differences.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
