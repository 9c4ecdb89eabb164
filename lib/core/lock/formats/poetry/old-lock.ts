import { poetryRequirements, readDependencies, satisfiesConstraint, specifiersOf, type PoetryRequirement } from './requirements';
import { refusal } from '../../../base/error';
import { tableOf, textOf, textsOf, type Table } from '../../../base/toml';
import { fitsPython } from '../../../lambda/target';
import { normaliseName } from '../../../pep/requirement';

import type { LockContent } from '../../lock-content';

const ADVICE = 'lock it with Poetry 2: poetry lock';

/**
 * What the target needs of a lock of Poetry 1, which says it only together with pyproject.toml. Where it has several versions of a package,
 * all constraints together have to leave one.
 */
export function walkOldLock(packages: readonly Table[], content: LockContent): Table[] {
  const required = poetryRequirements(content);
  if (required.length === 0) throw refusal('poetry-1-without-project', 'poetry.lock is of Poetry 1, and [tool.poetry].dependencies of pyproject.toml, which it goes with, is empty or not there', content.request.file, ADVICE);
  const chosen = new Map<string, Table>();
  for (;;) {
    const wanted = collectWanted(required, chosen, content);
    const open = [...wanted].filter(([name]) => !chosen.has(name));
    const told = open.flatMap(([name, constraints]): [string, Table][] => {
      const versions = packages.filter((item) => normaliseName(String(item.name)) === name);
      const fitting = versions.length === 1 ? versions : versions.filter((item) => fits(item, constraints, content));
      return fitting.length === 1 ? [[name, fitting[0]]] : [];
    });
    if (open.length === 0) return [...chosen.values()];
    if (told.length === 0) {
      throw refusal('poetry-1-ambiguous', 'poetry.lock, of Poetry 1, does not tell which version of a package is for the target', open.map(([name]) => name).sort(), ADVICE);
    }
    for (const [name, item] of told) chosen.set(name, item);
  }
}

/** The constraints on each package that the project, or one chosen, requires. */
function collectWanted(required: readonly PoetryRequirement[], chosen: ReadonlyMap<string, Table>, content: LockContent): Map<string, string[]> {
  const wanted = new Map<string, string[]>();
  const seen = new Set<string>();
  const queue = [...required];
  for (const { name, constraint, extras } of queue) { // and those that are added meanwhile
    wanted.set(name, [...wanted.get(name) ?? [], constraint]);
    for (const extra of [undefined, ...extras]) {
      const key = `${name} ${extra ?? ''}`;
      const item = chosen.get(name);
      if (!item || seen.has(key)) continue;
      seen.add(key);
      queue.push(...dependenciesOf(item, extra, content));
    }
  }
  return wanted;
}

function dependenciesOf(item: Table, extra: string | undefined, content: LockContent): PoetryRequirement[] {
  const ofExtra = Object.entries(tableOf(item.extras)).filter(([name]) => normaliseName(name) === extra).flatMap(([, lines]) => textsOf(lines)).map((line) => normaliseName(line.split(/[ [;(]/)[0]));
  return readDependencies(item.dependencies, content, new Set(extra === undefined ? [] : [extra]))
    .filter(({ name, isOptional, markers }) => !isOptional || /\bextra\b/.test(markers ?? '') || ofExtra.includes(name));
}

function fits(item: Table, constraints: readonly string[], content: LockContent): boolean {
  return fitsPython(content.request.platform, specifiersOf(textOf(item['python-versions']) ?? '*'))
    && constraints.every((constraint) => satisfiesConstraint(String(item.version), constraint));
}
