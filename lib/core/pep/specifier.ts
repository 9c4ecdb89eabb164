import { compare, explain, valid, type Pep440Version } from '@renovatebot/pep440';
import { Scanner } from './scanner';

/** A clause of a specifier: `>=1.0` */
export interface Clause {
  readonly operator: string;
  readonly version: string;
}

/** Read `>=1.0, <2`. An empty specifier and a trailing comma are allowed. */
export function readClauses(scanner: Scanner): Clause[] {
  const clauses: Clause[] = [];
  do {
    const word = scanner.take(/(===|~=|==|!=|<=|>=|<|>)\s*([^\s,;()]*)/y);
    if (!word) break;
    const clause = { operator: word[1], version: word[2] };
    if (!isClause(clause)) scanner.fail('a version specifier', word.index);
    clauses.push(clause);
  } while (scanner.take(/,/y));
  return clauses;
}

/** Whether a specifier allows a version, by PEP 440. Pre-releases are allowed: the version may be that of an installed package. */
export function satisfiesSpecifier(version: string, specifier: string): boolean {
  return satisfiesPlainly(version, specifier) ?? satisfiesAll(version, specifier);
}

/**
 * For `>=3.9`, as most projects say it: in an app that builds nothing, the library takes longer than all else that is read of them.
 * `undefined` for other forms.
 */
export function satisfiesPlainly(version: string, specifier: string): boolean | undefined {
  const [, major, minor] = /^\s*>=\s*(\d+)\.(\d+)\s*$/.exec(specifier) ?? [];
  const [is, isMajor, isMinor] = /^(\d+)\.(\d+)(?:\.\d+)*$/.exec(version) ?? [];
  if (major === undefined || is === undefined) return undefined;
  return Number(isMajor) === Number(major) ? Number(isMinor) >= Number(minor) : Number(isMajor) > Number(major);
}

function satisfiesAll(version: string, specifier: string): boolean {
  const scanner = new Scanner(specifier);
  const clauses = readClauses(scanner);
  scanner.expect(/$/y, 'a version specifier');
  return clauses.every((clause) => satisfiesClause(version, clause));
}

/** @see https://packaging.python.org/en/latest/specifications/version-specifiers/ */
export function isClause({ operator, version }: Clause): boolean {
  if (operator === '===') return /^\S+$/.test(version);
  const isEquality = operator === '==' || operator === '!=';
  if (version.endsWith('.*')) return isEquality && /^v?(\d+!)?\d+(\.\d+)*\.\*$/i.test(version);
  if (valid(version) === null) return false;
  if (version.includes('+')) return isEquality;
  return operator !== '~=' || /^v?(\d+!)?\d+\.\d/i.test(version); // two numbers at least
}

// The library's own `satisfies` refuses 1.0 for >1.0rc1 and 1 for ==1.0.*, and does not tell local versions apart.
export function satisfiesClause(version: string, { operator, version: wanted }: Clause): boolean {
  if (operator === '===') return version.toLowerCase() === wanted.toLowerCase();
  const is = explain(version);
  const than = explain(wanted.replace(/\.\*$/, ''))!;
  if (!is) return false; // only === accepts a string that is not a version
  const equal = wanted.endsWith('.*') ? isInSeries(is, than) : compare(than.local === null ? publicOf(version) : version, wanted) === 0;
  switch (operator) {
    case '==': return equal;
    case '!=': return !equal;
    case '>=': return compare(version, wanted) >= 0;
    case '<=': return compare(publicOf(version), wanted) <= 0;
    // a pre-release of the wanted version is not older than it
    case '<': return compare(version, than.is_prerelease ? wanted : `${publicOf(wanted)}.dev0`) < 0;
    // nor is a post-release of it newer
    case '>': return compare(publicOf(version), wanted) > 0 && compare(is.base_version + (is.pre ?? []).join(''), wanted) !== 0;
    default: return compare(version, wanted) >= 0 && isInSeries(is, { ...than, release: than.release.slice(0, -1) });
  }
}

function publicOf(version: string): string {
  return version.replace(/\+.*/, '');
}

function isInSeries({ epoch, release }: Pep440Version, series: Pep440Version): boolean {
  return epoch === series.epoch && series.release.every((part, index) => part === (release[index] ?? 0));
}
