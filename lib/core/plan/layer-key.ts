import * as path from 'node:path';
import { keyOf } from './inputs/inputs';
import { localRequest, type LayerRequest } from './layer-request';
import { fingerprint } from './source-key';
import { withoutCredentials } from '../base/redact';
import type { GitReader } from '../project/git-state';
import { findPythons } from '../project/interpreter';
import { readProject } from '../project/project';
import { digestSourceTree, listSourceTree } from '../project/source-tree';

/**
 * The digest of what a layer is a function of: the requirements and what is in the files that they name, the target, the options, what
 * pip and uv are told, and this library's version. Neither the Python nor the installer matter. Starts no process.
 */
export function layerFingerprint(request: LayerRequest, git?: GitReader): string {
  const { requirements, target, entry, pipArgs, environment, exclude = [], python: _, installer: __, ...more } = request;
  const { file, local, locked, args, unlocked, constraints, indexes, direct, ...wanted } = requirements;
  const plain = (lines: readonly string[]) => lines.map(withoutCredentials); // tokens of an index change every day
  return keyOf('layer', {
    entry: entry ?? path.dirname(file),
    pipArgs,
    environment,
    options: {
      format: 2, // of what is kept of it
      wanted,
      direct: exclude.length > 0 ? direct : undefined, // it decides on what stays
      locked: locked.map(({ wantedBy: ___, size: ____, url, ...item }) => ({ ...item, url: url && withoutCredentials(url) })),
      unlocked: plain(unlocked),
      constraints: plain(constraints),
      indexes: plain(indexes),
      args: plain(args),
      local: local.map(({ folder }) => identifyLocal(folder, request, git)),
      target,
      exclude, // in its order: as in .gitignore, a later pattern takes back an earlier one
      more: Object.entries(more).filter(([, value]) => value !== undefined).sort(),
    },
    requirements: [...unlocked, ...constraints, ...args, ...locked.flatMap(({ url }) => url ?? [])],
  });
}

function identifyLocal(folder: string, layer: LayerRequest, git?: GitReader): string {
  const { requirements, entry, python, environment } = layer;
  const env = { ...process.env, ...environment };
  const interpreter = findPythons(entry ?? path.dirname(requirements.file), python, env).find(({ file }) => file !== undefined)?.file;
  const { installer: _, pipArgs: __, ...request } = localRequest(folder, layer, interpreter ?? python); // they are in the layer's key, if they count
  return fingerprint(readProject(folder), request, digestSourceTree(listSourceTree(folder)), git);
}
