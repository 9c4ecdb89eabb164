import * as fs from 'node:fs';
import * as path from 'node:path';
import { isSet } from '../../core/base/variables';
import { ArtifactCache } from '../../core/cache/cache';
import type { Layer, StoredLayer } from '../../core/cache/records';
import { compileLayer, makeLayer } from '../../core/layer/make-layer';
import { bytecodeOfLayer, checkBytecode, keyWithBytecode } from '../../core/plan/inputs/bytecode';
import { layerFingerprint } from '../../core/plan/layer-key';
import { readLayerRequest, type LayerRequest } from '../../core/plan/layer-request';
import { GitReader } from '../../core/project/git-state';
import type { LayerOfProjectOptions } from '../model/layer';

/** What a layer is made of, and the folder for what is made of it. */
export function requestLayer(options: LayerOfProjectOptions): { readonly request: LayerRequest; readonly folder: string } {
  const { dirProjectRoot, pathRequirements, pathBinPip, architecture = 'x86_64' } = options;
  const [entry, requirements] = [dirProjectRoot, pathRequirements].map((name) => name === undefined ? undefined : path.resolve(name));
  const { runtime, extras, groups, onlyGroups, packages, exclude, onlyBinary, installer, pipArgs, environment, bytecode } = options;
  checkBytecode({ bytecode });
  const fetching = { python: pathBinPip, installer, pipArgs, environment, bytecode };
  const wanted = { extras, groups, onlyGroups, packages, exclude, onlyBinary };
  const request = readLayerRequest({ entry, requirements, runtime, architecture, ...wanted, ...fetching });
  return { request, folder: path.join(entry ?? path.dirname(request.requirements.file), 'build', 'lambda', 'layer') };
}

/** A layer with the content of its archive. */
export interface LayerWithArchive extends Layer {
  readonly archive: Buffer;
}

/** From the cache, if it was made before. The file is read at once, because a temporary cache goes with the call. */
export async function obtainLayer(request: LayerRequest, options: LayerOfProjectOptions): Promise<LayerWithArchive> {
  const cache = options.cache ?? true ? ArtifactCache.open() : ArtifactCache.temporary();
  try {
    const { file, ...layer } = await findOrMake(request, cache, options);
    return { ...layer, archive: fs.readFileSync(file) };
  } finally {
    cache.close();
  }
}

async function findOrMake(request: LayerRequest, cache: ArtifactCache, options: LayerOfProjectOptions): Promise<StoredLayer> {
  const { refresh = false, signal } = options;
  const git = new GitReader();
  const content = cache.keyOf(layerFingerprint(request, git), request.requirements.local.map(({ folder }) => folder), git);
  const isRefreshed = refresh || isSet('PIP_SOURCE_ARTIFACT_REFRESH');
  const known = isRefreshed ? undefined : cache.readLayer(keyWithBytecode(content, bytecodeOfLayer(request)));
  if (known) return known;
  const compiled = isRefreshed ? undefined : await compileLayer(content, request, cache, signal);
  if (compiled) return cache.readLayer(compiled.fingerprint)!;
  return cache.readLayer((await makeLayer(request, cache, { signal })).fingerprint)!;
}
