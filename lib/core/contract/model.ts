import type { BytecodeRecord, LayerPackage } from '../cache/records';
import { broughtByLayer } from '../lambda/extension-layers';
import type { Modules } from '../lambda/handler';

/** A layer whose content is known. */
export interface ContractLayer {
  /** The construct's path. */
  readonly where: string;
  /** None: it does not say. */
  readonly runtimes: readonly string[];
  /** None: it does not say. */
  readonly architectures: readonly string[];
  readonly packages: readonly LayerPackage[];
  /** Packages that were left out, because something else brings them. */
  readonly excluded: readonly string[];
  /** Names of packages that may be missing or of any version, because the tool that locked them was told so. */
  readonly exempt?: readonly string[];
  /** Names of packages whose own metadata does not count, because the tool that locked them was told other requirements. */
  readonly redefined?: readonly string[];
  /** Bytes, without bytecode. */
  readonly unzippedSize: number;
  /** Bytes. */
  readonly bytecodeSize?: number;
  /** The file that its packages come from. */
  readonly lock?: string;
  /** Whether it has only those packages of it that it was told to take: there are other layers for the rest. */
  readonly isPart?: boolean;
}

/** A layer that was not built here. */
export interface OtherLayer {
  /** As far as it is known when the app is synthesized. */
  readonly arn: string;
}

/** A source artifact, the function that runs it, and the function's layers. */
export interface Contract {
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` of the source artifact's metadata. */
  readonly requires: readonly string[];
  readonly requiresPython?: string;
  /** Bytes, without the layers and without bytecode. */
  readonly unzippedSize: number;
  readonly bytecode?: BytecodeRecord;
  /** Of the source artifact itself. */
  readonly extras?: readonly string[];
  /** The modules of the source artifact, where they are known. */
  readonly modules?: Modules;
  /** Not a string where it is not known yet. */
  readonly handler?: unknown;
  readonly runtime: string;
  readonly architecture: string;
  /** As Lambda merges them: a later one overwrites. */
  readonly layers: readonly (ContractLayer | OtherLayer)[];
}

/** Those that were built here. */
export function known(layers: Contract['layers']): ContractLayer[] {
  return layers.filter((layer) => 'packages' in layer);
}

/** Those of which it is not known what they hold. */
export function unknownLayers(layers: Contract['layers']): string[] {
  return layers.flatMap((layer) => 'arn' in layer && !broughtByLayer(layer.arn) ? [layer.arn] : []);
}
