import { build, type BuildSettings } from './build';
import { readModules } from './modules';
import { verifyReproducible } from './twice';
import { digestFile, digestTree, sha256 } from '../base/tree';
import type { ArtifactCache } from '../cache/cache';
import type { Artifact } from '../cache/records';
import { packageTree } from '../package/write-archive';
import { distInfoFile, headerOf, headersOf } from '../pep/dist-info';
import { fingerprint } from '../plan/source-key';
import { type ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';
import { unpackagedData } from '../project/tree/unpackaged';
import { namedHandlers } from '../templates/named-handlers';

export interface MadeArtifact {
  /** The key of the files as they were copied. An edit made meanwhile belongs to the next build. */
  readonly fingerprint: string;
  /** Why pip built it, although a kept environment was to be used. */
  readonly detour?: string;
  /** Why its commit is not known, where there is one. */
  readonly note?: string;
  /** Data beside the modules that the backend leaves out. */
  readonly unpackaged: readonly string[];
}

/** The pipeline up to publication: build → package, the outcome into the cache. */
export async function makeArtifact(
  project: Project, request: ArtifactRequest, cache: ArtifactCache, { signal, onInstaller }: Omit<BuildSettings, 'environments'> = {},
): Promise<MadeArtifact> {
  const options = { environments: cache.environments, signal };
  const built = await build(project, request, { ...options, onInstaller });
  if (request.verifyReproducible) await verifyReproducible(project, request, built, options);
  const { tree, source, asked, git, provenance, installer, detour, note } = built;
  const [archive, modules, named] = await Promise.all([
    packageTree(tree.files), readModules(tree.files, installer, signal), namedHandlers(project.entry),
  ]);
  const digests = tree.files.map(digestFile);
  const metadata = distInfoFile(tree.files, 'METADATA');
  const artifact: Artifact = {
    name: tree.name,
    version: tree.version,
    sourceSha256: digestTree(digests),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: tree.size,
    provenance,
    modules,
    ...named.length > 0 && { namedHandlers: named },
    requires: headersOf(metadata, 'Requires-Dist'),
    requiresPython: headerOf(metadata, 'Requires-Python') || undefined,
  };
  const key = cache.noteAsked(fingerprint(project, request, source, git), [project.entry], asked, git);
  cache.write(key, artifact, archive);
  return { fingerprint: key, detour, note, unpackaged: unpackagedData(source, digests) };
}
