import ignore from 'ignore';
import type { Distribution } from './distribution';

/** What is left of packages, and how much was left out of them, bytes. */
export interface Slimmed {
  readonly distributions: readonly Distribution[];
  readonly saved: number;
}

/**
 * Leave out files of packages. Their metadata stays, by which Python knows that they are there.
 *
 * @param patterns as in .gitignore, such as `numpy/**\/tests/**`
 */
export function excludeFiles(distributions: readonly Distribution[], patterns: readonly string[]): Slimmed {
  if (patterns.length === 0) return { distributions, saved: 0 };
  const excluded = ignore({ ignorecase: false }).add([...patterns]);
  let saved = 0;
  const left = distributions.map((item) => {
    const files = item.files.filter(({ path, size }) => {
      const stays = /^[^/]+\.dist-info\//.test(path) || !excluded.ignores(path);
      if (!stays) saved += size;
      return stays;
    });
    return { ...item, files };
  });
  return { distributions: left, saved };
}
