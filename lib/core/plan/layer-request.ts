import { sha256 } from '../base/tree';
import { redact } from '../base/error';
import { fingerprint, OUR_VERSION, type ArtifactRequest, type InstallerKind } from './source-request';
import { readProject } from '../project/project';
import { digestSourceTree, listSourceTree } from '../project/source-tree';
import { readRequirements, refuseWithoutWheel, type LayerSource } from '../lock/read-lock';
import { normaliseName } from '../pep/requirement';
import type { LayerRequirements } from '../lock/locked';
import { platformOf, type LayerTarget } from '../lambda/target';

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

/**
 * The digest of what a layer is a function of: the requirements, the target, the options, and this library's version. Neither the
 * Python nor the installer matter.
 */
export function layerFingerprint({ requirements, target, python, pipArgs, environment, exclude = [] }: LayerRequest): string {
  const { file: _, local, locked, args, ...wanted } = requirements;
  return sha256(JSON.stringify({
    format: 1,
    library: OUR_VERSION,
    wanted,
    locked: locked.map(({ wantedBy: __, ...item }) => item),
    args: args.map(redact), // tokens of an index change every day
    local: local.map(({ folder }) => identifyLocal(folder, { entry: folder, python, environment })),
    target,
    pipArgs,
    environment: environment && Object.entries(environment).sort(),
    exclude: [...exclude].sort(),
  }));
}

/** A package in a folder is built as a source artifact is. */
function identifyLocal(folder: string, request: ArtifactRequest): string {
  return fingerprint(readProject(folder), request, digestSourceTree(listSourceTree(folder)));
}
