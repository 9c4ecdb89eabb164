import * as fs from 'node:fs';
import * as path from 'node:path';
import { compilerVariables, type Compiler } from './compiler';
import { COMPILER } from './script';
import type { TreeFile } from '../base/tree';
import { HEADER_SIZE, isOfSource, misfitOf, sourceHashFor } from '../pep/bytecode';
import { CommandFailure, runCommand } from '../process/command';
import { buildsAtOnce } from '../process/parallelism';

/** What is compiled, and where it will run. */
export interface Compilation {
  readonly sources: readonly TreeFile[];
  /** What their paths are relative to in Lambda: it is in tracebacks. */
  readonly root: '/var/task' | '/opt';
  /** An empty folder. */
  readonly temporary: string;
  readonly signal?: AbortSignal;
}

/** Files that are worth a process more. */
const FILES_OF_A_WORKER = 50;

/**
 * The bytecode of modules, by path: empty for what does not compile. The same whatever the number of workers, the order and the folder.
 *
 * @throws CommandFailure
 */
export async function compileModules(compiler: Compiler, { sources, ...place }: Compilation): Promise<Map<string, Buffer>> {
  const count = Math.max(1, Math.min(buildsAtOnce(), Math.ceil(sources.length / FILES_OF_A_WORKER)));
  const shares = Array.from({ length: count }, () => ({ files: [] as TreeFile[], size: 0 }));
  for (const file of [...sources].sort((a, b) => b.content.length - a.content.length)) {
    const least = shares.reduce((one, other) => other.size < one.size ? other : one);
    least.files.push(file);
    least.size += file.content.length;
  }
  const parts = await Promise.all(shares.map(async ({ files }, i) => compileShare(compiler, files, place, i)));
  return new Map(parts.flat());
}

async function compileShare(
  { file, build }: Compiler, sources: readonly TreeFile[], { root, temporary, signal }: Omit<Compilation, 'sources'>, number: number,
): Promise<[string, Buffer][]> {
  const place = (name: string) => path.join(temporary, `${name}-${number}`);
  const [given, made] = [place('sources'), place('made')];
  const written = fs.openSync(given, 'w');
  for (const source of sources) for (const part of [Buffer.from(`${root}/${source.path}`), source.content]) writePart(written, part);
  fs.closeSync(written);
  // without site and the user's variables: nothing but the interpreter decides
  const args = ['-S', '-s', '-B', '-W', 'ignore', '-c', COMPILER, given, made];
  await runCommand({ file, args, shown: ['-S', '-s', '-B', '-c', '…'], cwd: temporary, env: compilerVariables(), signal });
  const [version, ...codes] = readParts(made);
  const failure = (why: string) => new CommandFailure({ command: `${file} -S -s -B -c …`, exitCode: 0, output: why });
  if (version?.toString() !== build) throw failure(`it is another Python than before: ${version?.toString() ?? 'it wrote nothing'}`);
  if (codes.length !== sources.length) throw failure(`it compiled ${codes.length} of ${sources.length} files`);
  return sources.map(({ path: name, content }, i) => {
    const code = codes[i];
    const start = code.subarray(0, HEADER_SIZE + 1);
    const isWhole = code.length === 0 || (misfitOf(start) === undefined && isOfSource(start, sourceHashFor(start).update(content)));
    if (!isWhole) throw failure(`what it compiled of ${name} is not bytecode of it`);
    return [name, code];
  });
}

function writePart(descriptor: number, part: Buffer): void {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(part.length);
  for (const data of [size, part]) for (let at = 0; at < data.length;) at += fs.writeSync(descriptor, data, at);
}

function readParts(file: string): Buffer[] {
  const data = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
  const parts: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const end = at + 4 + data.readUInt32LE(at);
    if (end > data.length) break;
    parts.push(data.subarray(at + 4, end));
    at = end;
  }
  return parts;
}
