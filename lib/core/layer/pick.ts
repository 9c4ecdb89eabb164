import type { Distribution } from './distribution';
import { mayRequire } from './exclude';
import { unique } from '../base/collections';
import { refusal } from '../base/error';
import { markerEnvironment, platformOf } from '../lambda/target';
import type { LayerRequest } from '../plan/layer-request';

/**
 * Of all packages those that a layer's request names, with what they require: several layers can be made from one lock file. What another
 * layer excludes by the same names is in this one.
 */
export function pickPackages(distributions: readonly Distribution[], request: LayerRequest): readonly Distribution[] {
  const { packages, requirements, target } = request;
  if (packages === undefined) return distributions;
  const environment = markerEnvironment(platformOf(target));
  const byName = new Map(distributions.map((item) => [item.name, item]));
  const unknown = packages.filter((name) => !byName.has(name));
  if (unknown.length > 0) {
    const advice = `set {packages} to some of ${unique(byName.keys()).join(', ')}`;
    throw refusal('layer-package-unknown', `${requirements.format} leads to no such package for the target`, unknown, advice);
  }
  const picked = new Set(packages);
  for (const name of picked) { // and those that are added meanwhile
    for (const text of byName.get(name)?.requires ?? []) for (const other of mayRequire(text, environment)) picked.add(other);
  }
  return distributions.filter(({ name }) => picked.has(name));
}
