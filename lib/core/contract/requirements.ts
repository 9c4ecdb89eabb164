import { known, type Contract } from './model';
import { attempt, reach } from '../base/collections';
import { broughtByLayer } from '../lambda/extension-layers';
import { broughtByRuntime } from '../lambda/runtime-packages';
import { markerEnvironment, platformOf, type TargetPlatform } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement, satisfiesSpecifier, type Requirement } from '../pep/requirement';

interface Installed {
  readonly name: string;
  readonly version: string;
  readonly requires: readonly string[];
  readonly where: string;
}

interface Visit {
  /** Normalised. */
  readonly name: string;
  /** What it requires for this, instead of in any case. */
  readonly extra?: string;
  /** Whether it is the project that requires it, perhaps through an extra: what is behind that was resolved, perhaps with overrides. */
  readonly isDirect: boolean;
}

export interface Unmet {
  /** Tells of it. */
  readonly line: string;
  readonly requirement: string;
  /** In another version; else it is in no layer that is known. */
  readonly isThere: boolean;
}

/** Lists each unmet requirement once; none if the target is not a known one. */
export function findUnmet({ extras = [], layers, ...project }: Contract): Unmet[] {
  const platform = attempt(() => platformOf(project));
  if (!platform) return [];
  const inLayers = known(layers).flatMap(({ where, packages, redefined = [] }) =>
    packages.map((item) => ({ ...item, where, requires: redefined.includes(item.name) ? [] : item.requires })));
  const installed = [...inLayers, { ...project, where: 'the source artifact' }];
  const packages = new Map(installed.map((item): [string, Installed] => [normaliseName(item.name), item])); // of several, the last one
  const isBrought = broughtBesides(layers, platform);
  const environment = markerEnvironment(platform);
  const exempt = new Set(known(layers).flatMap(({ exempt: names = [] }) => names));
  const unmet = new Map<string, Unmet>();
  const start = normaliseName(project.name);
  const starts = [undefined, ...extras.map(normaliseName)].map((extra): Visit => ({ name: start, extra, isDirect: true }));
  reach(starts, ({ name: visited, extra, isDirect }) => {
    const item = packages.get(visited);
    if (!item) return [];
    return requirementsOf(item, environment, extra).flatMap(({ name, extras: wanted, specifier, url }): Visit[] => {
      const found = packages.get(name);
      if (!exempt.has(name) && (found ? isDirect && !satisfiesSpecifier(found.version, specifier) : !isBrought(name))) {
        const requirement = `${name}${inBrackets(wanted)}${url === undefined ? specifier : ` @ ${url}`}`;
        const where = found ? `${found.version} is in ${found.where}` : 'in no layer';
        const line = `${item.name}${inBrackets(extra)} ${item.version} requires ${requirement}: ${where}`;
        unmet.set(line, { line, requirement, isThere: found !== undefined });
      }
      return [{ name, isDirect: false }, ...wanted.map((other) => ({ name, extra: other, isDirect }))];
    });
  }, (visit) => JSON.stringify(visit));
  return [...unmet.values()];
}

/** Whether something brings a package besides the layers that were built here. */
function broughtBesides(layers: Contract['layers'], platform: TargetPlatform): (name: string) => boolean {
  const names = new Set([...broughtByRuntime(platform), ...known(layers).flatMap(({ excluded }) => excluded.map(normaliseName))]);
  const others = layers.flatMap((layer) => 'arn' in layer ? broughtByLayer(layer.arn) ?? [] : []);
  return (name) => names.has(name) || others.some((brings) => brings(name));
}

function inBrackets(extras: readonly string[] | string = []): string {
  return extras.length > 0 ? `[${extras}]` : '';
}

/** What an installed package requires, in any case or for an extra. */
function requirementsOf({ requires }: Installed, environment: Readonly<Record<string, string>>, extra?: string): Requirement[] {
  return requires.flatMap((text) => attempt(() => { // old packages have metadata that no standard knows
    const requirement = parseRequirement(text);
    const { marker } = requirement;
    const isFor = (extras: string[]) => marker === undefined || evaluateMarker(marker, { environment, extras: new Set(extras) });
    return (extra === undefined ? isFor([]) : isFor([extra]) && !isFor([])) ? [requirement] : [];
  }) ?? []);
}
