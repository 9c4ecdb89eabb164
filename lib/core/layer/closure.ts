import * as path from 'node:path';
import type { Distribution } from './distribution';
import { unique } from '../base/collections';
import { ArtifactError } from '../base/error';
import { readTextIfThere } from '../base/files';
import { findUnmet } from '../contract/requirements';
import { parseRequirement } from '../pep/requirement';
import type { LayerRequest } from '../plan/layer-request';

/**
 * Refuse a layer that lacks what its own packages require on the target: a lock is perhaps for another Python. Not lacking is what the
 * runtime brings, what the request excludes, and what the tool that locked was told to exclude or override.
 */
export function refuseGaps(distributions: readonly Distribution[], { requirements, target, exclude = [] }: LayerRequest): void {
  const { direct, exempt, redefined, file } = requirements;
  const names = distributions.map(({ name }) => name);
  // a function that requires all packages of the layer, with the extras that are known
  const requires = [...names, ...direct.filter((line) => names.includes(parseRequirement(line).name))];
  const packages = distributions.map(({ name, version, requires: own }) => ({ name, version, requires: own, size: 0 }));
  const layer = { where: '', runtimes: [], architectures: [], packages, excluded: exclude, exempt, redefined, unzippedSize: 0 };
  const unmet = findUnmet({ name: '', version: '', requires, unzippedSize: 0, ...target, layers: [layer] });
  if (unmet.length === 0) return;
  const lacking = unique(unmet.map(({ requirement }) => requirement));
  const missing = lacking.map((line) => JSON.stringify(parseRequirement(line).name));
  throw new ArtifactError({
    reference: 'layer-incomplete',
    problem: `${path.basename(file)} lacks what its packages require on ${target.runtime}`,
    got: lacking,
    advice: `lock for ${target.runtime} what the project requires, or exclude what is not needed: {exclude=[${missing.join(', ')}]}`,
    hint: [...lockedFor(file), ...new Set(unmet.map(({ line }) => line.replace(': in no layer', '')))].join('\n'),
  });
}

/** What a file says of the Python that it was locked for. */
function lockedFor(file: string): string[] {
  const head = (readTextIfThere(file) ?? '').slice(0, 2000);
  const told = /with Python (3\.\d+)|--python-version[= ](3\.\d+)|"python_(?:full_)?version": "(3\.\d+)/.exec(head);
  const [, byPipCompile, byUv, byPipenv] = told ?? [];
  const python = byPipCompile ?? byUv ?? byPipenv;
  return python === undefined ? [] : [`${path.basename(file)} was locked for Python ${python}`];
}
