import { buildLayer, type LayerBuildOptions } from './build-layer';
import { digestFile, digestTree, sha256 } from '../base/tree';
import type { ArtifactCache } from '../cache/cache';
import type { Layer } from '../cache/records';
import { packageTree } from '../package/write-archive';
import { layerFingerprint } from '../plan/layer-key';
import type { LayerRequest } from '../plan/layer-request';
import { keyWithGit } from '../plan/source-key';
import { type Asked, GitReader } from '../project/git-state';

export interface MadeLayer extends Layer {
  /** Its key in the cache. */
  readonly fingerprint: string;
}

/** Make a layer and its archive, and write both into the cache. */
export async function makeLayer(
  request: LayerRequest, cache: ArtifactCache, given: Pick<LayerBuildOptions, 'signal' | 'onInstaller'> = {},
): Promise<MadeLayer> {
  const git = new GitReader();
  const folders = request.requirements.local.map(({ folder }) => folder);
  const key = layerFingerprint(request, git);
  keyWithGit(key, folders, 'revision', git); // what git knows now: a later commit belongs to the next build
  const asked = new Set<Asked>();
  const options = { ...given, environments: cache.environments, onAsked: (what: Asked) => asked.add(what) };
  const { files, packages, saved } = await buildLayer(request, options);
  const archive = await packageTree(files);
  const layer: Layer = {
    layerSha256: digestTree(files.map(digestFile)),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: files.reduce((size, { content }) => size + content.length, 0),
    packages,
    ...saved > 0 && { savedSize: saved },
  };
  const fingerprint = cache.noteAsked(key, folders, asked.has('revision') ? 'revision' : [...asked][0], git);
  cache.writeLayer(fingerprint, layer, archive);
  return { ...layer, fingerprint };
}
