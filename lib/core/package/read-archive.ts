import * as fs from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { fromBufferPromise, openPromise, type Entry } from 'yauzl';
import { digestFile, isExecutable, type FileDigest } from '../base/tree';

/** A file in a zip. */
export interface ArchiveEntry {
  readonly path: string;
  /** Type and permissions as in Unix; 0 if the archive does not hold them. */
  readonly mode: number;
  readonly content: Buffer;
}

/** A file in a zip that is unpacked on demand. */
export interface PackedEntry extends Omit<ArchiveEntry, 'content'> {
  /** The unpacked size in bytes. */
  readonly size: number;
  /** Unpack the file. Fails if it is damaged. */
  read(): Buffer;
}

// compression methods of zip
const STORED = 0;
const DEFLATED = 8;

/** Read the files of a zip, one after the other. Fails if the bytes are no zip, or if it is damaged. */
export async function* readArchive(archive: Buffer): AsyncGenerator<ArchiveEntry> {
  for (const entry of await listArchive(archive)) yield { path: entry.path, mode: entry.mode, content: entry.read() };
}

/**
 * List the files of a zip by its central directory, without unpacking them. Fails if the archive is no zip.
 *
 * @param archive the bytes, or the path of a file, which is only read in parts
 */
export async function listArchive(archive: Buffer | string): Promise<PackedEntry[]> {
  const bytes: ReadBytes = (start, length) =>
    typeof archive === 'string' ? readPart(archive, start, length) : archive.subarray(start, start + length);
  const zip = await (typeof archive === 'string' ? openPromise(archive) : fromBufferPromise(archive));
  const entries: PackedEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    entries.push({
      path: entry.fileName,
      mode: Math.floor(entry.externalFileAttributes / 0x10000), // the upper half is Unix's
      size: entry.uncompressedSize,
      read: () => unpack(entry, bytes),
    });
  }
  return entries;
}

type ReadBytes = (start: number, length: number) => Buffer;

/** Unpack a file at once. yauzl's stream would take three times as long. */
function unpack(entry: Entry, bytes: ReadBytes): Buffer {
  const { compressionMethod, compressedSize, uncompressedSize, fileName } = entry;
  const header = bytes(entry.relativeOffsetOfLocalHeader, LOCAL_HEADER);
  const nameLength = header.readUInt16LE(26);
  const extraLength = header.readUInt16LE(28);
  const data = bytes(entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + nameLength + extraLength, compressedSize);
  const content = compressionMethod === DEFLATED ? inflateRawSync(data, { maxOutputLength: uncompressedSize || 1 }) : data;
  const isKnown = [STORED, DEFLATED].includes(compressionMethod);
  if (!isKnown || content.length !== uncompressedSize || crc32(content) !== entry.crc32) {
    throw new Error(`the archive is damaged at ${fileName}`);
  }
  return content;
}

/** The size of a local file header in bytes. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.7) */
const LOCAL_HEADER = 30;

function readPart(file: string, start: number, length: number): Buffer {
  const descriptor = fs.openSync(file, 'r');
  try {
    const part = Buffer.allocUnsafeSlow(length); // allocUnsafe may slice a pool, and the slice would keep the whole pool
    const size = length === 0 ? 0 : fs.readSync(descriptor, part, 0, length, start);
    return part.subarray(0, size);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The digests of the files in an archive. They do not depend on the compressor. Fails if the bytes are no zip. */
export async function digestArchive(archive: Buffer): Promise<FileDigest[]> {
  const files: FileDigest[] = [];
  for await (const { path, mode, content } of readArchive(archive)) {
    files.push(digestFile({ path, executable: isExecutable(mode), content }));
  }
  return files;
}
