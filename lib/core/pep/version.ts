import { compare, valid } from '@renovatebot/pep440';

const TEXT_ORDER = new Intl.Collator('en', { numeric: true });

/**
 * The order of releases: first the versions that PEP 440 knows, in its order; then all others, such as SemVer's own forms, as text.
 *
 * @see https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function compareVersions(a: string, b: string): number {
  const isValidA = valid(a) !== null;
  const isValidB = valid(b) !== null;
  if (isValidA !== isValidB) return isValidA ? -1 : 1;
  return (isValidA ? compare(a, b) : 0) || TEXT_ORDER.compare(a, b);
}

/** Whether two spellings are the same version: build backends write `1.0.0-rc.1` as `1.0.0rc1`. */
export function isSameVersion(a: string, b: string): boolean {
  return a === b || (valid(a) !== null && valid(b) !== null && compare(a, b) === 0);
}
