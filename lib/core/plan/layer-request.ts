import { type InstallerKind } from './source-request';
import { platformOf, type LayerTarget } from '../lambda/target';
import type { LayerRequirements } from '../lock/locked';
import { readRequirements, refuseWithoutWheel, type LayerSource } from '../lock/read-lock';
import { normaliseName } from '../pep/requirement';

/** What is asked for: the options of a layer. Plain data, so that it can be kept until the next synth. */
export interface LayerOptions extends LayerSource, LayerTarget {
  readonly python?: string;
  readonly installer?: InstallerKind;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of packages that the runtime brings. */
  readonly exclude?: readonly string[];
}

/** What a layer is made of: plain data, so that it can be sent to the builder process. */
export interface LayerRequest {
  readonly requirements: LayerRequirements;
  readonly target: LayerTarget;
  /** The project's folder, whose Python is preferred. */
  readonly entry?: string;
  readonly python?: string;
  readonly installer?: InstallerKind;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly exclude?: readonly string[];
}

/** Read what the options lead to, and refuse what cannot be built. Starts no process. */
export function readLayerRequest({ entry, requirements: file, extras, groups, runtime, architecture, ...options }: LayerOptions): LayerRequest {
  const target = { runtime, architecture };
  const platform = platformOf(target);
  const requirements = readRequirements({ entry, requirements: file, extras, groups }, platform);
  refuseWithoutWheel(requirements, platform, options.exclude?.map(normaliseName));
  return { ...options, requirements, target, entry };
}
