import * as fs from 'node:fs';
import { buildLayer, type LayerBuildOptions } from './build-layer';
import { digestFile, digestTree } from '../base/tree';
import { filesOfContent, makeArchive } from '../bytecode/archive';
import type { ArtifactCache } from '../cache/cache';
import type { Layer } from '../cache/records';
import { bytecodeOfLayer, keyWithBytecode } from '../plan/inputs/bytecode';
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
  const { files, packages, saved, python } = await buildLayer(request, options);
  const wanted = bytecodeOfLayer(request);
  const archive = await makeArchive({ request: wanted, files, kind: 'layer', python, cacheFolder: cache.folder, signal: given.signal });
  const layer: Layer = {
    layerSha256: digestTree(files.map(digestFile)),
    ...archive.record,
    unzippedSize: files.reduce((size, { content }) => size + content.length, 0),
    packages,
    ...saved > 0 && { savedSize: saved },
  };
  const content = cache.noteAsked(key, folders, asked.has('revision') ? 'revision' : [...asked][0], git);
  const fingerprint = keyWithBytecode(content, wanted);
  cache.writeLayer(fingerprint, layer, archive.content, content);
  return { ...layer, fingerprint };
}

/** Compile what another Python compiled, or none: the content is in the cache. `undefined` if it is not there any more. */
export async function compileLayer(
  content: string, request: LayerRequest, cache: ArtifactCache, signal?: AbortSignal,
): Promise<MadeLayer | undefined> {
  const kept = cache.readLayerContent(content);
  if (!kept) return undefined;
  const { file, bytecode: _, ...layer } = kept;
  const wanted = bytecodeOfLayer(request);
  const archive = await makeArchive({
    request: wanted, files: await filesOfContent(fs.readFileSync(file)), kind: 'layer', cacheFolder: cache.folder, signal,
  });
  const fingerprint = keyWithBytecode(content, wanted);
  const made: Layer = { ...layer, ...archive.record };
  cache.writeLayer(fingerprint, made, archive.content, content);
  return { ...made, fingerprint };
}
