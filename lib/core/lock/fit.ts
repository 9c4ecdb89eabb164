import * as path from 'node:path';
import type { LockContent } from './lock-content';
import type { Table } from '../base/toml';
import { normaliseName, satisfiesSpecifier } from '../pep/requirement';
import { projectRequirements } from '../project/manifest';
import { poetryRequirements, satisfiesConstraint } from './formats/poetry/requirements';
import { lacking, lockAnew } from './lock-errors';
import { refusal } from '../base/error';

interface Direct {
  readonly name: string;
  readonly isSatisfiedBy: (version: string) => boolean;
  /** As it is written, about. */
  readonly text: string;
}

/** What pyproject.toml requires on the target, with the extras and groups that are asked for. */
export function directRequirements(content: LockContent): Direct[] {
  const { manifest, format } = content.request;
  const standard = manifest ? projectRequirements(manifest, content.request) : [];
  const ofPoetry = format === 'poetry.lock' ? poetryRequirements(content) : [];
  return [
    ...standard.map(({ name, specifier, text }) => ({ name, isSatisfiedBy: (version: string) => satisfiesSpecifier(version, specifier), text })),
    ...ofPoetry.map(({ name, constraint }) => ({ name, isSatisfiedBy: (version: string) => satisfiesConstraint(version, constraint), text: `${name} ${constraint}` })),
  ];
}

/** A lock that was made for an older pyproject.toml. */
export function refuseMisfit(content: LockContent): void {
  const { locked, local, exempt, request } = content;
  const localNames = new Set([...local.values()].map(({ name }) => name));
  for (const { name, isSatisfiedBy, text } of directRequirements(content)) {
    if (exempt.has(name) || localNames.has(name)) continue;
    const found = locked.get(name);
    if (!found) throw lacking(request, 'pyproject.toml', text);
    if (isSatisfiedBy(found.version)) continue;
    throw refusal('lock-outdated', `${path.basename(request.file)} has ${name} ${found.version}, which pyproject.toml does not allow`, text, lockAnew(request));
  }
}

/** By which package each is required; none for what the project requires itself. */
export function findRequirers(
  packages: readonly Table[], namesOfDependencies: (item: Table) => readonly unknown[], content: LockContent,
): Map<string, string> {
  const requirers = new Map<string, string>();
  for (const item of packages) {
    for (const other of namesOfDependencies(item)) requirers.set(normaliseName(String(other)), normaliseName(String(item.name)));
  }
  for (const { name } of directRequirements(content)) requirers.delete(name);
  return requirers;
}
