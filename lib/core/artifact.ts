import type { Artifact, ArtifactCache } from './artifact-cache';
import { digestFile, digestTree, sha256 } from './artifact-digest';
import { ArtifactError } from './artifact-error';
import { fingerprint, type ArtifactRequest } from './artifact-request';
import { build } from './build';
import { readModuleNames } from './build-handler';
import type { InstalledTree } from './build-installed-tree';
import type { Project } from './build-project';
import { packageTree } from './package';
import { checkVersion } from './publish-object-key';

/**
 * The pipeline up to publication: build → package, the outcome into the cache.
 *
 * @returns the fingerprint of what was built. It is taken from the files as they were copied: an edit meanwhile belongs to the next
 */
export async function makeArtifact(project: Project, request: ArtifactRequest, cache: ArtifactCache, signal?: AbortSignal): Promise<string> {
  if (project.version !== undefined) checkVersion(project.version);
  const { tree, source } = await build(project, request, signal);
  const archive = await packageTree(tree.files);
  const artifact: Artifact = {
    name: tree.name,
    version: checkVersion(request.version ?? project.version ?? builtVersion(tree)),
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

function builtVersion({ name, version }: InstalledTree): string {
  if (version !== '0.0.0') return version;
  // what setuptools makes up for a project that has none
  throw new ArtifactError({ code: 'usage', problem: 'the project has no version', got: name, advice: 'set version in setup.py, or the version of the artifact' });
}
