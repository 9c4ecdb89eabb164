import type { Distribution } from './distribution';
import { attempt, reach } from '../base/collections';
import { markerEnvironment, platformOf } from '../lambda/target';
import { evaluateMarker } from '../pep/marker';
import { normaliseName, parseRequirement, type Requirement } from '../pep/requirement';
import type { LayerRequest } from '../plan/layer-request';

type Environment = Readonly<Record<string, string>>;

/**
 * Leave out the packages that a layer's request excludes, and what nothing but these requires. What the project requires itself stays, and
 * so does what a package requires that stays. An excluded package need not be there: one list often serves many projects.
 */
export function excludePackages(distributions: readonly Distribution[], request: LayerRequest): readonly Distribution[] {
  const { exclude = [], target, requirements: { direct } } = request;
  if (exclude.length === 0) return distributions;
  const environment = markerEnvironment(platformOf(target));
  const isThere = new Set(distributions.map(({ name }) => name));
  const surely = sureRequirements(distributions, direct, environment);
  const perhaps = new Map(distributions.map(({ name, requires }) => [name, requires.flatMap((text) => mayRequire(text, environment))]));

  // where nothing tells which extras were asked for, all of them may have been
  const suspects = new Set(reach(exclude, (name) => (direct.length > 0 ? surely : perhaps).get(name) ?? []));
  const roots = [...isThere].filter((name) => !suspects.has(name));
  const stays = (name: string) => isThere.has(name) && !exclude.includes(name);
  const ofProject = direct.map((line) => parseRequirement(line).name);
  const kept = new Set(reach([...roots, ...ofProject].filter(stays), (name) => (perhaps.get(name) ?? []).filter(stays)));
  return distributions.filter(({ name }) => kept.has(name));
}

/** The names that each package requires on the target, in any case or for extras that somebody asks for. */
function sureRequirements(
  distributions: readonly Distribution[], direct: readonly string[], environment: Environment,
): Map<string, Set<string>> {
  const byName = new Map(distributions.map((item) => [item.name, item]));
  const required = new Map<string, Set<string>>(distributions.map(({ name }) => [name, new Set()]));
  const visits = ({ name, extras }: Pick<Requirement, 'name' | 'extras'>) => ['', ...extras].map((extra) => ({ name, extra }));
  const starts = [...distributions.map(({ name }) => ({ name, extras: [] })), ...direct.map(parseRequirement)].flatMap(visits);
  reach(starts, ({ name, extra }) => (byName.get(name)?.requires ?? []).flatMap((text) => {
    const requirement = attempt(() => parseRequirement(text));
    if (!requirement || !holds(requirement, environment, [extra])) return [];
    required.get(name)?.add(requirement.name);
    return visits(requirement);
  }), ({ name, extra }) => `${name} ${extra}`);
  return required;
}

/** The name, if the target may need it for any extra: a lock file does not tell all extras that were asked for. */
export function mayRequire(text: string, environment: Environment): string[] {
  const requirement = attempt(() => parseRequirement(text));
  if (!requirement) return [normaliseName(/^[\w.-]*/.exec(text)![0])]; // the metadata of old packages is not always right
  const named = (requirement.marker ?? '').matchAll(/extra\s*==\s*["']([^"']+)["']|["']([^"']+)["']\s*==\s*extra/g);
  const extras = [...named].map(([, right, left]) => right ?? left);
  return holds(requirement, environment, extras) ? [requirement.name] : [];
}

function holds({ marker }: Requirement, environment: Environment, extras: readonly string[]): boolean {
  return marker === undefined || evaluateMarker(marker, { environment, extras: new Set(extras.map(normaliseName).filter(Boolean)) });
}
