import * as path from 'node:path';
import { splitArguments } from './inputs/arguments';
import { type ArtifactRequest, type InstallerKind } from './source-request';
import { splitExclude } from './split-exclude';
import { surePackages } from './sure-packages';
import { reach, unique } from '../base/collections';
import { platformOf, type LayerTarget } from '../lambda/target';
import { namesInGroups } from '../lock/groups';
import type { LayerRequirements, LockedPackage } from '../lock/locked';
import { takeOwnWheels } from '../lock/own-wheels';
import { readRequirements, refuseWithoutWheel, type LayerSource } from '../lock/read-lock';
import { refuseTooLarge } from '../lock/too-large';
import { normaliseName } from '../pep/requirement';
import { readManifest } from '../project/manifest';
import { readSettings } from '../project/settings';
import { absoluteArguments } from '../project/user-paths';

/** The options of a layer: plain data, so that they can be kept until the next synth. */
export interface LayerOptions extends LayerSource, LayerTarget {
  readonly python?: string;
  readonly installer?: InstallerKind;
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of packages that are left out, because the runtime brings them, and patterns of files. */
  readonly exclude?: readonly string[];
  /** Names of packages: the layer holds these and their requirements, and no others. */
  readonly packages?: readonly string[];
  /** Names of dependency groups: the layer holds their requirements, and no others. */
  readonly onlyGroups?: readonly string[];
  readonly onlyBinary?: boolean;
  /** Whether bytecode is in the archive. @default "auto" */
  readonly bytecode?: ArtifactRequest['bytecode'];
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
  /** Take wheels alone, and build no source distribution. */
  readonly onlyBinary?: boolean;
  /** Whether bytecode is in the archive. @default "auto" */
  readonly bytecode?: ArtifactRequest['bytecode'];
  /** Normalised. */
  readonly packages?: readonly string[];
}

/** Read the requirements that the options lead to, and refuse a layer that cannot be built. Starts no process. */
export function readLayerRequest(given: LayerOptions): LayerRequest {
  const asked = withLayerSettings(given);
  const { entry, requirements: file, extras, groups = [], onlyGroups = [], packages, runtime, architecture, ...options } = asked;
  const target = { runtime, architecture };
  const platform = platformOf(target);
  const { names: exclude } = splitExclude(options.exclude);
  const source = { entry, requirements: file, extras, groups: [...groups, ...onlyGroups], exclude, environment: options.environment };
  const all = takeOwnWheels(readRequirements(source, platform), options.pipArgs ?? [], platform);
  const picked = onlyGroups.length === 0 ? packages : [...packages ?? [], ...namesInGroups(all, entry, onlyGroups, platform)];
  const requirements = { ...all, locked: neededOf(all, picked?.map(normaliseName)) };
  refuseWithoutWheel(requirements, platform, exclude, options.onlyBinary);
  refuseTooLarge(requirements, surePackages(requirements, { exclude: options.exclude, packages: picked }));
  return { ...options, requirements, target, entry, ...picked && { packages: unique(picked.map(normaliseName)) } };
}

/** The options with what the project's own settings add: an option that is given goes before. */
function withLayerSettings(given: LayerOptions): LayerOptions {
  const manifest = given.entry === undefined ? undefined : readManifest(given.entry);
  if (!manifest || !('tool' in manifest.toml)) return given;
  const { layer } = readSettings(manifest.toml);
  return {
    ...given,
    extras: given.extras ?? layer.extras,
    groups: given.groups ?? (given.onlyGroups === undefined ? layer.groups : undefined),
    exclude: given.exclude ?? layer.exclude,
    onlyBinary: given.onlyBinary ?? layer.onlyBinary,
  };
}

/** What a part of a lock needs, if the lock tells what each package requires. The rest is not fetched, nor does it make a new layer. */
function neededOf({ locked, unlocked, local }: LayerRequirements, picked: readonly string[] | undefined): readonly LockedPackage[] {
  const byName = new Map(locked.map((item) => [item.name, item]));
  const isTold = locked.every(({ requires }) => requires !== undefined) && unlocked.length + local.length === 0;
  const isKnown = picked?.every((name) => byName.has(name)); // else it is refused, with the names that there are
  const needed = picked && isTold && isKnown ? reach(picked, (name) => byName.get(name)?.requires ?? []) : [...byName.keys()];
  const names = new Set(needed);
  return locked.filter(({ name }) => names.has(name)).map(({ requires: _, ...item }) => item);
}

/**
 * A package in a folder is built as a source artifact is, by the layer's Python. What its build requires comes from where the packages of
 * the layer come from; other arguments of `pip download` mean nothing to it.
 */
export function localRequest(folder: string, layer: LayerRequest, python: string | undefined): ArtifactRequest {
  const { requirements: { file, indexes, args }, installer, pipArgs = [], environment } = layer;
  const { places } = splitArguments([...indexes.flatMap((index) => ['--extra-index-url', index]), ...args, ...pipArgs]);
  const absolute = absoluteArguments(places, [path.dirname(file), process.cwd()]);
  return { entry: folder, python, installer, pipArgs: places.length > 0 ? absolute : undefined, environment };
}
