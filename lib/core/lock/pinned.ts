import type { LayerRequirements } from './locked';
import { parseRequirement, type Requirement } from '../pep/requirement';

/** The version of `==1.0` or `===1.0`; `undefined` for any other specifier. */
export function pinnedVersion(specifier: string): string | undefined {
  return /^={2,3}([^,*]+)$/.exec(specifier)?.[1];
}

/**
 * The packages of a layer whose version nothing pins: another day, they may be others. They are known after the build, because a file may
 * pin all that it lists, and not list what that requires.
 */
export function unpinnedPackages(requirements: LayerRequirements, packages: readonly { readonly name: string }[]): string[] {
  const { locked, local, unlocked, constraints } = requirements;
  const lines = [...unlocked, ...constraints].map((line) => parseRequirement(line));
  const isPinned = ({ url, specifier }: Requirement) => url !== undefined || pinnedVersion(specifier) !== undefined;
  const pinned = new Set([...locked, ...local, ...lines.filter(isPinned)].map(({ name }) => name));
  const others = packages.filter(({ name }) => !pinned.has(name)).map(({ name }) => name);
  const nameless = local.filter(({ name }) => name === undefined).length; // known by its folder alone
  return others.length > nameless ? others : [];
}
