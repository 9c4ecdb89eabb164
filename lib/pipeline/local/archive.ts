import * as fs from 'node:fs';
import { ArtifactError } from '../../core/base/error';
import { statIfThere } from '../../core/base/files';
import type { Reference } from '../../core/base/references';
import { digestFile, digestTree, isExecutable, sha256, type TreeFile } from '../../core/base/tree';
import { normaliseTree, readTarget, type InstalledTree } from '../../core/build/installed-tree';
import { makeArchive } from '../../core/bytecode/archive';
import type { BytecodeOrder } from '../../core/bytecode/make';
import { digestArchive, readArchive } from '../../core/package/read-archive';
import type { SourceZip } from '../model/package';

/** What bytecode a source archive gets. */
export type Compiling = Pick<BytecodeOrder, 'request' | 'python' | 'cacheFolder' | 'signal'>;

/** Package a tree in memory, with its bytecode. */
export async function packageSource(
  tree: InstalledTree, file: string, compiling: Compiling,
): Promise<{ readonly archive: Buffer; readonly zip: SourceZip }> {
  const { content: archive, record: { bytecode } } = await makeArchive({ ...compiling, files: tree.files, kind: 'project' });
  const zip = describe({ ...tree, size: tree.size + (bytecode?.size ?? 0) }, archive, file);
  return { archive, zip: { ...zip, ...bytecode && { bytecode } } };
}

function describe(tree: InstalledTree, archive: Buffer, pathSourceZip: string): SourceZip {
  return {
    pathSourceZip,
    name: tree.name,
    sourceVersion: tree.version,
    sourceSha256: digestTree(tree.files.map(digestFile)),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: tree.size,
  };
}

/** Read the installed tree in a folder. */
export function readBuild(folder: string): InstalledTree {
  const stat = statIfThere(folder);
  const hasBuild = stat?.isDirectory() && fs.readdirSync(folder).some((name) => name.endsWith('.dist-info'));
  if (!hasBuild) throw refuse('build-folder-empty', '{dirLambdaSourceBuild} holds no installed project', folder, 'build it first');
  return normaliseTree(readTarget(folder));
}

/** Describe an archive by its content. Fails if it is not a source archive. */
export async function describeArchive(archive: Buffer, file: string): Promise<SourceZip> {
  const files: TreeFile[] = [];
  try {
    for await (const { path: name, mode, content } of readArchive(archive)) {
      files.push({ path: name, content, executable: isExecutable(mode) });
    }
    const { size, ...tree } = normaliseTree(files);
    const content = new Set((await digestArchive(archive)).map((digest) => digest.path));
    return describe({
      ...tree, files: files.filter((item) => content.has(item.path)), size: files.reduce((sum, item) => sum + item.content.length, 0),
    }, archive, file);
  } catch (cause) {
    if (cause instanceof ArtifactError && cause.trouble.reference === 'bytecode-damaged') throw cause;
    throw refuse('archive-not-ours', '{pathSourceZip} is not a source archive', file, 'make it with {createSourceZip}', cause);
  }
}

/** Read a file that an option names. */
export function readFile(option: string, file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (cause) {
    const problem = `{${option}} cannot be read (${(cause as NodeJS.ErrnoException).code})`;
    throw refuse('archive-unreadable', problem, file, 'make the archive first', cause);
  }
}

/** Refuse to replace a file that is not an archive: its name is probably a mistake. */
export function allowOverwriting(option: string, file: string): void {
  const stat = statIfThere(file);
  if (!stat) return;
  if (!stat.isFile()) throw refuse('archive-path-is-folder', `{${option}} is a folder`, file, 'name a file');
  const start = Buffer.alloc(2);
  const opened = fs.openSync(file, 'r');
  fs.readSync(opened, start, 0, 2, 0);
  fs.closeSync(opened);
  if (stat.size === 0 || start.toString('latin1') === 'PK') return;
  throw refuse('archive-path-taken', `{${option}} is a file that is not an archive: it will not be replaced`, file, 'choose another file');
}

/** A bill of materials may be replaced too. */
export function allowOverwritingSbom(file: string): void {
  const stat = statIfThere(file);
  if (stat && !stat.isFile()) throw refuse('archive-path-is-folder', '{pathSbom} is a folder', file, 'name a file');
  if (!stat || fs.readFileSync(file, 'utf8').includes('"bomFormat": "CycloneDX"')) return;
  const problem = '{pathSbom} is a file that is not a bill of materials: it will not be replaced';
  throw refuse('archive-path-taken', problem, file, 'choose another file');
}

export function refuse(reference: Reference, problem: string, got: string | undefined, advice: string, cause?: unknown): ArtifactError {
  return new ArtifactError({ reference, problem, got, advice }, undefined, cause === undefined ? undefined : { cause });
}
