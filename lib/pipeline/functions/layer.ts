import * as path from 'node:path';
import { bytes } from '../../core/base/bytes';
import { unpinnedPackages } from '../../core/lock/pinned';
import { allowOverwriting } from '../local/archive';
import { sayLacking } from '../local/compiling';
import { obtainLayer, requestLayer } from '../local/made-layer';
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
  return run('createLayerZip', options, async (current) => {
    const { dryRun, signal, print, printValues } = current;
    const { request, folder } = requestLayer(options);
    const { requirements: { file, format, isOpen }, target: { runtime, architecture } } = request;
    const pathLayerZip = path.resolve(options.pathLayerZip ?? path.join(folder, 'layer.zip'));
    allowOverwriting('pathLayerZip', pathLayerZip);

    printValues('Creating Lambda layer zip file', { pathRequirements: file, runtime, architecture, pathLayerZip });
    const { archive, savedSize, ...layer } = await obtainLayer(request, options);
    const unpinned = unpinnedPackages(request.requirements, layer.packages);
    const isLocked = !isOpen && unpinned.length === 0;
    const names = unpinned.length > 0 ? ` (${unpinned.join(', ')})` : '';
    if (!isLocked) print(`${format} leaves versions open${names}: the layer has those of the day it was built`);
    signal?.throwIfAborted();
    if (!dryRun) writeFileWhole(pathLayerZip, archive);
    print(`layerSha256 = ${layer.layerSha256}`);
    sayLacking(layer.bytecode, current);
    if (savedSize !== undefined) print(`excluded files = ${bytes(savedSize)}`);
    const packages = layer.packages.map(({ name, version }) => `${name}==${version}`);
    const yanked = layer.packages.filter((item) => item.yanked !== undefined);
    const yankedPackages = Object.fromEntries(yanked.map(({ name, version, yanked: reason = '' }) => [`${name}==${version}`, reason]));
    for (const [name, reason] of Object.entries(yankedPackages)) {
      print(`${name} was withdrawn from the index${reason && ` (${reason})`}: require another version`);
    }
    const unzippedSize = layer.unzippedSize + (layer.bytecode?.size ?? 0);
    return { pathLayerZip, pathRequirements: file, isLocked, runtime, architecture, ...layer, unzippedSize, packages, yankedPackages };
  });
}
