import * as path from 'node:path';
import { bytes } from '../../core/base/bytes';
import { ArtifactCache } from '../../core/cache/cache';
import type { StoredLayer } from '../../core/cache/records';
import { makeLayer } from '../../core/layer/make-layer';
import { layerFingerprint } from '../../core/plan/layer-key';
import { readLayerRequest, type LayerRequest } from '../../core/plan/layer-request';
import { allowOverwriting, readFile } from '../local/archive';
import { writeFileWhole } from '../local/write-whole';
import type { CreateLayerZipOptions, LayerZip } from '../model/layer';
import { run } from '../run';

/**
 * Make the archive of a layer with the dependencies of a project, for the functions' own runtime and architecture, on any host without
 * Docker. If a layer of the same requirements was made before, it is taken from the user's cache.
 *
 * The archive is written as a whole or not at all.
 *
 * @throws ArtifactError with the code `usage` (an option, the lock file) or `build` (pip failed, no wheel for the target)
 */
export async function createLayerZip(options: CreateLayerZipOptions): Promise<LayerZip> {
  return run('createLayerZip', options, async ({ dryRun, signal, print, printValues }) => {
    const { dirProjectRoot, pathRequirements, pathBinPip, architecture = 'x86_64' } = options;
    const entry = dirProjectRoot === undefined ? undefined : path.resolve(dirProjectRoot);
    const requirements = pathRequirements === undefined ? undefined : path.resolve(pathRequirements);
    const { runtime, extras, groups, onlyGroups, packages: picked, exclude, installer, pipArgs, environment } = options;
    const fetching = { python: pathBinPip, installer, pipArgs, environment };
    const request = readLayerRequest({ entry, requirements, runtime, architecture, extras, groups, onlyGroups, packages: picked, exclude, ...fetching });
    const { file, format, isOpen } = request.requirements;
    const folder = path.join(entry ?? path.dirname(file), 'build', 'lambda', 'layer');
    const pathLayerZip = path.resolve(options.pathLayerZip ?? path.join(folder, 'layer.zip'));
    allowOverwriting('pathLayerZip', pathLayerZip);

    printValues('Creating Lambda layer zip file', { pathRequirements: file, runtime, architecture, pathLayerZip });
    if (isOpen) print(`${format} leaves versions open: the layer has those of the day it was built`);
    const { file: stored, savedSize, ...layer } = await cachedLayer(request, options);
    signal?.throwIfAborted();
    if (!dryRun) writeFileWhole(pathLayerZip, readFile('pathLayerZip', stored));
    print(`layerSha256 = ${layer.layerSha256}`);
    if (savedSize !== undefined) print(`excluded files = ${bytes(savedSize)}`);
    const packages = layer.packages.map(({ name, version }) => `${name}==${version}`);
    const yanked = layer.packages.filter((item) => item.yanked !== undefined);
    const yankedPackages = Object.fromEntries(yanked.map(({ name, version, yanked: reason = '' }) => [`${name}==${version}`, reason]));
    for (const [name, reason] of Object.entries(yankedPackages)) {
      print(`${name} was withdrawn from the index${reason && ` (${reason})`}: require another version`);
    }
    return { pathLayerZip, pathRequirements: file, isLocked: !isOpen, runtime, architecture, ...layer, packages, yankedPackages };
  });
}

async function cachedLayer(request: LayerRequest, options: CreateLayerZipOptions): Promise<StoredLayer> {
  const { cache: isKept = true, refresh = false, signal } = options;
  const cache = ArtifactCache.open(isKept ? process.env : { ...process.env, PIP_SOURCE_ARTIFACT_NO_CACHE: '1' });
  const fingerprint = layerFingerprint(request);
  const known = refresh || process.env.PIP_SOURCE_ARTIFACT_REFRESH ? undefined : cache.readLayer(fingerprint);
  if (known) return known;
  await makeLayer(request, fingerprint, cache, signal);
  return cache.readLayer(fingerprint)!;
}
