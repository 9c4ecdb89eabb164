/** The requirements of a layer, of which all hold on the target: plain data, so that it can be sent to the builder process. */
export interface LayerRequirements {
  /** The file that has them, absolute. */
  readonly file: string;
  /** The format of the file. */
  readonly format: LockFormat;
  /** Packages that are installed as they are: their own requirements are in the list too. Sorted by name. */
  readonly locked: readonly LockedPackage[];
  /** Requirements that pip or uv resolves, with the requirements of these: PEP 508 lines without markers. */
  readonly unlocked: readonly string[];
  /** Constraints (`-c`) for `unlocked`, as PEP 508 lines. */
  readonly constraints: readonly string[];
  /** Packages in folders, which are built as source artifacts are. */
  readonly local: readonly LocalPackage[];
  /** Indexes that the file names besides PyPI; without credentials. */
  readonly indexes: readonly string[];
  /** Arguments of `pip install` that the file has: `--index-url`, `--find-links`, … */
  readonly args: readonly string[];
  /** Whether the file leaves versions open: the user is told how to lock them. */
  readonly isOpen: boolean;
  /** The requirements of the project itself, as `name[extra]`, as far as they are known. */
  readonly direct: readonly string[];
  /** Names of packages that may be missing, or of another version than is required: the tool was told to override or exclude them. */
  readonly exempt: readonly string[];
  /** Names of packages whose own metadata does not count: the tool was told other requirements of them. */
  readonly redefined: readonly string[];
}

/** A file's format: that of the file with this name. */
export type LockFormat = 'uv.lock' | 'pylock.toml' | 'poetry.lock' | 'Pipfile.lock' | 'requirements.txt' | 'pyproject.toml';

/** A package of a lock file that the target needs. */
export interface LockedPackage {
  /** Normalised, see PEP 503. */
  readonly name: string;
  readonly version: string;
  /** `sha256:…`, sorted; empty if the lock has none. */
  readonly hashes: readonly string[];
  /** The file names of the wheels that run on the target, or of all if none does; sorted. `undefined` if the lock does not list files. */
  readonly wheels?: readonly string[];
  /** The size of the smallest of these wheels, as it is packed, bytes; `undefined` if the lock does not tell. */
  readonly size?: number;
  /** Whether the lock lists a source distribution of it and no wheel: `hashes` are those of the source distribution. */
  readonly isSource?: boolean;
  /** The URL of a wheel or source distribution that is not on an index. */
  readonly url?: string;
  /** Names of all packages that it may require, for any target and any extra; `undefined` if the lock does not tell. */
  readonly requires?: readonly string[];
  /** The package that requires it, for messages; `undefined` if that is the project itself, or if the lock does not tell. */
  readonly wantedBy?: string;
}

/** A package in a folder. */
export interface LocalPackage {
  /** Normalised. */
  readonly name?: string;
  /** Absolute. */
  readonly folder: string;
}
