import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
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
  /** Whether its name has a backslash or a control character, which are given as others. */
  readonly hasOddName: boolean;
  /** Fails for one that is damaged. */
  read(): Buffer;
  /** The same, piece by piece. Fails at its end for one that is damaged. */
  stream(): AsyncIterable<Buffer>;
}

const [STORED, DEFLATED] = [0, 8];
const [SPACE, BACKSLASH] = [0x20, 0x5c];

/** The files in a zip, one after the other. Fails for what is not a zip, and for a damaged one. */
export async function* readArchive(archive: Buffer): AsyncGenerator<ArchiveEntry> {
  for (const entry of await listArchive(archive)) yield { path: entry.path, mode: entry.mode, content: entry.read() };
}

/**
 * Lists the files of a zip by its central directory: nothing is unpacked yet. Fails for a file that is not a zip.
 *
 * @param archive the bytes, or a file, of which no more is read than is asked for
 */
export async function listArchive(archive: Buffer | string): Promise<PackedEntry[]> {
  const bytes = (start: number, length: number) =>
    typeof archive === 'string' ? readPart(archive, start, length) : archive.subarray(start, start + length);
  const zip = await (typeof archive === 'string' ? openPromise(archive) : fromBufferPromise(archive));
  const entries: PackedEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    entries.push({
      path: entry.fileName,
      mode: Math.floor(entry.externalFileAttributes / 0x10000), // the upper half is Unix's
      size: entry.uncompressedSize,
      hasOddName: entry.fileNameRaw.some((byte) => byte < SPACE || byte === BACKSLASH),
      read: () => unpack(entry, bytes),
      stream: () => unpackStream(entry, bytes),
    });
  }
  return entries;
}

type ReadBytes = (start: number, length: number) => Buffer;

function startOf({ relativeOffsetOfLocalHeader }: Entry, bytes: ReadBytes): number {
  const header = bytes(relativeOffsetOfLocalHeader, LOCAL_HEADER);
  return relativeOffsetOfLocalHeader + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28); // the name, and more
}

async function* unpackStream(entry: Entry, bytes: ReadBytes): AsyncGenerator<Buffer> {
  const { compressionMethod, compressedSize, uncompressedSize, fileName } = entry;
  const start = startOf(entry, bytes);
  const packed = function* () {
    for (let at = 0; at < compressedSize; at += PIECE) yield bytes(start + at, Math.min(PIECE, compressedSize - at));
  };
  const isKnown = [STORED, DEFLATED].includes(compressionMethod);
  // an error of either reaches whoever reads the second
  const content = compressionMethod === DEFLATED ? pipeline(Readable.from(packed()), createInflateRaw(), () => {}) : packed();
  let size = 0;
  let check = 0;
  for await (const piece of content as AsyncIterable<Buffer>) {
    size += piece.length;
    check = crc32(piece, check);
    yield piece;
  }
  if (!isKnown || size !== uncompressedSize || check !== entry.crc32) throw new Error(`the archive is damaged at ${fileName}`);
}

/** Bytes that are read at once. */
const PIECE = 1024 * 1024;

/** At once and not as yauzl's stream, which takes three times as long. */
function unpack(entry: Entry, bytes: ReadBytes): Buffer {
  const { compressionMethod, compressedSize, uncompressedSize, fileName } = entry;
  // deflate adds a thousandth at most
  if (compressedSize > uncompressedSize + PIECE) throw new Error(`the archive is damaged at ${fileName}`);
  const data = bytes(startOf(entry, bytes), compressedSize);
  const content = compressionMethod === DEFLATED ? inflateRawSync(data, { maxOutputLength: uncompressedSize || 1 }) : data;
  const isKnown = [STORED, DEFLATED].includes(compressionMethod);
  if (!isKnown || content.length !== uncompressedSize || crc32(content) !== entry.crc32) {
    throw new Error(`the archive is damaged at ${fileName}`);
  }
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

/**
 * The digests of the files in an archive: its content, whatever compressor made it. Fails for what is not a zip.
 *
 * @param archive the bytes, or a file, of which a few megabytes are in memory at a time
 */
export async function digestArchive(archive: Buffer | string): Promise<FileDigest[]> {
  const files: FileDigest[] = [];
  for (const { path, mode, size, read, stream } of await listArchive(archive)) {
    const executable = isExecutable(mode);
    if (size <= LARGE) files.push(digestFile({ path, executable, content: read() }));
    else files.push({ path, executable, sha256: await digestStream(stream()) });
  }
  return files;
}

/** Bytes. What is larger is not held in memory. */
const LARGE = 16 * 1024 * 1024;

async function digestStream(content: AsyncIterable<Buffer>): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of content) digest.update(chunk);
  return digest.digest('hex');
}
