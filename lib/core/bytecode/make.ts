import * as fs from 'node:fs';
import { compileModules } from './compile';
import type { Compiler } from './compiler';
import { compilersOf, type Tried } from './find';
import { fitBytecode, packageOf, totalSize } from './fit';
import { KeptBytecode, type Unit } from './kept';
import { mebibytes } from '../base/bytes';
import { ArtifactError, refusal, type FailedProcess } from '../base/error';
import { byPath, digestFile, digestTree, type TreeFile } from '../base/tree';
import type { BytecodeRecord } from '../cache/records';
import { MAX_UNZIPPED_SIZE } from '../lambda/limits';
import { bytecodePath } from '../pep/bytecode';
import type { BytecodeRequest } from '../plan/inputs/bytecode';
import { CommandFailure } from '../process/command';
import { temporaryFolder } from '../process/temporary-folder';

/** The files of an archive, for which bytecode is wanted. */
export interface BytecodeOrder {
  readonly request: BytecodeRequest;
  /** Those without bytecode. */
  readonly files: readonly TreeFile[];
  /** A project, whose modules change one by one; or packages, which are what they are. */
  readonly kind: 'project' | 'layer';
  /** Whether these are modules that a project will probably install. They are kept apart: it is not known which others there are. */
  readonly isAhead?: boolean;
  /** The Python that builds, where that is known. */
  readonly python?: string;
  /** Where bytecode of earlier builds is kept. */
  readonly cacheFolder?: string;
  readonly signal?: AbortSignal;
}

export interface CompiledModules {
  /** By path. */
  readonly files: readonly TreeFile[];
  /** `undefined` if none is wanted, or there are no modules. */
  readonly record?: BytecodeRecord;
}

/** Where Lambda unpacks the code, and the layers. */
const ROOTS = { project: '/var/task', layer: '/opt' } as const;

/**
 * Compile the modules of an archive, as a Lambda function imports them without looking at their sources. What is the same as in an
 * earlier build is not compiled again.
 *
 * @throws ArtifactError if bytecode is required and cannot be made, or does not fit
 */
export async function makeBytecode(order: BytecodeOrder, maxSize = MAX_UNZIPPED_SIZE): Promise<CompiledModules> {
  const { request, files } = order;
  const sources = files.filter(({ path }) => /[^/]\.py$/.test(path));
  if (request.mode === 'none' || sources.length === 0) return { files: [] };
  const tried: Tried = [];
  let failed: CommandFailure | undefined;
  for await (const compiler of compilersOf({ ...order, minor: request.minor }, tried)) {
    try {
      return collect(await compileAll(compiler, sources, order), compiler, order, maxSize);
    } catch (failure) {
      if (!(failure instanceof CommandFailure)) throw failure;
      order.signal?.throwIfAborted();
      failed = failure;
      tried.push(`${compiler.file}: ${compiler.version} cannot compile (${failure.process.output.trim().split('\n').pop()})`);
    }
  }
  const wanted = request.minor === undefined ? 'CPython' : `Python 3.${request.minor}`;
  const problem = failed ? `the ${wanted} that is here cannot compile` : `no ${wanted} was found that compiles for the runtime`;
  if (request.mode === 'auto') return { files: [], record: { size: 0, lacking: `${problem} (${tried.join('; ')})` } };
  throw failed ? compilerFailed(problem, failed.process, tried) : compilerMissing(problem, request, tried);
}

/** The bytecode of all that compiles, by the paths of the sources. */
async function compileAll(compiler: Compiler, sources: readonly TreeFile[], order: BytecodeOrder): Promise<Map<string, Buffer>> {
  const { kind, cacheFolder, signal } = order;
  const root = ROOTS[kind];
  const kept = cacheFolder === undefined ? undefined : new KeptBytecode(cacheFolder, compiler, root);
  const units = unitsOf(sources, order);
  const twins = kind === 'project' ? unitsOf(sources, { ...order, isAhead: !order.isAhead }) : [];
  const known = new Map(units.map((unit) => [unit, kept?.read(unit) ?? new Map<string, Buffer>()]));
  const compiled = new Map([...known.values(), ...twins.map((unit) => kept?.read(unit) ?? [])].flatMap((codes) => [...codes]));
  const missing = sources.filter(({ path }) => !compiled.has(path));
  if (missing.length > 0) {
    const temporary = temporaryFolder('pip-source-bytecode');
    try {
      for (const [path, code] of await compileModules(compiler, { sources: missing, root, temporary, signal })) compiled.set(path, code);
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  for (const [unit, codes] of known) if (unit.sources.some(({ path }) => !codes.has(path))) kept?.write(unit, compiled);
  return compiled;
}

function unitsOf(sources: readonly TreeFile[], { kind, request, isAhead }: BytecodeOrder): Unit[] {
  if (kind === 'project') return [{ name: isAhead ? `${request.entry}, ahead` : request.entry, sources }];
  const packages = new Map<string, TreeFile[]>();
  for (const source of sources) packages.set(packageOf(source.path), [...packages.get(packageOf(source.path)) ?? [], source]);
  return [...packages.values()].map((files) => ({ name: digestTree(files.map(digestFile)), sources: files }));
}

function collect(
  compiled: ReadonlyMap<string, Buffer>, { minor, version }: Compiler, order: BytecodeOrder, maxSize: number,
): CompiledModules {
  const all = [...compiled].filter(([, code]) => code.length > 0).map(([source, code]) => [bytecodePath(source, minor), code] as const);
  const room = maxSize - order.files.reduce((sum, { content }) => sum + content.length, 0);
  const { codes, leftOut } = fitBytecode(new Map(all), room);
  if (leftOut.length > 0 && order.request.mode === 'required') throw tooLarge(all.map(([, code]) => code), room);
  return {
    files: [...codes].map(([path, content]) => ({ path, content, executable: false })).sort(byPath),
    record: {
      python: version, runtime: `python3.${minor}`, size: totalSize(codes.values()), ...leftOut.length > 0 && { leftOut },
    },
  };
}

function compilerMissing(problem: string, { minor }: BytecodeRequest, tried: Tried): ArtifactError {
  const name = minor === undefined ? 'a CPython' : `one (uv python install 3.${minor}, or pyenv install 3.${minor})`;
  const advice = `install ${name}, set {python} to it, or set {bytecode} to auto`;
  const got = minor === undefined ? undefined : `python3.${minor}`;
  return refusal('bytecode-python-missing', problem, got, advice, `looked for: ${tried.join('; ')}`);
}

function compilerFailed(problem: string, process: FailedProcess, tried: Tried): ArtifactError {
  const advice = 'mend it, set {python} to another, or set {bytecode} to none';
  return new ArtifactError({ reference: 'bytecode-failed', problem, advice, process, hint: `looked for: ${tried.join('; ')}` });
}

function tooLarge(codes: readonly Buffer[], room: number): ArtifactError {
  const limit = `Lambda's ${mebibytes(MAX_UNZIPPED_SIZE)} unzipped`;
  const problem = `with bytecode it is larger than ${limit}, of which ${mebibytes(Math.max(0, room))} are left`;
  const advice = 'exclude packages, or set {bytecode} to auto, which takes what fits';
  return refusal('bytecode-too-large', problem, mebibytes(totalSize(codes)), advice);
}
