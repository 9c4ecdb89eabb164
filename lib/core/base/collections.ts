/** Each text once, sorted by UTF-16 code units: the order is the same everywhere. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}

/**
 * All items that can be reached from `starts`, each once, in the order in which they are met (breadth first).
 *
 * @param next the items that an item leads to; it is called once for each item, in that order
 * @param keyOf items with the same key are the same; an item is its own key unless this is given
 */
export function reach<T>(starts: Iterable<T>, next: (item: T) => Iterable<T>, keyOf: (item: T) => unknown = (item) => item): T[] {
  const reached = new Map<unknown, T>();
  const add = (item: T) => {
    const key = keyOf(item);
    if (!reached.has(key)) reached.set(key, item);
  };
  for (const item of starts) add(item);
  // a Map may grow while it is iterated: what is added is visited too
  for (const item of reached.values()) {
    for (const other of next(item)) add(other);
  }
  return [...reached.values()];
}

/**
 * A function that keeps its last results. A result may depend on the first argument alone: the others are for errors, which are not kept.
 *
 * @param max number of results that are kept; then the oldest is dropped, so that a process that runs for months does not grow
 */
export function memo<K, V, Rest extends unknown[] = []>(make: (key: K, ...rest: Rest) => V, max: number): (key: K, ...rest: Rest) => V {
  const results = new Map<K, V>();
  return (key, ...rest) => {
    if (results.has(key)) return results.get(key)!;
    const result = make(key, ...rest);
    if (results.size >= max) results.delete(results.keys().next().value!);
    results.set(key, result);
    return result;
  };
}

/** The result of a call; `undefined` if it throws, as readers do for text that no standard knows. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The names that are most like a word, nearest first: at most three. */
export function nearest(word: string, among: readonly string[]): string[] {
  const distance = (name: string) => name.includes(word) ? 0 : editDistance(word, name);
  return among.filter((name) => name !== '').sort((a, b) => distance(a) - distance(b)).slice(0, 3);
}

/** How many letters are to be changed, added or removed. @see https://en.wikipedia.org/wiki/Levenshtein_distance */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}

/** `did you mean a, b`; `undefined` for none. */
export function didYouMean(names: readonly string[]): string | undefined {
  return names.length > 0 ? `did you mean ${names.join(', ')}` : undefined;
}
