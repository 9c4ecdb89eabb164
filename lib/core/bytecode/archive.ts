import { makeBytecode, type BytecodeOrder } from './make';
import { isExecutable, sha256, type TreeFile } from '../base/tree';
import type { Artifact, BytecodeRecord } from '../cache/records';
import { readArchive } from '../package/read-archive';
import { deflateAll, packageTree } from '../package/write-archive';
import { isInBytecodeFolder } from '../pep/bytecode';

/** An archive with bytecode, and what records say of it. */
export interface Archive {
  readonly content: Buffer;
  readonly record: Pick<Artifact, 'codeSha256' | 'size' | 'bytecode'>;
  /** The bytecode in it. */
  readonly compiled: readonly TreeFile[];
}

/** Stage 2: the files of an artifact or of a layer with their bytecode, as a zip. */
export async function makeArchive(order: BytecodeOrder): Promise<Archive> {
  const [{ files, record: bytecode }, deflated] = await Promise.all([makeBytecode(order), deflateAll(order.files)]);
  const content = await packageTree([...order.files, ...files], false, deflated);
  const record = { codeSha256: sha256(content, 'base64'), size: content.length, ...bytecode && { bytecode } };
  return { content, record, compiled: files };
}

/** The files of an archive of ours, without their bytecode. */
export async function filesOfContent(archive: Buffer): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for await (const { path, mode, content } of readArchive(archive)) {
    if (!isInBytecodeFolder(path)) files.push({ path, content, executable: isExecutable(mode) });
  }
  return files;
}

/** The tools of a build, and the Python that compiled, if it is not the one that built: at the end, in the place of an earlier one. */
export function withCompiler(tools: string, bytecode: BytecodeRecord | undefined): string {
  const others = tools.replace(/, bytecode by python .*$/, '');
  const isToldAlready = bytecode?.python === undefined || others.startsWith(`python ${bytecode.python},`);
  return isToldAlready ? others : `${others}, bytecode by python ${bytecode.python}`;
}
