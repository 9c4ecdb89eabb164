import { normaliseName } from './name';
import { Scanner } from './scanner';
import { isClause, satisfiesClause } from './specifier';
import { memo } from '../base/collections';

export interface MarkerContext {
  /** The values of the variables, see `markerEnvironment`. */
  readonly environment: Readonly<Record<string, string>>;
  /** The extras that are asked for, normalised. */
  readonly extras?: ReadonlySet<string>;
  /** The dependency groups that are asked for, normalised. */
  readonly groups?: ReadonlySet<string>;
}

/**
 * Whether an environment marker holds. It does what pypa/packaging does.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
 * @see https://packaging.python.org/en/latest/specifications/pylock-toml/ for `extras` and `dependency_groups`
 */
export function evaluateMarker(marker: string, context: MarkerContext): boolean {
  return readMarker(marker)(context);
}

type Marker = (context: MarkerContext) => boolean;

/** Throws a `SyntaxError` if the text is not a marker. Results are kept: packages have thousands of markers, and few that differ. */
export const readMarker = memo((text: string): Marker => {
  const scanner = new Scanner(text);
  const marker = readAlternatives(scanner);
  scanner.expect(/$/y, '"and", "or" or the end');
  return marker;
}, 10_000);

function readAlternatives(scanner: Scanner): Marker {
  const alternatives = readJoined(scanner, /or\b/y, () => readJoined(scanner, /and\b/y, () => readAtom(scanner)));
  return (context) => alternatives.some((markers) => markers.every((marker) => marker(context)));
}

function readJoined<T>(scanner: Scanner, word: RegExp, read: () => T): T[] {
  const items = [read()];
  while (scanner.take(word)) items.push(read());
  return items;
}

function readAtom(scanner: Scanner): Marker {
  if (!scanner.take(/\(/y)) {
    const comparison = readComparison(scanner);
    return (context) => holds(comparison, context);
  }
  const marker = readAlternatives(scanner);
  scanner.expect(/\)/y, '")"');
  return marker;
}

interface Comparison {
  readonly variable: string;
  readonly operator: string;
  readonly text: string;
  /** `"3.8" <= python_version`: the quoted text is on the left. */
  readonly isTextFirst: boolean;
}

const SETS = ['extras', 'dependency_groups'];

function readComparison(scanner: Scanner): Comparison {
  const start = scanner.position;
  const left = readOperand(scanner);
  const operator = scanner.expect(/===|~=|==|!=|<=|>=|<|>|in\b|not\s+in\b/y, 'a comparison such as ">=" or "in"')[0].replace(/\s+/, ' ');
  const right = readOperand(scanner);
  const variable = left.variable ?? right.variable;
  const text = left.text ?? right.text;
  const isTextFirst = left.text !== undefined;
  if (variable === undefined || text === undefined) return scanner.fail('a variable beside a quoted string', start);
  if (SETS.includes(variable) && !(isTextFirst && operator.endsWith('in'))) return scanner.fail(`"<name>" in ${variable}`, start);
  return { variable, operator, text, isTextFirst };
}

interface Operand {
  readonly variable?: string;
  readonly text?: string;
}

// PEP 508's variables, and the older spellings with a dot
const VARIABLE = new RegExp(
  '(?:os[._]name|sys[._]platform|platform[._](?:machine|python_implementation|version)|platform_(?:release|system)|python_implementation'
  + '|python_(?:full_)?version|implementation_(?:name|version)|extras?|dependency_groups)\\b', 'y',
);

function readOperand(scanner: Scanner): Operand {
  const variable = scanner.take(VARIABLE)?.[0].replace('.', '_').replace(/^python_implementation$/, 'platform_$&');
  if (variable !== undefined) return { variable };
  const [, single, double] = scanner.expect(/'([^']*)'|"([^"]*)"/y, 'a variable such as python_version, or a quoted string');
  return { text: single ?? double };
}

function holds(comparison: Comparison, { environment, extras = NONE, groups = NONE }: MarkerContext): boolean {
  const { variable, operator, text } = comparison;
  const isNegative = operator === '!=' || operator === 'not in';
  switch (variable) {
    case 'extra': {
      // the standard has no extra or one; of several, one must be equal, or all must be unequal
      const values = extras.size > 0 ? [...extras] : [''];
      const fits = (extra: string) => compare({ ...comparison, text: normaliseName(text) }, extra);
      return isNegative ? values.every(fits) : values.some(fits);
    }
    case 'extras': return extras.has(normaliseName(text)) !== isNegative;
    case 'dependency_groups': return groups.has(normaliseName(text)) !== isNegative;
    default: return compare(comparison, environment[variable]);
  }
}

const NONE: ReadonlySet<string> = new Set();
const VERSIONS = ['implementation_version', 'platform_release', 'python_full_version', 'python_version'];

function compare({ variable, operator, text, isTextFirst }: Comparison, value: string): boolean {
  const [left, right] = isTextFirst ? [text, value] : [value, text];
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  const clause = { operator, version: right.trim() };
  if (VERSIONS.includes(variable) && isClause(clause)) return satisfiesClause(left.trim(), clause);
  switch (operator) {
    case '!=': return left !== right;
    case '==': case '<=': case '>=': return left === right;
    case '<': case '>': return false; // text has no order
    default: throw new SyntaxError(`${operator} compares versions, not ${JSON.stringify(left)} with ${JSON.stringify(right)}`);
  }
}
