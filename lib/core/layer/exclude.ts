import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Distribution } from './distribution';
import { reach } from '../base/collections';
import { readToml, tableOf, textsOf } from '../base/toml';
import { markerEnvironment, platformOf } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement } from '../pep/requirement';
import type { LayerRequest } from '../plan/layer-request';

/**
 * Leave out the packages that a request excludes, and those that only they require. An excluded package may be absent: one list often
 * serves many projects.
 */
export function excludePackages(distributions: readonly Distribution[], request: LayerRequest): readonly Distribution[] {
  const { exclude = [], target } = request;
  if (exclude.length === 0) return distributions;
  const environment = markerEnvironment(platformOf(target));
  const required = new Map(distributions.map(({ name, requires }) => [name, requires.flatMap((text) => mayRequire(text, environment))]));
  const requiredBy = (name: string) => required.get(name) ?? [];
  const isKept = (name: string) => !exclude.includes(name);
  const suspects = new Set(reach(exclude, requiredBy));
  const roots = [...required.keys()].filter((name) => !suspects.has(name));
  const kept = new Set(reach([...roots, ...namesOfProject(request)].filter(isKept), (name) => requiredBy(name).filter(isKept)));
  return distributions.filter(({ name }) => kept.has(name));
}

/** The name if the target may need it. A requirement of any extra counts: a lock file does not say which extras were asked for. */
export function mayRequire(text: string, environment: Readonly<Record<string, string>>): string[] {
  try {
    const { name, marker } = parseRequirement(text);
    if (marker === undefined) return [name];
    const extras = [...marker.matchAll(/extra\s*==\s*["']([^"']+)["']/g)].map(([, extra]) => extra);
    return evaluateMarker(marker, { environment, extras: new Set(extras) }) ? [name] : [];
  } catch {
    return [normaliseName(/^[\w.-]*/.exec(text)![0])]; // the metadata of old packages is not always right
  }
}

/** The names of the project's own requirements, as far as they are known. */
function namesOfProject({ requirements: { locked, unlocked }, entry }: LayerRequest): string[] {
  const saysWantedBy = locked.some(({ wantedBy }) => wantedBy !== undefined);
  const lockedForProject = saysWantedBy ? locked.filter(({ wantedBy }) => wantedBy === undefined) : [];
  const names = [...unlocked.map(nameOf), ...lockedForProject.map(({ name }) => name)];
  const pyproject = entry === undefined ? undefined : path.join(entry, 'pyproject.toml');
  if (pyproject === undefined || !fs.existsSync(pyproject)) return names;
  return [...names, ...textsOf(tableOf(readToml(pyproject).project).dependencies).map(nameOf)];
}

function nameOf(requirement: string): string {
  return parseRequirement(requirement).name;
}
