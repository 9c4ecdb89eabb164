import * as fs from 'node:fs';
import * as path from 'node:path';
import { poetryGroupNames } from './formats/poetry/requirements';
import type { LayerRequirements } from './locked';
import { readToml, tableOf } from '../base/toml';
import type { TargetPlatform } from '../lambda/target';
import { normaliseName } from '../pep/requirement';
import { projectRequirements, readManifest } from '../project/manifest';

/** What dependency groups require themselves, without what the project requires in any case: names of packages, those of the target. */
export function namesInGroups({ file, format, locked, local }: LayerRequirements, entry: string | undefined, groups: readonly string[], platform: TargetPlatform): string[] {
  const wanted = groups.map(normaliseName);
  const pipfile = path.join(path.dirname(file), 'Pipfile');
  const names = format === 'Pipfile.lock' ? (fs.existsSync(pipfile) ? namesInPipfile(readToml(pipfile), wanted) : [])
    : namesInProject(entry ?? path.dirname(file), wanted, platform);
  const there = new Set([...locked, ...local].map(({ name }) => name));
  return locked.length > 0 ? names.filter((name) => there.has(name)) : names; // a lock has those of the target
}

function namesInProject(folder: string, groups: readonly string[], platform: TargetPlatform): string[] {
  const manifest = readManifest(folder);
  if (!manifest) return [];
  const { project: _, ...toml } = manifest.toml;
  return [...projectRequirements({ ...manifest, toml }, { extras: [], groups, platform }).map(({ name }) => name), ...poetryGroupNames(manifest.toml, groups)];
}

function namesInPipfile(pipfile: Readonly<Record<string, unknown>>, groups: readonly string[]): string[] {
  return Object.entries(pipfile).filter(([category]) => groups.includes(normaliseName(category === 'dev-packages' ? 'develop' : category)))
    .flatMap(([, packages]) => Object.keys(tableOf(packages)).map(normaliseName));
}
