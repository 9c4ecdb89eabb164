import type { LayerPackage } from '../cache/records';
import { broughtByLayer } from '../lambda/extension-layers';
import type { ModuleNames } from '../lambda/handler';

/** A layer that was built here: its content is known. */
export interface ContractLayer {
  /** The construct's path. */
  readonly where: string;
  /** Empty if the layer does not declare them. */
  readonly runtimes: readonly string[];
  /** Empty if the layer does not declare them. */
  readonly architectures: readonly string[];
  readonly packages: readonly LayerPackage[];
  /** Names of packages that were left out, because something else brings them. */
  readonly excluded: readonly string[];
  /** Bytes. */
  readonly unzippedSize: number;
  /** The lock file that its packages come from. */
  readonly lock?: string;
  /** Whether it holds only some packages of the lock file: other layers hold the rest. */
  readonly isPart?: boolean;
}

/** A layer that was not built here. */
export interface OtherLayer {
  /** The layer's ARN, with placeholders for values that are not known during synthesis. */
  readonly arn: string;
}

/** A source artifact, the function that runs it, and the function's layers. */
export interface Contract {
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` of the source artifact's metadata. */
  readonly requires: readonly string[];
  readonly requiresPython?: string;
  /** Bytes, without the layers. */
  readonly unzippedSize: number;
  /** The extras of the source artifact that the function needs. */
  readonly extras?: readonly string[];
  /** The modules of the source artifact; `undefined` if they are unknown. */
  readonly modules?: ModuleNames;
  /** A string, if the handler is known yet. */
  readonly handler?: unknown;
  readonly runtime: string;
  readonly architecture: string;
  /** In the order in which Lambda merges them: a later layer overwrites. */
  readonly layers: readonly (ContractLayer | OtherLayer)[];
}

/** The layers that were built here. */
export function known(layers: Contract['layers']): ContractLayer[] {
  return layers.filter((layer) => 'packages' in layer);
}

/** The ARNs of the layers whose content is unknown. */
export function unknownLayers(layers: Contract['layers']): string[] {
  return layers.flatMap((layer) => 'arn' in layer && !broughtByLayer(layer.arn) ? [layer.arn] : []);
}

/** The packages of all layers that were built here, and for messages the layer that each is in. */
export function packagesOf(layers: Contract['layers']): (LayerPackage & { readonly where: string })[] {
  return known(layers).flatMap(({ where, packages }) => packages.map((item) => ({ ...item, where })));
}

/** The result; `undefined` if the call throws, as it does for a token or for text that no standard knows. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
