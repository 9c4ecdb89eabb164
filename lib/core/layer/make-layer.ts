import { buildLayer } from './build-layer';
import { digestFile, digestTree, sha256 } from '../base/tree';
import type { ArtifactCache } from '../cache/cache';
import type { Layer } from '../cache/records';
import { packageTree } from '../package/write-archive';
import type { LayerRequest } from '../plan/layer-request';

/** Make a layer and its archive, and write both into the cache. */
export async function makeLayer(request: LayerRequest, fingerprint: string, cache: ArtifactCache, signal?: AbortSignal): Promise<Layer> {
  const { files, packages, saved } = await buildLayer(request, { environments: cache.environments, signal });
  const archive = await packageTree(files);
  const layer: Layer = {
    layerSha256: digestTree(files.map(digestFile)),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: files.reduce((size, { content }) => size + content.length, 0),
    packages,
    ...saved > 0 && { savedSize: saved },
  };
  cache.writeLayer(fingerprint, layer, archive);
  return layer;
}
