import { readMarker } from './marker';
import { normaliseName } from './name';
import { Scanner } from './scanner';
import { readClauses } from './specifier';
import { memo } from '../base/collections';

export { satisfiesSpecifier } from './specifier';

/** A requirement of a package. */
export interface Requirement {
  /** Normalised. */
  readonly name: string;
  /** Normalised. */
  readonly extras: readonly string[];
  /** `>=1.0,<2`; empty for any version. */
  readonly specifier: string;
  readonly url?: string;
  readonly marker?: string;
}

/**
 * Read `name[extra] >=1.0,<2 ; marker` or `name @ url ; marker`. Throws a `SyntaxError`. Results are kept: layers repeat the same packages.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 */
export const parseRequirement = memo((text: string): Requirement => readRequirement(new Scanner(text)), 10_000);

function readRequirement(scanner: Scanner): Requirement {
  const name = normaliseName(readName(scanner, 'a package\'s name'));
  const extras = readExtras(scanner);
  const url = scanner.take(/@/y) && scanner.expect(/\S+/y, 'a URL')[0];
  if (url?.endsWith(';')) scanner.fail('a blank between the URL and ";"', scanner.position - 1);
  const specifier = url === undefined ? readSpecifier(scanner) : '';
  const marker = scanner.take(/;(.*)/sy)?.[1].trim();
  scanner.expect(/$/y, '";" or the end');
  if (marker !== undefined) readMarker(marker);
  return { name, extras, specifier, ...url !== undefined && { url }, ...marker !== undefined && { marker } };
}

function readName(scanner: Scanner, what: string): string {
  return scanner.expect(/[a-z\d](?:[\w.-]*[a-z\d])?/iy, what)[0];
}

function readExtras(scanner: Scanner): string[] {
  if (!scanner.take(/\[/y) || scanner.take(/\]/y)) return [];
  const extras: string[] = [];
  do {
    extras.push(normaliseName(readName(scanner, 'an extra\'s name')));
  } while (scanner.take(/,/y));
  scanner.expect(/\]/y, '"," or "]"');
  return extras;
}

function readSpecifier(scanner: Scanner): string {
  const isEnclosed = scanner.take(/\(/y);
  const clauses = readClauses(scanner);
  if (isEnclosed) scanner.expect(/\)/y, '")"');
  return clauses.map(({ operator, version }) => operator + version).join();
}

/** `name[extra]`, or the name alone. */
export function nameWithExtras({ name, extras }: Pick<Requirement, 'name' | 'extras'>): string {
  return extras.length === 0 ? name : `${name}[${[...extras].sort().join()}]`;
}

export { normaliseName } from './name';
