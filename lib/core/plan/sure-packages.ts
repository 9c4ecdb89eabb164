import { splitExclude } from './split-exclude';
import type { LayerRequirements } from '../lock/locked';
import { normaliseName, parseRequirement } from '../pep/requirement';

/** The options that decide on the packages of a layer. */
interface Asked {
  readonly exclude?: readonly string[];
  readonly packages?: readonly string[];
}

/** The packages that a layer is sure to hold as a whole: `all`, or these. The others are known only when all are fetched. */
export function surePackages({ locked, unlocked }: LayerRequirements, { exclude, packages }: Asked): 'all' | readonly string[] {
  const { names, patterns } = splitExclude(exclude);
  if (patterns.length > 0) return [];
  if (packages !== undefined) return packages.map(normaliseName).filter((name) => !names.includes(name));
  if (names.length === 0) return 'all';
  const tellsRequirers = locked.some(({ wantedBy }) => wantedBy !== undefined);
  const direct = tellsRequirers ? locked.filter(({ wantedBy }) => wantedBy === undefined) : [];
  const sure = [...unlocked.map((line) => parseRequirement(line)), ...direct].map(({ name }) => name);
  return sure.filter((name) => !names.includes(name));
}
