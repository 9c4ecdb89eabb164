import type { PackedFile } from '../base/tree';

/** A package as it was downloaded, its files where `pip install --target` puts them. */
export interface Distribution {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` of its metadata. */
  readonly requires: readonly string[];
  /** `Tag` of its wheel. */
  readonly tags: readonly string[];
  /** Why its index has withdrawn this version, perhaps empty; not there if it has not. */
  readonly yanked?: string;
  /** Of its wheel, hexadecimal, if it is known. */
  readonly wheelSha256?: string;
  /** Without RECORD, which is written when it is known what is in the layer. */
  readonly files: readonly PackedFile[];
  /** Where its RECORD goes. */
  readonly record: string;
}
