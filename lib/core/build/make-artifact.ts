import type { Artifact, ArtifactCache } from '../cache/cache';
import { digestFile, digestTree, sha256 } from '../base/tree';
import { fingerprint, type ArtifactRequest } from '../plan/source-request';
import { build } from './build';
import { readModuleNames } from '../lambda/handler';
import { distInfoFile, headerOf, headersOf } from './installed-tree';
import type { Project } from '../project/project';
import { verifyReproducible } from './twice';
import { packageTree } from '../package/write-archive';

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
