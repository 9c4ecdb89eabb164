import * as path from 'node:path';
import { ArtifactCache } from '../../core/cache/cache';
import type { StoredLayer } from '../../core/cache/records';
import { makeLayer } from '../../core/layer/make-layer';
import { layerFingerprint } from '../../core/plan/layer-key';
import { readLayerRequest, type LayerRequest } from '../../core/plan/layer-request';
import { GitReader } from '../../core/project/git-state';
import type { LayerOfProjectOptions } from '../model/layer';

/** What a layer is made of, and the folder for what is made of it. */
export function requestLayer(options: LayerOfProjectOptions): { readonly request: LayerRequest; readonly folder: string } {
  const { dirProjectRoot, pathRequirements, pathBinPip, architecture = 'x86_64' } = options;
  const [entry, requirements] = [dirProjectRoot, pathRequirements].map((name) => name === undefined ? undefined : path.resolve(name));
  const { runtime, extras, groups, onlyGroups, packages, exclude, onlyBinary, installer, pipArgs, environment } = options;
  const fetching = { python: pathBinPip, installer, pipArgs, environment };
  const wanted = { extras, groups, onlyGroups, packages, exclude, onlyBinary };
  const request = readLayerRequest({ entry, requirements, runtime, architecture, ...wanted, ...fetching });
  return { request, folder: path.join(entry ?? path.dirname(request.requirements.file), 'build', 'lambda', 'layer') };
}

/** From the cache, if it was made before. */
export async function obtainLayer(request: LayerRequest, options: LayerOfProjectOptions): Promise<StoredLayer> {
  const { cache: kept = true, refresh = false, signal } = options;
  const cache = ArtifactCache.open(kept ? process.env : { ...process.env, PIP_SOURCE_ARTIFACT_NO_CACHE: '1' });
  const git = new GitReader();
  const fingerprint = cache.keyOf(layerFingerprint(request, git), request.requirements.local.map(({ folder }) => folder), git);
  const known = refresh || process.env.PIP_SOURCE_ARTIFACT_REFRESH ? undefined : cache.readLayer(fingerprint);
  if (known) return known;
  return cache.readLayer((await makeLayer(request, cache, { signal })).fingerprint)!;
}
