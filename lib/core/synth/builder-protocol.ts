import type { Trouble } from '../base/error';
import type { LayerOptions, LayerRequest } from '../plan/layer-request';
import type { ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';

/** The options of an artifact, and the construct that has them. */
export interface NamedSource {
  readonly kind: 'source';
  readonly request: ArtifactRequest;
  /** The construct's path, for messages. */
  readonly where: string;
}

/** The options of a layer, and the construct that has them. */
export interface NamedLayer {
  readonly kind: 'layer';
  readonly request: LayerOptions;
  /** The construct's path, for messages. */
  readonly where: string;
}

export type NamedRequest = NamedSource | NamedLayer;

/** An artifact to be built. */
export interface SourceTask extends NamedSource {
  readonly project: Project;
  /** The artifact's key, made of the files as the app read them. */
  readonly fingerprint: string;
  /** The key of its content, if the cache has that: then no more is to be done than to compile it. */
  readonly content?: string;
}

/** A layer to be built. */
export interface LayerTask extends Omit<NamedLayer, 'request'> {
  readonly request: LayerRequest;
  /** The layer's key. */
  readonly fingerprint: string;
  /** The key of its content, if the cache has that: then no more is to be done than to compile it. */
  readonly content?: string;
}

export type BuilderTask = SourceTask | LayerTask;

/** The question to the builder process, on its standard input. */
export interface BuilderQuestion {
  readonly tasks: readonly BuilderTask[];
  readonly cacheFolder: string;
}

/** The answer to each task: the key of the new entry in the cache, or the reason why there is no such entry. */
export type BuilderAnswer = { readonly fingerprint: string } | { readonly trouble: Trouble } | { readonly crash: string };
