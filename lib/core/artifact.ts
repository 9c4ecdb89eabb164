import type { Artifact, ArtifactCache } from './artifact-cache';
import { digestFile, digestTree, sha256 } from './artifact-digest';
import { fingerprint, type ArtifactRequest } from './artifact-request';
import { build } from './build';
import { readModuleNames } from './build-handler';
import type { Project } from './build-project';
import { packageTree } from './package';

/**
 * The pipeline up to publication: build → package, the outcome into the cache.
 *
 * @returns the fingerprint of what was built. It is taken from the files as they were copied: an edit meanwhile belongs to the next
 */
export async function makeArtifact(project: Project, request: ArtifactRequest, cache: ArtifactCache, signal?: AbortSignal): Promise<string> {
  const { tree, source } = await build(project, request, { environments: cache.environments, signal });
  const archive = await packageTree(tree.files);
  const artifact: Artifact = {
    name: tree.name,
    version: tree.version,
    sourceSha256: digestTree(tree.files.map(digestFile)),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: tree.size,
    modules: readModuleNames(tree.files),
  };
  const key = fingerprint(project, request, source);
  cache.write(key, artifact, archive);
  return key;
}
