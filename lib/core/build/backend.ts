import * as fs from 'node:fs';
import * as path from 'node:path';
import { satisfies } from '@renovatebot/pep440';
import type { BuildMemory } from './environment/memory';
import { FRONTEND } from './frontend';
import { keepEnvironment, type BuildEnvironment } from './kept-environment';
import type { TreeFile } from '../base/tree';
import type { FoundInstaller } from '../installer/find';
import { withoutSecrets } from '../installer/variables';
import { unpackWheel } from '../package/wheel';
import { distInfoFile, headerOf } from '../pep/dist-info';
import { CommandFailure, runCommand } from '../process/command';
import type { BuildSystem } from '../project/project';

interface Answer {
  /** Requirements that only the backend knows. It builds the wheel if the environment holds just these. */
  readonly more: readonly string[];
  readonly python: string;
  readonly wheel?: string;
}

/** Thrown to fall back to pip, because pip alone can build this or explain why not. */
export class NotPlain extends Error {
  /** @param environment the kept environment, if it may be at fault */
  constructor(message: string, readonly environment?: BuildEnvironment, options?: ErrorOptions) {
    super(message, options);
  }
}

export interface WheelOptions {
  /** Where the copy of the project is. */
  readonly project: string;
  /** An empty folder. */
  readonly target: string;
  readonly buildSystem: BuildSystem;
  readonly installer: FoundInstaller;
  /** The folder of the kept build environments. */
  readonly environments: string;
  readonly memory: BuildMemory;
  readonly env: NodeJS.ProcessEnv;
  /** Arguments of pip or uv that say from where packages come. */
  readonly args?: readonly string[];
  /** The names of the variables that the user gives to this build. */
  readonly given?: readonly string[];
  /** Where the frontend writes what is asked git. */
  readonly gitLog?: string;
  /** Called when the backend runs. */
  readonly onStart?: () => void;
  readonly signal?: AbortSignal;
}

/**
 * Build what `pip install --target` would install, without pip. The backend builds the wheel in a kept environment, and the wheel's
 * files go to where pip puts them.
 *
 * @see https://peps.python.org/pep-0517/
 * @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/
 */
export async function buildWheel(options: WheelOptions): Promise<TreeFile[]> {
  const { project, target, buildSystem, installer, environments, memory, env, args, given, gitLog, onStart, signal } = options;
  let { more } = memory;
  for (let round = 0; round < 3; round++) {
    const environment = await keepEnvironment(environments, installer, [...buildSystem.requires, ...more], { env, args, given, signal });
    const request = JSON.stringify({ ...buildSystem, more, target, gitLog });
    const PATH = [environment.bin, path.dirname(environment.python), env.PATH].join(path.delimiter);
    const isolated = { ...withoutSecrets(env, given), PATH, PYTHONPATH: undefined, PYTHONNOUSERSITE: '1' };
    const command = { file: environment.python, args: ['-c', FRONTEND, request], cwd: project, env: isolated, signal };
    const running = runCommand(command);
    if (round === 0) onStart?.();
    await running.catch((failure) => {
      signal?.throwIfAborted();
      const output = failure instanceof CommandFailure ? failure.process.output : String(failure);
      throw new NotPlain(output.trim().split('\n').pop()!, environment, { cause: failure });
    });
    const { more: needed, python, wheel }: Answer = JSON.parse(fs.readFileSync(path.join(target, 'answer.json'), 'utf8'));
    if (wheel) return placeWheel(fs.readFileSync(path.join(target, wheel)), python);
    more = needed;
    memory.remember({ more }); // the next build does not have to find out again
  }
  throw new NotPlain('the backend does not come to an end with its requirements');
}

/** A wheel's files where `pip install --target` puts them. */
export async function placeWheel(wheel: Buffer, python: string): Promise<TreeFile[]> {
  const { files, hasHeaders, data, hasOddName } = await unpackWheel(wheel);
  if (hasHeaders) throw new NotPlain('where headers go depends on the Python');
  if (hasOddName) throw new NotPlain('the name of a file has a backslash or a control character');
  const wanted = headerOf(distInfoFile(files, 'METADATA'), 'Requires-Python');
  if (wanted !== '' && !satisfies(python, wanted)) throw new NotPlain(`the project requires Python ${wanted}`);
  const taken = new Set(files.filter((file) => !data.has(file.path)).map((file) => topOf(file.path)));
  return files.filter((file) => !data.has(file.path) || !(taken.has(topOf(file.path)) || isOfLibrary(topOf(file.path))));
}

function topOf(file: string): string {
  return file.split('/')[0];
}

/**
 * pip moves each top folder of data to the target as a whole, but where a package is already, and but for `lib`, where it has the
 * packages; by its name's start, so that `l` is none either.
 *
 * @see https://github.com/pypa/pip/blob/26.0/src/pip/_internal/commands/install.py (`_handle_target_dir`)
 */
function isOfLibrary(top: string): boolean {
  return 'lib'.startsWith(top);
}
