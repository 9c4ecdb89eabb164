import { digestFile, isExecutable, type FileDigest } from '../base/tree';
import { readArchive } from './read-archive';

/** The digests of the files in an archive: its content, whatever compressor made it. Fails for what is not a zip. */
export async function digestArchive(archive: Buffer): Promise<FileDigest[]> {
  const files: FileDigest[] = [];
  for await (const { path, mode, content } of readArchive(archive)) files.push(digestFile({ path, executable: isExecutable(mode), content }));
  return files;
}
