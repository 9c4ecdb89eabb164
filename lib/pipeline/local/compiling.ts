import * as path from 'node:path';
import type { Compiling } from './archive';
import { ArtifactCache } from '../../core/cache/cache';
import type { BytecodeRecord } from '../../core/cache/records';
import { bytecodeOfArtifact, checkBytecode } from '../../core/plan/inputs/bytecode';
import { findPythons } from '../../core/project/interpreter';
import type { BuildOptions } from '../model/build';
import type { Run } from '../run';

type Options = Pick<BuildOptions, 'bytecode' | 'runtime' | 'pathBinPip' | 'cache' | 'environment'>;

/**
 * Do what compiles. If the cache is a temporary one, it goes with the call.
 *
 * @param entry the project's folder, whose Python is preferred
 * @param python the Python that built it, where that is known
 */
export async function withCompiling<T>(
  { bytecode, runtime, pathBinPip, environment, cache = true }: Options, entry: string, python: string | undefined, { signal }: Run,
  use: (compiling: Compiling) => Promise<T>,
): Promise<T> {
  checkBytecode({ bytecode, runtime });
  const request = bytecodeOfArtifact({ entry, bytecode, runtime, python: pathBinPip, environment });
  const env = { ...process.env, ...environment };
  const builder = python ?? findPythons(entry, pathBinPip, env).find(({ file }) => file !== undefined)?.file;
  const open = cache ? ArtifactCache.open() : undefined;
  try {
    return await use({ request, python: builder, cacheFolder: open?.folder, signal });
  } finally {
    open?.close();
  }
}

/** The project that a build folder is of, if it is at its usual place. */
export function projectOfBuild(folder: string): string {
  const usual = path.join('build', 'lambda', 'source', 'build');
  return folder.endsWith(path.sep + usual) ? folder.slice(0, -usual.length - 1) : process.cwd();
}

/** Say what of the bytecode that was wanted is not there. */
export function sayLacking(record: BytecodeRecord | undefined, { print }: Run): void {
  if (record?.lacking !== undefined) print(`no bytecode: ${record.lacking}`);
  if (record?.leftOut !== undefined) print(`no bytecode of ${record.leftOut.join(', ')}: it would not fit in Lambda`);
}
