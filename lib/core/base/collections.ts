
/** Sorted. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(); // by UTF-16 code units: the same everywhere
}
