import { normaliseName } from '../pep/requirement';

/** Names of packages, normalised, and patterns of their files, which no name looks like. */
export function splitExclude(exclude: readonly string[] = []): { readonly names: string[]; readonly patterns: string[] } {
  const isPattern = (item: string) => /[/*?[\]!]/.test(item);
  return { names: exclude.filter((item) => !isPattern(item)).map(normaliseName), patterns: exclude.filter(isPattern) };
}
