import { splitExclude } from './split-exclude';
import type { LayerRequirements } from '../lock/locked';
import { normaliseName, parseRequirement } from '../pep/requirement';

interface Asked {
  readonly exclude?: readonly string[];
  readonly packages?: readonly string[];
}

/** Which packages a layer has in any case, as a whole; `all` of them, or these. What is left out is known only when all are fetched. */
export function surePackages({ locked, unlocked }: LayerRequirements, { exclude, packages }: Asked): 'all' | readonly string[] {
  const { names, patterns } = splitExclude(exclude);
  if (patterns.length > 0) return [];
  if (packages !== undefined) return packages.map(normaliseName).filter((name) => !names.includes(name));
  if (names.length === 0) return 'all';
  const isTold = locked.some(({ wantedBy }) => wantedBy !== undefined);
  const direct = [...unlocked.map((line) => parseRequirement(line).name), ...locked.filter(({ wantedBy }) => isTold && wantedBy === undefined).map(({ name }) => name)];
  return direct.filter((name) => !names.includes(name));
}
