import type { Trouble } from '../base/error';
import type { LayerOptions, LayerRequest } from '../plan/layer-request';
import type { ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';

/** An artifact that has to be built. */
export interface SourceTask extends NamedSource {
  readonly project: Project;
  /** Of the files as the app read them. */
  readonly fingerprint: string;
}

/** A layer that has to be built. */
export interface LayerTask extends Omit<NamedLayer, 'request'> {
  readonly request: LayerRequest;
  readonly fingerprint: string;
}

export type BuilderTask = SourceTask | LayerTask;

/** What the builder process is asked. */
export interface BuilderQuestion {
  readonly tasks: readonly BuilderTask[];
  readonly cacheFolder: string;
}

/** What it answers to each task: the artifact is in the cache, or why it is not. */
export type BuilderAnswer = { readonly fingerprint: string } | { readonly trouble: Trouble } | { readonly crash: string };

/** What is asked for and by whom, for messages: a construct's path. */
export interface NamedSource {
  readonly kind: 'source';
  readonly request: ArtifactRequest;
  readonly where: string;
}

export interface NamedLayer {
  readonly kind: 'layer';
  readonly request: LayerOptions;
  readonly where: string;
}

export type NamedRequest = NamedSource | NamedLayer;
