import type { PackedFile } from '../base/tree';

/** A downloaded package. Its files are at the paths where `pip install --target` puts them. */
export interface Distribution {
  /** The normalised name. */
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` of its metadata. */
  readonly requires: readonly string[];
  /** `Tag` of its wheel. */
  readonly tags: readonly string[];
  /** Why the index has withdrawn this version; it may be empty. `undefined` if the version is not withdrawn. */
  readonly yanked?: string;
  /** The digest of its wheel, hexadecimal; `undefined` if it is not known. */
  readonly wheelSha256?: string;
  /** All but RECORD, which is written for the files that are in the layer in the end. */
  readonly files: readonly PackedFile[];
  /** The path of its RECORD. */
  readonly record: string;
}
