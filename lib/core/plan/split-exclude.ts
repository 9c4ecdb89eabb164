import { normaliseName } from '../pep/requirement';

/** The names of packages in an `exclude`, normalised, and the patterns of files. A pattern has a character that no name has. */
export function splitExclude(exclude: readonly string[] = []): { readonly names: string[]; readonly patterns: string[] } {
  const isPattern = (item: string) => /[/*?[\]!]/.test(item);
  return { names: exclude.filter((item) => !isPattern(item)).map(normaliseName), patterns: exclude.filter(isPattern) };
}
