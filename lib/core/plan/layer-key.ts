import * as path from 'node:path';
import { keyOf } from './inputs/inputs';
import { localRequest, type LayerRequest } from './layer-request';
import { fingerprint } from './source-key';
import { withoutCredentials } from '../base/redact';
import type { LockedPackage } from '../lock/locked';
import type { GitReader } from '../project/git-state';
import { findPythons } from '../project/interpreter';
import { readProject } from '../project/project';
import { digestSourceTree, listSourceTree } from '../project/source-tree';

/**
 * The digest of what a layer is a function of: the requirements and what is in the files that they name, the target, the options, what
 * pip and uv are told, and this library's version. Neither the Python nor the installer matter. Starts no process.
 */
export function layerFingerprint(request: LayerRequest, git?: GitReader): string {
  const { requirements, target, entry, pipArgs, environment, exclude = [], ...others } = request;
  const { python: _, installer: __, bytecode: _bytecode, ...more } = others;
  const { file, local, locked, args, unlocked, constraints, indexes, direct, ...wanted } = requirements;
  const plain = (lines: readonly string[]) => lines.map(withoutCredentials); // tokens of an index change every day
  return keyOf('layer', {
    entry: entry ?? path.dirname(file),
    pipArgs,
    environment,
    options: {
      format: 3, // of what is kept of it, see `Layer`
      wanted,
      direct: exclude.length > 0 ? direct : undefined, // it decides on what stays
      locked: locked.map(identifyLocked),
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

function identifyLocked({ wantedBy: _, size: __, requires: ___, url, ...item }: LockedPackage): unknown {
  return { ...item, url: url && withoutCredentials(url) };
}

/** A package in a folder is built as a source artifact is, by the layer's Python. */
function identifyLocal(folder: string, layer: LayerRequest, git?: GitReader): string {
  const { requirements, entry, python, environment } = layer;
  const env = { ...process.env, ...environment };
  const interpreter = findPythons(entry ?? path.dirname(requirements.file), python, env).find(({ file }) => file !== undefined)?.file;
  // both are in the layer's key, if they count
  const { installer: _, pipArgs: __, ...request } = localRequest(folder, layer, interpreter ?? python);
  return fingerprint(readProject(folder), request, digestSourceTree(listSourceTree(folder)), git);
}
