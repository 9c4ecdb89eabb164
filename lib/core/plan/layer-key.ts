import { layerOptions } from './inputs';
import type { LayerRequest } from './layer-request';
import { fingerprint } from './source-key';
import type { ArtifactRequest } from './source-request';
import { OUR_VERSION } from '../base/library-version';
import { redact } from '../base/redact';
import { sha256 } from '../base/tree';
import { readProject } from '../project/project';
import { digestSourceTree, listSourceTree } from '../project/source-tree';

/**
 * The key of a layer: the digest of its requirements, the options that `inputs` declares, and this library's version. Starts no process.
 */
export function layerFingerprint(request: LayerRequest): string {
  const { requirements: { file: _, local, locked, args, ...wanted }, python, environment } = request;
  return sha256(JSON.stringify({
    format: 2, // of what is kept of it
    library: OUR_VERSION,
    wanted,
    locked: locked.map(({ wantedBy: __, size: ___, ...item }) => item),
    args: args.map(redact), // tokens of an index change every day
    local: local.map(({ folder }) => identifyLocal(folder, { entry: folder, python, environment })),
    ...layerOptions(request),
  }));
}

/** A package in a folder is built as a source artifact is. */
function identifyLocal(folder: string, request: ArtifactRequest): string {
  return fingerprint(readProject(folder), request, digestSourceTree(listSourceTree(folder)));
}
