import type { LockFormat } from './locked';
import { type TargetPlatform } from '../lambda/target';
import type { Manifest } from '../project/manifest';

/** A lock file, and the part of it that is asked for. */
export interface LockRequest {
  /** Absolute. */
  readonly file: string;
  readonly format: LockFormat;
  /** The project's folder, absolute. */
  readonly folder: string;
  /** The project's pyproject.toml; `undefined` if it has none. */
  readonly manifest?: Manifest;
  /** Normalised. */
  readonly extras: readonly string[];
  /** Normalised. */
  readonly groups: readonly string[];
  /** Names of packages that are left out of the layer, normalised. */
  readonly exclude: readonly string[];
  /** The values of variables in the file. */
  readonly env: NodeJS.ProcessEnv;
  readonly platform: TargetPlatform;
}
