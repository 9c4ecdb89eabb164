import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Distribution } from './distribution';
import { readToml, tableOf, textsOf } from '../base/toml';
import { markerEnvironment, platformOf } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement } from '../pep/requirement';
import type { LayerRequest } from '../plan/layer-request';

/**
 * Leave out what a layer's request excludes, and what nothing but that requires. An excluded package that is not there does not
 * matter: one list often serves many projects.
 */
export function excludePackages(distributions: readonly Distribution[], request: LayerRequest): readonly Distribution[] {
  const { exclude = [], target } = request;
  if (exclude.length === 0) return distributions;
  const environment = markerEnvironment(platformOf(target));
  const required = new Map(distributions.map(({ name, requires }) => [name, requires.flatMap((text) => mayRequire(text, environment))]));
  const left = (names: Iterable<string>, without: readonly string[] = []) => {
    const reached = new Set([...names].filter((name) => required.has(name) && !without.includes(name)));
    for (const name of reached) { // grows meanwhile
      for (const other of required.get(name)!) if (required.has(other) && !without.includes(other)) reached.add(other);
    }
    return reached;
  };
  const suspects = left(exclude);
  const roots = [...required.keys()].filter((name) => !suspects.has(name));
  const kept = left([...roots, ...namesOfProject(request)], exclude);
  return distributions.filter(({ name }) => kept.has(name));
}

/** The name, if the target may need it: which of the package's extras were asked for, a lock file does not tell. */
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

/** The names of what the project itself requires, as far as that is known. */
function namesOfProject({ requirements: { locked, unlocked }, entry }: LayerRequest): string[] {
  const tells = locked.some(({ wantedBy }) => wantedBy !== undefined);
  const names = [...unlocked.map(nameOf), ...tells ? locked.filter(({ wantedBy }) => wantedBy === undefined).map(({ name }) => name) : []];
  const pyproject = entry === undefined ? undefined : path.join(entry, 'pyproject.toml');
  if (pyproject === undefined || !fs.existsSync(pyproject)) return names;
  return [...names, ...textsOf(tableOf(readToml(pyproject).project).dependencies).map(nameOf)];
}

function nameOf(requirement: string): string {
  return parseRequirement(requirement).name;
}
