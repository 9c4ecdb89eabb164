import * as path from 'node:path';
import type { LockContent } from './lock-content';
import { attempt } from '../base/collections';
import { tableOf, tablesOf, textOf, textsOf, type Table } from '../base/toml';
import { nameWithExtras, normaliseName, parseRequirement } from '../pep/requirement';
import { projectRequirements, readManifest } from '../project/manifest';
import { poetryRequirements } from './formats/poetry/requirements';

/** Tell what is known besides the lock itself: the project's own requirements, and those that its tool overrides or excludes. */
export function tellRelations(content: LockContent): void {
  const { request: { manifest, file, folder }, direct, unlocked, exempt } = content;
  for (const line of [...unlocked]) direct.add(nameWithExtras(parseRequirement(line)));
  // the lists are a help and no more: what is wrong with one is told where it is needed
  const standard = attempt(() => manifest ? projectRequirements(manifest, content.request) : []) ?? [];
  for (const requirement of [...standard, ...attempt(() => poetryRequirements(content)) ?? []]) direct.add(nameWithExtras(requirement));
  if (manifest?.name !== undefined) exempt.add(manifest.name); // it is the source artifact
  const root = path.dirname(file) === folder ? undefined : readManifest(path.dirname(file));
  for (const { tool } of [manifest, root].flatMap((item): Table[] => item ? [item.toml] : [])) tellOfTool(tableOf(tool), content);
}

/** @see https://docs.astral.sh/uv/reference/settings/#override-dependencies @see https://pdm-project.org/en/latest/usage/dependency/ */
function tellOfTool(tool: Table, { exempt, redefined }: LockContent): void {
  const uv = tableOf(tool.uv);
  const resolution = tableOf(tableOf(tool.pdm).resolution);
  const lines = [...textsOf(uv['override-dependencies']), ...textsOf(uv['exclude-dependencies']), ...textsOf(resolution.excludes)];
  for (const name of lines.map(nameOf)) exempt.add(name);
  for (const name of Object.keys(tableOf(resolution.overrides))) exempt.add(normaliseName(name));
  for (const { name } of tablesOf(uv['dependency-metadata'])) redefined.add(normaliseName(textOf(name) ?? ''));
}

function nameOf(line: string): string {
  return normaliseName(/^[\w.-]*/.exec(line.trim())![0]);
}
