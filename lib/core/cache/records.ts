import type { ModuleNames } from '../lambda/handler';

/**
 * What an artifact was built from and with, as metadata of the published object. No time, no path, nobody's name: the record of the
 * same build on another machine is the same, but for the versions in it.
 */
export interface Provenance {
  readonly source_name: string;
  /** The commit, followed by `-dirty` when files of the project differ from it; not there outside of git. */
  readonly git_commit?: string;
  /** `python 3.13.1, pip 25.0, hatchling 1.27.0, cdk-pip-source-artifact 1.0.0`. */
  readonly built_with: string;
}

/** An archive with name, version and digests. */
export interface Artifact {
  /** The project's name. */
  readonly name: string;
  /** Of the built metadata; what is published may have another, see `artifactVersion`. */
  readonly version: string;
  /** Of the installed tree, hexadecimal. */
  readonly sourceSha256: string;
  /** Of the archive's bytes, base64: what Lambda reports as `CodeSha256`. */
  readonly codeSha256: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** Of the files in it, bytes. */
  readonly unzippedSize: number;
  readonly provenance: Provenance;
  readonly modules: ModuleNames;
  /** `Requires-Dist` of the built metadata. */
  readonly requires: readonly string[];
  /** `Requires-Python` of the built metadata. */
  readonly requiresPython?: string;
}

/** An artifact in files. */
export interface StoredArtifact extends Artifact {
  /** The archive. */
  readonly file: string;
}

/** A dependency layer. */
export interface Layer {
  /** Of the files in it, hexadecimal. */
  readonly layerSha256: string;
  /** Of the archive's bytes, base64. */
  readonly codeSha256: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** Of the files in it, bytes. */
  readonly unzippedSize: number;
  /** What files that are excluded by patterns would take, bytes; not there if none is. */
  readonly savedSize?: number;
  readonly packages: readonly LayerPackage[];
}

/** A layer in files. */
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
  /** Why its index has withdrawn this version, perhaps empty; not there if it has not. @see https://peps.python.org/pep-0592/ */
  readonly yanked?: string;
  /** Of the wheel, hexadecimal; not there where it is not known: uv keeps no wheel. */
  readonly wheelSha256?: string;
}
