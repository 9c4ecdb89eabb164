import * as path from 'node:path';
import { identifyCompilers, type CompilerRequest } from './compilers';
import { refusal } from '../../base/error';
import { sha256 } from '../../base/tree';
import { minorOf, PYTHON_RUNTIMES } from '../../lambda/target';
import type { LayerRequest } from '../layer-request';
import type { ArtifactRequest } from '../source-request';

const MODES = ['auto', 'required', 'none'] as const;

type BytecodeMode = typeof MODES[number];

/** The bytecode that is wanted in an archive. */
export interface BytecodeRequest extends CompilerRequest {
  readonly mode: BytecodeMode;
  /** Of the Python 3 that is to run it; that of the Python that builds unless it is said. */
  readonly minor?: number;
}

/** Refuse options that name neither a mode nor a runtime. */
export function checkBytecode({ bytecode, runtime }: { readonly bytecode?: string; readonly runtime?: string }): void {
  if (bytecode !== undefined && !(MODES as readonly string[]).includes(bytecode)) {
    throw refusal('bytecode-unknown', 'there is no such choice of bytecode', bytecode, `set {bytecode} to one of ${MODES.join(', ')}`);
  }
  if (runtime !== undefined && !PYTHON_RUNTIMES.includes(runtime)) {
    const advice = `set {runtime} to one of ${PYTHON_RUNTIMES[0]} to ${PYTHON_RUNTIMES.at(-1)}`;
    throw refusal('runtime-unknown', 'the runtime is not one that bytecode is compiled for', runtime, advice);
  }
}

export function bytecodeOfArtifact({ bytecode = 'auto', runtime, entry, python, environment }: ArtifactRequest): BytecodeRequest {
  return { mode: bytecode, minor: runtime === undefined ? undefined : minorOf(runtime), entry, python, environment };
}

export function bytecodeOfLayer({ bytecode = 'auto', target, entry, requirements, python, environment }: LayerRequest): BytecodeRequest {
  return { mode: bytecode, minor: minorOf(target.runtime), entry: entry ?? path.dirname(requirements.file), python, environment };
}

/**
 * The key of content with its bytecode, or without: it is made anew when other Pythons are there. Starts no process.
 *
 * @param key of the content
 */
export function keyWithBytecode(key: string, { mode, minor, ...request }: BytecodeRequest, identify = identifyCompilers): string {
  // which Python builds is in the key of the content, if it matters
  const compilers = mode === 'none' || minor === undefined ? undefined : identify(request, minor);
  return sha256(JSON.stringify([key, mode, minor, compilers]));
}
