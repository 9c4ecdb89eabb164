import { normaliseName } from '../pep/requirement';

// how pip and uv warn of a version that was withdrawn; pip wraps nothing, and says "<none given>"
const WARNINGS = [
  /yanked version: '(?<name>[^']+)' candidate \(version (?<version>\S+) at .*(?:\nReason for being yanked: (?!<none given>)(?<reason>.+))?/g,
  /`(?<name>[\w.-]+)==(?<version>[^`]+)` is yanked(?: \(reason: "(?<reason>.+)"\))?/g,
];

/**
 * The versions that an index has yanked, as an installer tells of those that it took all the same: by `yankedKey`, the reason, which may
 * be empty.
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
