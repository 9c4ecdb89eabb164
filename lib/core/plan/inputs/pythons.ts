import * as path from 'node:path';
import { sitesOf } from './isolation';
import { readStartIfThere, readTextIfThere, statIfThere } from '../../base/files';
import { satisfiesSpecifier } from '../../pep/specifier';
import { findBeside, findOnPath, identifyPython } from '../../project/interpreter';

/**
 * The Pythons that decide on which one builds, in their order: up to the first that is known, without being started, to fit and to have an
 * installer. Which of the others fits is known when they are started, so they are all inputs.
 *
 * @param files of interpreters, best first
 * @param required the versions that the project admits
 */
export function identifyPythons(files: readonly string[], required: string | undefined, env: NodeJS.ProcessEnv): unknown {
  const identities: string[] = [];
  const shims = new Set<string>();
  for (const file of files) {
    const folder = path.dirname(file);
    if (readStartIfThere(file, 2)?.toString() === '#!') { // those of a folder go by the same settings
      if (shims.has(folder)) continue;
      shims.add(folder);
    }
    identities.push(identifyPython([{ source: '', file }], env));
    if (fits(file, required, env)) break;
  }
  return identities;
}

/** @see https://docs.python.org/3/library/venv.html */
function fits(file: string, required: string | undefined, env: NodeJS.ProcessEnv): boolean {
  const environment = path.join(path.dirname(file), '..');
  const version = /^version(?:_info)?\s*=\s*(\d+(?:\.\d+)+)/m.exec(readTextIfThere(path.join(environment, 'pyvenv.cfg')) ?? '')?.[1];
  if (version === undefined || (required !== undefined && !satisfiesSpecifier(version, required))) return false;
  return sitesOf(environment).some((site) => statIfThere(path.join(site, 'pip')) !== undefined)
    || (findOnPath('uv', env) ?? findBeside(file, 'uv')) !== undefined;
}
