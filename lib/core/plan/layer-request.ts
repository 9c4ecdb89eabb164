import { type InstallerKind } from './source-request';
import { platformOf, type LayerTarget } from '../lambda/target';
import type { LayerRequirements } from '../lock/locked';
import { readRequirements, refuseWithoutWheel, type LayerSource } from '../lock/read-lock';
import { normaliseName } from '../pep/requirement';

/** The options of a layer: plain data, so that they can be kept until the next synth. */
export interface LayerOptions extends LayerSource, LayerTarget {
  readonly python?: string;
  readonly installer?: InstallerKind;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of packages that are left out, because the runtime brings them. */
  readonly exclude?: readonly string[];
}

/** A layer to be built, with its requirements: plain data, so that it can be sent to the builder process. */
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

/** Read the requirements that the options lead to, and refuse a layer that cannot be built. Starts no process. */
export function readLayerRequest(asked: LayerOptions): LayerRequest {
  const { entry, requirements: file, extras, groups, runtime, architecture, ...options } = asked;
  const target = { runtime, architecture };
  const platform = platformOf(target);
  const requirements = readRequirements({ entry, requirements: file, extras, groups }, platform);
  refuseWithoutWheel(requirements, platform, options.exclude?.map(normaliseName));
  return { ...options, requirements, target, entry };
}
