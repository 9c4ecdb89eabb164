import type { Modules } from '../lambda/handler';

/**
 * The origin and the tools of an artifact, as metadata of the published object. It has no time, path or user in it: the same build on
 * another machine has the same record, except for the versions of the tools.
 */
export interface Provenance {
  readonly source_name: string;
  /** The commit, followed by `-dirty` if files of the project differ from it; `undefined` outside of git. */
  readonly git_commit?: string;
  /** `python 3.13.1, pip 25.0, hatchling 1.27.0, cdk-pip-source-artifact 1.0.0`. */
  readonly built_with: string;
}

/** The compiled modules in an archive. They are derived from the others, and none of the digests of content has them. */
export interface BytecodeRecord {
  /** Of the Python that compiled: `3.13.1`; `undefined` if nothing is compiled. */
  readonly python?: string;
  /** Lambda's name of the Python that takes it: `python3.13`. */
  readonly runtime?: string;
  /** Bytes. */
  readonly size: number;
  /** Why there is none, although it was wanted. */
  readonly lacking?: string;
  /** Of what there is none, because it would not fit in Lambda: packages, or their tests. */
  readonly leftOut?: readonly string[];
}

/** An archive with name, version and digests. */
export interface Artifact {
  /** The project's name. */
  readonly name: string;
  /** The version in the built metadata. The published version may differ, see `artifactVersion`. */
  readonly version: string;
  /** The digest of the installed tree, hexadecimal. */
  readonly sourceSha256: string;
  /** The digest of the archive's bytes, base64: Lambda's `CodeSha256`. */
  readonly codeSha256: string;
  /** The size of the archive, bytes. */
  readonly size: number;
  /** The size of the files in it, bytes; without bytecode. */
  readonly unzippedSize: number;
  /** `undefined` if none was wanted, or there are no modules. */
  readonly bytecode?: BytecodeRecord;
  /** Short digests of the bytecode, by which the publishing function finds what was changed. */
  readonly bytecodeDigests?: string;
  readonly provenance: Provenance;
  readonly modules: Modules;
  /** Handlers that the project's template.yaml or serverless.yml names. */
  readonly namedHandlers?: readonly string[];
  /** `Requires-Dist` of the built metadata. */
  readonly requires: readonly string[];
  /** `Requires-Python` of the built metadata. */
  readonly requiresPython?: string;
}

/** An artifact with its files in the cache. */
export interface StoredArtifact extends Artifact {
  /** The handler that pyproject.toml names. */
  readonly handler?: string;
  /** The archive. */
  readonly file: string;
}

/** A dependency layer. */
export interface Layer {
  /** The digest of the files in the layer, hexadecimal. */
  readonly layerSha256: string;
  /** The digest of the archive's bytes, base64. */
  readonly codeSha256: string;
  /** The size of the archive, bytes. */
  readonly size: number;
  /** The size of the files in it, bytes; without bytecode. */
  readonly unzippedSize: number;
  /** `undefined` if none was wanted, or there are no modules. */
  readonly bytecode?: BytecodeRecord;
  /** The size of the files that patterns exclude, bytes; `undefined` if no file is excluded so. */
  readonly savedSize?: number;
  readonly packages: readonly LayerPackage[];
}

/** A layer with its file in the cache. */
export interface StoredLayer extends Layer {
  /** The archive. */
  readonly file: string;
}

/** A package in a layer. */
export interface LayerPackage {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** `Requires-Dist` of its metadata. */
  readonly requires: readonly string[];
  /** Bytes, unzipped. */
  readonly size: number;
  /**
   * The index's reason for withdrawing this version, which may be empty; `undefined` if it is not withdrawn.
   *
   * @see https://peps.python.org/pep-0592/
   */
  readonly yanked?: string;
  /** The digest of the wheel, hexadecimal; `undefined` if it is unknown, because uv keeps no wheel. */
  readonly wheelSha256?: string;
  /** Its `.pth` files, which Python does not read in a layer; `undefined` if it has none that matter. */
  readonly pth?: readonly string[];
}
