import * as fs from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { fromBufferPromise, openPromise, type Entry } from 'yauzl';
import { digestFile, isExecutable, type FileDigest } from '../base/tree';

/** A file in a zip. */
export interface ArchiveEntry {
  readonly path: string;
  /** As Unix has it: type and permissions. 0 where the archive does not tell. */
  readonly mode: number;
  readonly content: Buffer;
}

/** A file in a zip that is unpacked when it is asked for. */
export interface PackedEntry extends Omit<ArchiveEntry, 'content'> {
  /** Unpacked, bytes. */
  readonly size: number;
  /** Fails for one that is damaged. */
  read(): Buffer;
}

const [STORED, DEFLATED] = [0, 8];

/** The files in a zip, one after the other. Fails for what is not a zip, and for a damaged one. */
export async function* readArchive(archive: Buffer): AsyncGenerator<ArchiveEntry> {
  for (const entry of await listArchive(archive)) yield { path: entry.path, mode: entry.mode, content: entry.read() };
}

/**
 * What a zip has, by its central directory: nothing is unpacked yet. Fails for what is not a zip.
 *
 * @param archive the bytes, or a file, of which no more is read than is asked for
 */
export async function listArchive(archive: Buffer | string): Promise<PackedEntry[]> {
  const bytes = (start: number, length: number) => typeof archive === 'string' ? readPart(archive, start, length) : archive.subarray(start, start + length);
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

/** At once and not as yauzl's stream, which takes three times as long. */
function unpack(entry: Entry, bytes: (start: number, length: number) => Buffer): Buffer {
  const { compressionMethod, compressedSize, uncompressedSize, fileName } = entry;
  const header = bytes(entry.relativeOffsetOfLocalHeader, LOCAL_HEADER);
  const start = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28); // the name, and more
  const data = bytes(start, compressedSize);
  const content = compressionMethod === DEFLATED ? inflateRawSync(data, { maxOutputLength: uncompressedSize || 1 }) : data;
  const isKnown = [STORED, DEFLATED].includes(compressionMethod);
  if (!isKnown || content.length !== uncompressedSize || crc32(content) !== entry.crc32) throw new Error(`the archive is damaged at ${fileName}`);
  return content;
}

/** Bytes. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.7) */
const LOCAL_HEADER = 30;

function readPart(file: string, start: number, length: number): Buffer {
  const descriptor = fs.openSync(file, 'r');
  try {
    const part = Buffer.allocUnsafeSlow(length); // a slice of a pool would keep all of the pool
    const size = length === 0 ? 0 : fs.readSync(descriptor, part, 0, length, start);
    return part.subarray(0, size);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** The digests of the files in an archive: its content, whatever compressor made it. Fails for what is not a zip. */
export async function digestArchive(archive: Buffer): Promise<FileDigest[]> {
  const files: FileDigest[] = [];
  for await (const { path, mode, content } of readArchive(archive)) files.push(digestFile({ path, executable: isExecutable(mode), content }));
  return files;
}
