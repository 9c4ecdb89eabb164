import * as path from 'node:path';
import type { LockContent } from './lock-content';
import type { Table } from '../base/toml';
import { broughtByRuntime } from '../lambda/runtime-packages';
import { normaliseName, satisfiesSpecifier } from '../pep/requirement';
import { projectRequirements } from '../project/manifest';
import { poetryRequirements, satisfiesConstraint } from './formats/poetry/requirements';
import { lacking, lockAnew } from './lock-errors';
import { refusal } from '../base/error';

/** A requirement of the project itself. */
interface Direct {
  /** Normalised. */
  readonly name: string;
  readonly isSatisfiedBy: (version: string) => boolean;
  /** The requirement as pyproject.toml has it, for messages. */
  readonly text: string;
}

/** The requirements of pyproject.toml on the target, those of the extras and groups that are asked for included. */
export function directRequirements(content: LockContent): Direct[] {
  const { manifest, format } = content.request;
  const standard = manifest ? projectRequirements(manifest, content.request) : [];
  const ofPoetry = format === 'poetry.lock' ? poetryRequirements(content) : [];
  return [
    ...standard.map(({ name, specifier, text }): Direct => {
      return { name, isSatisfiedBy: (version) => satisfiesSpecifier(version, specifier), text };
    }),
    ...ofPoetry.map(({ name, constraint }): Direct => {
      return { name, isSatisfiedBy: (version) => satisfiesConstraint(version, constraint), text: `${name} ${constraint}` };
    }),
  ];
}

/** Refuse a lock that was made for an older pyproject.toml. */
export function refuseMisfit(content: LockContent): void {
  const { locked, local, exempt, request } = content;
  // who exports a lock may leave out what the runtime brings; a lock itself has all
  const isExport = ['requirements.txt', 'pylock.toml'].includes(request.format);
  const elsewhere = new Set(isExport ? [...broughtByRuntime(request.platform), ...request.exclude] : []);
  const localNames = new Set([...local.values()].map(({ name }) => name));
  for (const { name, isSatisfiedBy, text } of directRequirements(content)) {
    if (exempt.has(name) || localNames.has(name)) continue;
    const found = locked.get(name);
    if (!found && elsewhere.has(name)) continue;
    if (!found) throw lacking(request, 'pyproject.toml', text);
    if (found.version === '' || isSatisfiedBy(found.version)) continue; // that of an archive may be known only when it is built
    const problem = `${path.basename(request.file)} has ${name} ${found.version}, which pyproject.toml does not allow`;
    throw refusal('lock-outdated', problem, text, lockAnew(request));
  }
}

/** The package that requires each package. Direct requirements of the project are not in the map. */
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
