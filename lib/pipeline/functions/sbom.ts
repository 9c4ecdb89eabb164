import * as path from 'node:path';
import { digestTree, sha256 } from '../../core/base/tree';
import type { LayerPackage } from '../../core/cache/records';
import { digestArchive, listArchive } from '../../core/package/read-archive';
import { headerOf } from '../../core/pep/dist-info';
import { allowOverwritingSbom, readFile, refuse } from '../local/archive';
import { obtainLayer, requestLayer } from '../local/made-layer';
import { writeFileWhole } from '../local/write-whole';
import type { CreateSbomOptions, Sbom } from '../model/sbom';
import { run } from '../run';

/**
 * A bill of materials, CycloneDX 1.6 as JSON, of an archive, or of the layer of a project: names, versions, licences, what requires
 * what, and of a layer that pip fetched or that is locked the digests of the wheels. The same for the same content.
 *
 * @throws ArtifactError with the code `usage` (an option, what is not an archive of packages) or `build` (the layer cannot be made)
 */
export async function createSbom(options: CreateSbomOptions): Promise<Sbom> {
  return run('createSbom', options, async ({ dryRun, print, printValues }) => {
    const { pathZip, archive, packages, pathSbom } = await findArchive(options);
    printValues('Creating bill of materials', { pathZip: options.pathZip, pathSbom });
    const { files, metadata } = await readMetadata(archive, pathZip);
    const contentSha256 = digestTree(files);
    const isLayer = files.every((file) => file.path.startsWith('python/'));
    const [first] = metadata;
    const subject = isLayer ? { name: 'layer' } : { name: headerOf(first, 'Name'), version: headerOf(first, 'Version') };
    const wheels = Object.fromEntries(packages.flatMap(({ name, wheelSha256 }) => wheelSha256 === undefined ? [] : [[name, wheelSha256]]));
    const { billOfMaterials } = await import('../local/bill-of-materials.js'); // takes longer to load than all else
    const text = billOfMaterials({ ...subject, contentSha256, archiveSha256: sha256(archive), metadata, wheels });
    if (!dryRun) writeFileWhole(pathSbom, Buffer.from(text));
    print(`contentSha256 = ${contentSha256}`);
    const named = metadata.map((item) => `${headerOf(item, 'Name')}==${headerOf(item, 'Version')}`);
    return { pathSbom, specVersion: '1.6', contentSha256, packages: named };
  });
}

interface Found {
  /** For messages. */
  readonly pathZip: string;
  readonly archive: Buffer;
  readonly packages: readonly LayerPackage[];
  readonly pathSbom: string;
}

async function findArchive(options: CreateSbomOptions): Promise<Found> {
  const { pathZip, pathSbom, runtime } = options;
  if (pathZip !== undefined) {
    const file = path.resolve(pathZip);
    const sbom = path.resolve(pathSbom ?? `${file.replace(/\.zip$/, '')}.cdx.json`);
    allowOverwritingSbom(sbom);
    return { pathZip: file, archive: readFile('pathZip', file), packages: [], pathSbom: sbom };
  }
  if (runtime === undefined) {
    const advice = 'set {runtime}, or {pathZip} to an archive';
    throw refuse('runtime-unknown', 'it is not said which runtime the layer is for', undefined, advice);
  }
  const { request, folder } = requestLayer({ ...options, runtime });
  const sbom = path.resolve(pathSbom ?? path.join(folder, 'layer.cdx.json'));
  allowOverwritingSbom(sbom);
  const { archive, packages } = await obtainLayer(request, { ...options, runtime });
  return { pathZip: 'the layer', archive, packages, pathSbom: sbom };
}

async function readMetadata(archive: Buffer, file: string) {
  const reason = 'it is not an archive of installed packages';
  const entries = await listArchive(archive).catch((cause) => {
    throw refuse('archive-not-ours', reason, file, 'make it with this library: a layer or a source artifact', cause);
  });
  const metadata = entries.filter((entry) => /^(python\/)?[^/]+\.dist-info\/METADATA$/.test(entry.path)).map((entry) => entry.read().toString());
  if (metadata.length === 0) throw refuse('archive-not-ours', reason, file, 'make it with this library: a layer or a source artifact');
  return { metadata, files: await digestArchive(archive) };
}
