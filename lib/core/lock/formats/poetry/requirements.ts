import { isTable, tableOf, textOf, textsOf, type Table } from '../../../base/toml';
import { fitsPython } from '../../../lambda/target';
import { normaliseName, satisfiesSpecifier } from '../../../pep/requirement';
import type { LockContent } from '../../lock-content';

/** A requirement in Poetry's own tables of pyproject.toml, or of a package in an old lock. */
export interface PoetryRequirement {
  /** Normalised. */
  readonly name: string;
  /** The constraint as it is written. */
  readonly constraint: string;
  readonly extras: readonly string[];
  /** Whether it is required for an extra only. */
  readonly isOptional: boolean;
  /** If an optional requirement has no markers, the package's list of extras tells which extra it is for. */
  readonly markers?: string;
}

/** The requirements of a table that hold on the target. @see https://python-poetry.org/docs/dependency-specification/ */
export function readDependencies(table: unknown, content: LockContent, extras: ReadonlySet<string> = new Set()): PoetryRequirement[] {
  return Object.entries(tableOf(table)).filter(([name]) => name !== 'python').flatMap(([name, value]) => {
    const items: unknown[] = Array.isArray(value) ? value : [value]; // one for each of several environments
    return items.filter((item) => holds(item, content, extras)).map((item) => readDependency(name, item));
  });
}

/** @param item a constraint, or a table with one */
function readDependency(name: string, item: unknown): PoetryRequirement {
  const table = tableOf(item);
  return {
    name: normaliseName(name),
    constraint: textOf(isTable(item) ? item.version : item) ?? '*',
    extras: textsOf(table.extras).map(normaliseName),
    isOptional: table.optional === true,
    markers: textOf(table.markers),
  };
}

function holds(item: unknown, content: LockContent, extras: ReadonlySet<string>): boolean {
  const { python, platform, markers } = tableOf(item);
  return (typeof python !== 'string' || fitsPython(content.request.platform, specifiersOf(python)))
    && (typeof platform !== 'string' || content.holds(`sys_platform == "${platform}"`))
    && content.holds(markers, extras);
}

/** The requirements of the project on the target, those of the groups and extras that are asked for included. */
export function poetryRequirements(content: LockContent): PoetryRequirement[] {
  const { manifest, groups, extras } = content.request;
  const poetry = poetryOf(manifest?.toml);
  const ofExtras = Object.entries(tableOf(poetry.extras)).filter(([extra]) => extras.includes(normaliseName(extra)));
  const optional = new Set(ofExtras.flatMap(([, names]) => textsOf(names)).map(normaliseName));
  const standardGroups = Object.keys(tableOf(manifest?.toml['dependency-groups'])).map(normaliseName);
  const inGroups = Object.entries(tableOf(poetry.group)).filter(([group]) =>
    groups.includes(normaliseName(group)) && !standardGroups.includes(normaliseName(group)));
  const counts = countsInMain(manifest?.toml);
  const main = readDependencies(poetry.dependencies, content, new Set(extras)).filter(counts);
  return [
    ...main.filter(({ name, isOptional }) => !isOptional || optional.has(name)),
    ...inGroups.flatMap(([, group]) => readDependencies(tableOf(group).dependencies, content)),
    ...groups.includes('dev') ? readDependencies(poetry['dev-dependencies'], content) : [],
  ];
}

/**
 * Which requirements of `[tool.poetry.dependencies]` count. Beside those of `[project]` they only say more of these, such as their source,
 * unless `[project]` leaves requirements open as dynamic.
 *
 * @see https://python-poetry.org/docs/dependency-specification/#projectdependencies-and-toolpoetrydependencies
 */
function countsInMain(pyproject: Table = {}): (requirement: PoetryRequirement) => boolean {
  const { dependencies, 'optional-dependencies': extras, dynamic } = tableOf(pyproject.project);
  const hasRequired = textsOf(dependencies).length > 0;
  const hasOptional = Object.values(tableOf(extras)).some((lines) => textsOf(lines).length > 0);
  if (!hasRequired && !hasOptional) return () => true;
  const isDynamic = textsOf(dynamic).some((field) => ['dependencies', 'optional-dependencies'].includes(field));
  return ({ isOptional }) => isDynamic && hasRequired !== hasOptional && isOptional === hasRequired;
}

/** The names of the groups of pyproject.toml, in Poetry's own tables and in that of PEP 735. */
export function poetryGroups(pyproject: Table = {}): string[] {
  const poetry = poetryOf(pyproject);
  return [
    ...Object.keys(tableOf(poetry.group)),
    ...'dev-dependencies' in poetry ? ['dev'] : [],
    ...Object.keys(tableOf(pyproject['dependency-groups'])),
  ];
}

/** The names of the packages that Poetry's own groups require. */
export function poetryGroupNames(pyproject: Table, groups: readonly string[]): string[] {
  const { group, ['dev-dependencies']: dev } = poetryOf(pyproject);
  const tables = Object.entries(tableOf(group)).map(([name, table]): [string, unknown] => [name, tableOf(table).dependencies]);
  const wanted = [...tables, ['dev', dev] as const].filter(([name]) => groups.includes(normaliseName(name)));
  return wanted.flatMap(([, dependencies]) => Object.keys(tableOf(dependencies))).filter((name) => name !== 'python').map(normaliseName);
}

function poetryOf(pyproject: Table = {}): Table {
  return tableOf(tableOf(pyproject.tool).poetry);
}

/** Whether a version satisfies a constraint. Poetry accepts more than its documentation says: an unknown form counts as satisfied. */
export function satisfiesConstraint(version: string, constraint: string): boolean {
  try {
    return specifiersOf(constraint).some((specifier) => satisfiesSpecifier(version, specifier));
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}

/**
 * A constraint as version specifiers: at least one must be satisfied.
 *
 * @see https://python-poetry.org/docs/dependency-specification/#version-constraints
 */
export function specifiersOf(constraint: string): string[] {
  return constraint.split(/\|\|?/).map((alternative) => {
    const parts = alternative.replace(/([<>=!~^]+)\s+/g, '$1').split(/[\s,]+/);
    return parts.filter((part) => part !== '' && part !== '*').map(clauseOf).join();
  });
}

function clauseOf(part: string): string {
  const [, operator, written] = /^([<>=!~^]*)(.*)$/.exec(part)!;
  const version = /^[<>~^]/.test(operator) ? written.replace(/(\.\*)+$/, '') : written; // >=3.8.* says no more than >=3.8
  if (operator === '' || operator === '=') return `==${version}`;
  const release = version.split(/[^\d.]/)[0].split('.').map(Number);
  switch (operator) {
    case '^': { // the first number that is not 0 must stay
      const index = release.findIndex((number) => number > 0);
      return `>=${version},<${next(release, index === -1 ? release.length - 1 : index)}`;
    }
    case '~': return `>=${version},<${next(release, Math.min(1, release.length - 1))}`;
    default: return operator + version;
  }
}

/** The release after all that begin with the same numbers up to an index. */
function next(release: readonly number[], index: number): string {
  return [...release.slice(0, index), release[index] + 1].join('.');
}
