import type { LockFormat } from './locked';
import { type TargetPlatform } from '../lambda/target';
import type { Manifest } from '../project/manifest';

/** What the readers of lock files go by. */
export interface LockRequest {
  /** Absolute. */
  readonly file: string;
  readonly format: LockFormat;
  /** The project's, absolute. */
  readonly folder: string;
  /** The project's pyproject.toml, if it has one. */
  readonly manifest?: Manifest;
  /** Normalised. */
  readonly extras: readonly string[];
  /** Normalised. */
  readonly groups: readonly string[];
  readonly platform: TargetPlatform;
}
