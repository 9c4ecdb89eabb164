import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { digestFile, isExecutable, type FileDigest } from './artifact-digest';

/** The digests of the files in an archive: its content, whatever compressor made it. Fails for what is not a zip. */
export async function digestArchive(archive: Buffer): Promise<FileDigest[]> {
  const files: FileDigest[] = [];
  const zip = await fromBufferPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const mode = Math.floor(entry.externalFileAttributes / 0x10000); // the upper half is Unix's
    const content = await buffer(await zip.openReadStreamPromise(entry));
    files.push(digestFile({ path: entry.fileName, executable: isExecutable(mode), content }));
  }
  return files;
}
