import { normaliseName } from '../pep/requirement';

// the warnings of pip and of uv. pip writes "<none given>" if there is no reason, and does not wrap lines
const WARNINGS = [
  /yanked version: '(?<name>[^']+)' candidate \(version (?<version>\S+) at .*(?:\nReason for being yanked: (?!<none given>)(?<reason>.+))?/g,
  /`(?<name>[\w.-]+)==(?<version>[^`]+)` is yanked(?: \(reason: "(?<reason>.+)"\))?/g,
];

/**
 * The yanked versions that an installer took all the same, as its warnings say. The key is `yankedKey`, the value is the reason, which
 * may be empty.
 *
 * @see https://peps.python.org/pep-0592/
 */
export function readYanked(output: string): ReadonlyMap<string, string> {
  const found = WARNINGS.flatMap((pattern) => [...output.matchAll(pattern)]).map(({ groups }) => groups!);
  return new Map(found.map(({ name, version, reason = '' }) => [yankedKey({ name, version }), reason.trim()]));
}

export function yankedKey({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${normaliseName(name)} ${version}`;
}
