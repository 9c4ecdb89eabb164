import * as fs from 'node:fs';
import * as path from 'node:path';
import { poetryGroupNames } from './formats/poetry/requirements';
import type { LayerRequirements } from './locked';
import { readToml, tableOf } from '../base/toml';
import type { TargetPlatform } from '../lambda/target';
import { normaliseName } from '../pep/requirement';
import { projectRequirements, readManifest } from '../project/manifest';

/** The names of the packages that dependency groups require on the target, without the requirements of the project itself. */
export function namesInGroups(
  { file, format, locked, local }: LayerRequirements, entry: string | undefined, groups: readonly string[], platform: TargetPlatform,
): string[] {
  const wanted = groups.map(normaliseName);
  const folder = path.dirname(file);
  const names = format === 'Pipfile.lock' ? namesInPipfile(folder, wanted) : namesInProject(entry ?? folder, wanted, platform);
  if (locked.length === 0) return names;
  const inLock = new Set([...locked, ...local].map(({ name }) => name));
  return names.filter((name) => inLock.has(name)); // a lock was read for the target
}

function namesInProject(folder: string, groups: readonly string[], platform: TargetPlatform): string[] {
  const manifest = readManifest(folder);
  if (!manifest) return [];
  const { project: _, ...toml } = manifest.toml;
  const requirements = projectRequirements({ ...manifest, toml }, { extras: [], groups, platform });
  return [...requirements.map(({ name }) => name), ...poetryGroupNames(manifest.toml, groups)];
}

function namesInPipfile(folder: string, groups: readonly string[]): string[] {
  const file = path.join(folder, 'Pipfile');
  if (!fs.existsSync(file)) return [];
  const groupOf = (category: string) => normaliseName(category === 'dev-packages' ? 'develop' : category);
  const wanted = Object.entries(readToml(file)).filter(([category]) => groups.includes(groupOf(category)));
  return wanted.flatMap(([, packages]) => Object.keys(tableOf(packages)).map(normaliseName));
}
