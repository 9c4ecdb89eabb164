import { poetryRequirements, readDependencies, satisfiesConstraint, specifiersOf, type PoetryRequirement } from './requirements';
import { reach } from '../../../base/collections';
import { refusal } from '../../../base/error';
import { tableOf, textOf, textsOf, type Table } from '../../../base/toml';
import { fitsPython } from '../../../lambda/target';
import { normaliseName } from '../../../pep/requirement';
import { compareVersions } from '../../../pep/version';
import type { LockContent } from '../../lock-content';

const ADVICE = 'lock it with Poetry 2: poetry lock';

/**
 * The packages of a lock of Poetry 1 that the target needs. Such a lock tells it only together with pyproject.toml. If it has several
 * versions of a package, it is the highest that all constraints together leave.
 */
export function walkOldLock(packages: readonly Table[], content: LockContent): Table[] {
  const required = poetryRequirements(content);
  if (required.length === 0) {
    throw refusal('poetry-1-without-project',
      'poetry.lock is of Poetry 1, and [tool.poetry].dependencies of pyproject.toml, which it goes with, is empty or not there',
      content.request.file, ADVICE,
    );
  }
  const refused = new Set<Table>();
  for (;;) {
    const { chosen, misfit } = choose(packages, required, refused, content);
    if (misfit === undefined) return [...chosen.values()];
    refused.add(misfit); // chosen before all that requires it was known
  }
}

interface Choice {
  readonly chosen: ReadonlyMap<string, Table>;
  /** A package that a later one does not fit, if another version might. */
  readonly misfit?: Table;
}

/** Choose versions one after the other: where only one fits that one, and else, as Poetry does, the highest. */
function choose(
  packages: readonly Table[], required: readonly PoetryRequirement[], refused: ReadonlySet<Table>, content: LockContent,
): Choice {
  const chosen = new Map<string, Table>();
  for (;;) {
    const wanted = collectWanted(required, chosen, content);
    const versionsOf = (name: string) => packages.filter((item) => normaliseName(String(item.name)) === name);
    const isMisfit = ([name, item]: [string, Table]) => versionsOf(name).length > 1 && !fits(item, wanted.get(name)!, content);
    const misfit = [...chosen].find(isMisfit)?.[1];
    if (misfit) return { chosen, misfit };
    const open = [...wanted].filter(([name]) => !chosen.has(name)).map(([name, constraints]): [string, Table[]] => {
      const versions = versionsOf(name);
      const fitting = versions.length === 1 ? versions : versions.filter((item) => fits(item, constraints, content) && !refused.has(item));
      return [name, fitting.sort((a, b) => compareVersions(String(b.version), String(a.version)))];
    });
    if (open.length === 0) return { chosen };
    const told = open.filter(([, fitting]) => fitting.length === 1);
    const next = told.length > 0 ? told : open.filter(([, fitting]) => fitting.length > 0).slice(0, 1);
    if (next.length === 0) {
      const problem = 'poetry.lock, of Poetry 1, does not tell which version of a package is for the target';
      throw refusal('poetry-1-ambiguous', problem, open.map(([name]) => name).sort(), ADVICE);
    }
    for (const [name, [item]] of next) chosen.set(name, item);
  }
}

/** A package whose dependencies are read. */
interface Visit {
  readonly name: string;
  /** Read the dependencies of this extra, instead of those that hold in any case. */
  readonly extra?: string;
}

/** The constraints on each package that the project requires, or a chosen package. */
function collectWanted(
  required: readonly PoetryRequirement[], chosen: ReadonlyMap<string, Table>, content: LockContent,
): Map<string, string[]> {
  const wanted = new Map<string, string[]>();
  const collect = (requirements: readonly PoetryRequirement[]): Visit[] => requirements.flatMap(({ name, constraint, extras }) => {
    wanted.set(name, [...wanted.get(name) ?? [], constraint]);
    return [undefined, ...extras].map((extra) => ({ name, extra }));
  });
  reach(collect(required), ({ name, extra }) => {
    const item = chosen.get(name);
    return item === undefined ? [] : collect(dependenciesOf(item, extra, content));
  }, ({ name, extra = '' }) => `${name} ${extra}`);
  return wanted;
}

function dependenciesOf(item: Table, extra: string | undefined, content: LockContent): PoetryRequirement[] {
  const lines = Object.entries(tableOf(item.extras)).filter(([name]) => normaliseName(name) === extra).flatMap(([, list]) => textsOf(list));
  const ofExtra = lines.map((line) => normaliseName(line.split(/[ [;(]/)[0]));
  return readDependencies(item.dependencies, content, new Set(extra === undefined ? [] : [extra]))
    .filter(({ name, isOptional, markers }) => !isOptional || /\bextra\b/.test(markers ?? '') || ofExtra.includes(name));
}

function fits(item: Table, constraints: readonly string[], content: LockContent): boolean {
  return fitsPython(content.request.platform, specifiersOf(textOf(item['python-versions']) ?? '*'))
    && constraints.every((constraint) => satisfiesConstraint(String(item.version), constraint));
}
