import { build } from './build';
import { verifyReproducible } from './twice';
import { digestFile, digestTree, sha256 } from '../base/tree';
import type { ArtifactCache } from '../cache/cache';
import type { Artifact } from '../cache/records';
import { readModuleNames } from '../lambda/handler';
import { packageTree } from '../package/write-archive';
import { distInfoFile, headerOf, headersOf } from '../pep/dist-info';
import { fingerprint } from '../plan/source-key';
import { type ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';

export interface MadeArtifact {
  /** Of what was built, the files as they were copied: an edit meanwhile belongs to the next. */
  readonly fingerprint: string;
  /** Why pip had to build it, and not the kept environment. */
  readonly detour?: string;
}

/** The pipeline up to publication: build → package, the outcome into the cache. */
export async function makeArtifact(project: Project, request: ArtifactRequest, cache: ArtifactCache, signal?: AbortSignal): Promise<MadeArtifact> {
  const options = { environments: cache.environments, signal };
  const built = await build(project, request, options);
  if (request.verifyReproducible) await verifyReproducible(project, request, built, options);
  const { tree, source, provenance, detour } = built;
  const archive = await packageTree(tree.files);
  const metadata = distInfoFile(tree.files, 'METADATA');
  const artifact: Artifact = {
    name: tree.name,
    version: tree.version,
    sourceSha256: digestTree(tree.files.map(digestFile)),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: tree.size,
    provenance,
    modules: readModuleNames(tree.files),
    requires: headersOf(metadata, 'Requires-Dist'),
    requiresPython: headerOf(metadata, 'Requires-Python') || undefined,
  };
  const key = fingerprint(project, request, source);
  cache.write(key, artifact, archive);
  return { fingerprint: key, detour };
}
