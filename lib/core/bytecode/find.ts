import * as path from 'node:path';
import { compilerVariables, type Compiler } from './compiler';
import { sha256 } from '../base/tree';
import { ArtifactStore } from '../cache/store';
import { askPython } from '../installer/ask-python';
import { findCompilers, type CompilerRequest } from '../plan/inputs/compilers';
import { CommandFailure } from '../process/command';
import { identifyPython, type PythonCandidate } from '../project/interpreter';

export interface CompilerSearch {
  readonly request: CompilerRequest;
  /** The minor version that is wanted; that of `python` unless it is said. */
  readonly minor?: number;
  /** The Python that builds: it is asked first. */
  readonly python?: string;
  /** The folder of the cache, where it is remembered what Pythons are. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
}

/** What the Pythons are that were asked, as the texts of messages. */
export type Tried = string[];

/** The Pythons of a minor version, best first; each is asked when the one before did not do. */
export async function* compilersOf(search: CompilerSearch, tried: Tried): AsyncGenerator<Compiler> {
  const { request, minor, python, cacheFolder, signal } = search;
  const builders: PythonCandidate[] = python === undefined ? [] : [{ source: 'the Python that builds', file: python }];
  const others = minor === undefined ? [] : findCompilers(request, minor);
  const seen = new Set<string>();
  for (const { source, file } of [...builders, ...others]) {
    const compiler = file === undefined ? 'not found' : await ask(file, cacheFolder, signal);
    if (typeof compiler === 'string') {
      tried.push(`${source}: ${compiler}`);
    } else if (minor !== undefined && compiler.minor !== minor) {
      tried.push(`${source}: is ${compiler.version}`);
    } else if (!seen.has(compiler.file)) {
      seen.add(compiler.file);
      yield compiler;
    }
  }
}

// the bytecode of an alpha or a beta is not that of the release
const PROBE = `
import sys
answer({
    "file": sys.executable, "version": sys.version.split()[0], "build": sys.version, "minor": sys.version_info[1],
    "implementation": sys.implementation.name, "level": sys.version_info[3], "major": sys.version_info[0],
})`;

interface Probed extends Compiler { readonly implementation: string; readonly level: string; readonly major: number }

/** The compiler, or why it is none. */
async function ask(file: string, cacheFolder: string | undefined, signal?: AbortSignal): Promise<Compiler | string> {
  const memory = cacheFolder === undefined ? undefined : new ArtifactStore<Compiler>(path.join(cacheFolder, 'compilers'), {});
  const key = sha256(identifyPython([{ source: '', file }]));
  const known = memory?.read(key);
  if (known) return known;
  try {
    const probed = await askPython<Probed>(file, PROBE, { env: compilerVariables(), signal }, ['-S', '-s']);
    const { implementation, level, major, ...compiler } = probed;
    if (major !== 3 || implementation !== 'cpython') return `is ${implementation} ${compiler.version}, and Lambda runs CPython 3`;
    if (level !== 'final' && level !== 'candidate') return `is ${compiler.version}, whose bytecode is not that of the release`;
    memory?.write(key, compiler, {});
    return compiler;
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    return `does not start (${failure.process.output.trim().split('\n').pop()})`;
  }
}
