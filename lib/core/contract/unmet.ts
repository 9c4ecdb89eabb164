import { attempt, known, packagesOf, type Contract } from './model';
import { reach } from '../base/collections';
import { broughtByLayer } from '../lambda/extension-layers';
import { broughtByRuntime } from '../lambda/runtime-packages';
import { markerEnvironment, platformOf, type TargetPlatform } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement, satisfiesSpecifier, type Requirement } from '../pep/requirement';

/** A requirement that is not met. */
export interface Unmet {
  /** `httpx>=0.27` */
  readonly requirement: string;
  /** A line that names the package that requires it, and the version that was found instead. */
  readonly line: string;
  /** Whether another version of the package is there. Otherwise it is in no layer whose content is known. */
  readonly isThere: boolean;
}

/** A package of a layer, or the source artifact itself. */
interface Installed {
  readonly name: string;
  readonly version: string;
  readonly requires: readonly string[];
  /** The layer that holds it, for messages. */
  readonly where: string;
}

/** A package whose requirements are read. */
interface Visit {
  /** Normalised. */
  readonly name: string;
  /** Read the requirements of this extra, instead of those that hold in any case. */
  readonly extra?: string;
  /** Whether the project requires it, perhaps through an extra. The versions of all others were resolved, perhaps with overrides. */
  readonly isDirect: boolean;
}

/** The unmet requirements of the project, and of all packages that it leads to, each once. Empty if the target is unknown. */
export function findUnmet({ extras = [], layers, ...project }: Contract): Unmet[] {
  const platform = attempt(() => platformOf(project));
  if (!platform) return [];
  const installed: Installed[] = [...packagesOf(layers), { ...project, where: 'the source artifact' }];
  const packages = new Map(installed.map((item) => [normaliseName(item.name), item])); // of several, the last one
  const isBrought = broughtBesides(layers, platform);
  const environment = markerEnvironment(platform);
  const isUnmet = ({ name, specifier }: Requirement, found: Installed | undefined, isDirect: boolean) =>
    found === undefined ? !isBrought(name) : isDirect && !satisfiesSpecifier(found.version, specifier);

  const unmet = new Map<string, Unmet>(); // by line
  const starts = [undefined, ...extras].map((extra) => visitOf(project.name, extra, true));
  reach(starts, ({ name, extra, isDirect }) => {
    const item = packages.get(name);
    if (item === undefined) return [];
    return requirementsOf(item, environment, extra).flatMap((requirement) => {
      const found = packages.get(requirement.name);
      if (isUnmet(requirement, found, isDirect)) {
        const told = tell(item, extra, requirement, found);
        unmet.set(told.line, told);
      }
      const ofExtras = requirement.extras.map((wanted) => visitOf(requirement.name, wanted, isDirect));
      return [visitOf(requirement.name, undefined, false), ...ofExtras];
    });
  }, (visit) => JSON.stringify(visit));
  return [...unmet.values()];
}

/** A function that tells whether the runtime, another layer, or the author of a layer's `exclude` brings a package. */
function broughtBesides(layers: Contract['layers'], platform: TargetPlatform): (name: string) => boolean {
  const names = new Set([...broughtByRuntime(platform), ...known(layers).flatMap(({ excluded }) => excluded.map(normaliseName))]);
  const others = layers.flatMap((layer) => 'arn' in layer ? broughtByLayer(layer.arn) ?? [] : []);
  return (name) => names.has(name) || others.some((brings) => brings(name));
}

function visitOf(name: string, extra: string | undefined, isDirect: boolean): Visit {
  return { name: normaliseName(name), extra: extra && normaliseName(extra), isDirect };
}

function tell(by: Installed, extra: string | undefined, required: Requirement, found: Installed | undefined): Unmet {
  const { name, extras, specifier, url } = required;
  const requirement = `${name}${inBrackets(extras)}${url === undefined ? specifier : ` @ ${url}`}`;
  const state = found === undefined ? 'in no layer' : `${found.version} is in ${found.where}`;
  const line = `${by.name}${inBrackets(extra)} ${by.version} requires ${requirement}: ${state}`;
  return { requirement, line, isThere: found !== undefined };
}

function inBrackets(extras: readonly string[] | string = []): string {
  return extras.length > 0 ? `[${extras}]` : '';
}

/** The requirements of an installed package: those that hold in any case, or those that an extra adds. */
function requirementsOf({ requires }: Installed, environment: Readonly<Record<string, string>>, extra?: string): Requirement[] {
  const holds = ({ marker }: Requirement, extras: readonly string[]) =>
    marker === undefined || evaluateMarker(marker, { environment, extras: new Set(extras) });
  return requires.flatMap((text) => attempt(() => { // old packages have metadata that no standard knows
    const requirement = parseRequirement(text);
    const isAlways = holds(requirement, []);
    const isWanted = extra === undefined ? isAlways : !isAlways && holds(requirement, [extra]);
    return isWanted ? [requirement] : [];
  }) ?? []);
}
