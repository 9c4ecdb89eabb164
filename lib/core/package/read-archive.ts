import { crc32, inflateRawSync } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';
import { digestFile, isExecutable, type FileDigest } from '../base/tree';

/** A file in a zip. */
export interface ArchiveEntry {
  readonly path: string;
  /** As Unix has it: type and permissions. 0 where the archive does not tell. */
  readonly mode: number;
  readonly content: Buffer;
}

const [STORED, DEFLATED] = [0, 8];

/** The files in a zip, one after the other. Fails for what is not a zip, and for a damaged one. */
export async function* readArchive(archive: Buffer): AsyncGenerator<ArchiveEntry> {
  const zip = await fromBufferPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const data = archive.subarray(fileDataStart, fileDataStart + entry.compressedSize);
    // at once and not as yauzl's stream, which takes three times as long: the archive is in memory anyway
    const content = entry.compressionMethod === DEFLATED ? inflateRawSync(data, { maxOutputLength: entry.uncompressedSize || 1 }) : data;
    const isKnown = [STORED, DEFLATED].includes(entry.compressionMethod);
    if (!isKnown || content.length !== entry.uncompressedSize || crc32(content) !== entry.crc32) throw new Error(`the archive is damaged at ${entry.fileName}`);
    yield { path: entry.fileName, mode: Math.floor(entry.externalFileAttributes / 0x10000), content }; // the upper half is Unix's
  }
}

/** The digests of the files in an archive: its content, whatever compressor made it. Fails for what is not a zip. */
export async function digestArchive(archive: Buffer): Promise<FileDigest[]> {
  const files: FileDigest[] = [];
  for await (const { path, mode, content } of readArchive(archive)) files.push(digestFile({ path, executable: isExecutable(mode), content }));
  return files;
}
