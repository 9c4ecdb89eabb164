/** What a layer is made of: plain data, so that it can be sent to the builder process. All of it holds for the target already. */
export interface LayerRequirements {
  /** The file that it comes from, absolute. */
  readonly file: string;
  /** Of the file: `uv.lock`, `pylock.toml`, `poetry.lock`, `Pipfile.lock`, `requirements.txt` or `pyproject.toml`. */
  readonly format: LockFormat;
  /** With all that they require: installed as they are. Sorted by name. */
  readonly locked: readonly LockedPackage[];
  /** To be resolved by pip or uv, with what they require: PEP 508 lines without markers. */
  readonly unlocked: readonly string[];
  /** Constraints (`-c`) for `unlocked`, as PEP 508 lines. */
  readonly constraints: readonly string[];
  /** Folders that are built as source artifacts are; absolute. */
  readonly local: readonly LocalPackage[];
  /** Indexes that the file names besides PyPI; without credentials. */
  readonly indexes: readonly string[];
  /** Arguments of `pip install` that the file has: `--index-url`, `--find-links`, … */
  readonly args: readonly string[];
  /** Whether the file leaves versions open: the user is told how to lock them. */
  readonly isOpen: boolean;
}

export type LockFormat = 'uv.lock' | 'pylock.toml' | 'poetry.lock' | 'Pipfile.lock' | 'requirements.txt' | 'pyproject.toml';

/** A package of a lock file that the target needs. */
export interface LockedPackage {
  /** Normalised, see PEP 503. */
  readonly name: string;
  readonly version: string;
  /** `sha256:…`, sorted; empty where the lock has none. */
  readonly hashes: readonly string[];
  /** The names of the wheels that the lock lists and that run on the target, or of all if none does; sorted. Not there where it lists no files. */
  readonly wheels?: readonly string[];
  /** Of the smallest of these wheels, as it is packed, bytes; not there where the lock does not tell. */
  readonly size?: number;
  /** A wheel at a place of its own, instead of an index. */
  readonly url?: string;
  /** The package that requires it, for messages; not there for what the project itself requires, or where the lock does not tell. */
  readonly wantedBy?: string;
}

export interface LocalPackage {
  /** Normalised. */
  readonly name?: string;
  /** Absolute. */
  readonly folder: string;
}
