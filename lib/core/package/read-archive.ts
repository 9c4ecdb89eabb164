import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { fromBufferPromise, openPromise, type Entry } from 'yauzl';
import { refusal } from '../base/error';
import { isExecutable, type FileDigest } from '../base/tree';
import {
  HEADER_SIZE, isInBytecodeFolder, isOfSource, misfitOf, recordedIn, sourceHashFor, sourceOfBytecode, type SourceHash,
} from '../pep/bytecode';

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

/** The digests of the files in an archive, whatever compressor made it. */
export interface ArchiveDigests {
  /** Of its content. */
  readonly files: FileDigest[];
  /** Of the bytecode, which is derived from the content and belongs to no digest of it. */
  readonly bytecode: FileDigest[];
}

/**
 * The digests of the files in an archive, without bytecode. Fails for what is not a zip.
 *
 * @param archive the bytes, or a file, of which a few megabytes are in memory at a time
 * @param bytecodeDigests short digests of the bytecode that was compiled for it, if they are known
 * @throws ArtifactError that names bytecode that Lambda would run although it is not of its source
 */
export async function digestArchive(archive: Buffer | string, bytecodeDigests?: string): Promise<FileDigest[]> {
  const { files, bytecode } = await digestWithBytecode(archive);
  const isRecorded = bytecodeDigests === undefined ? () => true : recordedIn(bytecodeDigests);
  const other = bytecode.find(({ sha256 }) => !isRecorded(sha256));
  if (other) throw damaged(other.path, 'is not what was compiled');
  return files;
}

/** As `digestArchive`, with the digests of the bytecode. */
export async function digestWithBytecode(archive: Buffer | string): Promise<ArchiveDigests> {
  const entries = await listArchive(archive);
  const bytecode: FileDigest[] = [];
  const starts = new Map<string, Start[]>();
  for (const entry of entries.filter(({ path }) => isInBytecodeFolder(path))) {
    const { path } = entry;
    const source = sourceOfBytecode(path)?.source;
    if (source === undefined) throw damaged(path, 'is in __pycache__ and is no bytecode');
    const { digest, start } = await digestEntry(entry).catch(() => { throw damaged(path, 'is damaged'); });
    const misfit = misfitOf(start) ?? (digest.executable ? 'is executable' : undefined);
    if (misfit !== undefined) throw damaged(path, misfit);
    bytecode.push(digest);
    starts.set(source, [...starts.get(source) ?? [], { path, start }]);
  }
  const files: FileDigest[] = [];
  for (const entry of entries.filter(({ path }) => !isInBytecodeFolder(path))) {
    const compiled = starts.get(entry.path) ?? [];
    const hashes = compiled.map(({ start }) => sourceHashFor(start));
    files.push((await digestEntry(entry, hashes)).digest);
    const other = compiled.find(({ start }, i) => !isOfSource(start, hashes[i]));
    if (other) throw damaged(other.path, 'is not of the source beside it');
    starts.delete(entry.path);
  }
  for (const [{ path }] of starts.values()) throw damaged(path, 'has no source beside it');
  return { files, bytecode };
}

/** The first bytes of a file of bytecode. */
interface Start {
  readonly path: string;
  readonly start: Buffer;
}

/** Bytes. What is larger is not held in memory. */
const LARGE = 16 * 1024 * 1024;

/** @param hashes are given the content too */
async function digestEntry(entry: PackedEntry, hashes: readonly SourceHash[] = []): Promise<{ digest: FileDigest; start: Buffer }> {
  const sha256 = createHash('sha256');
  let start = Buffer.alloc(0);
  const take = (part: Buffer) => {
    sha256.update(part);
    for (const hash of hashes) hash.update(part);
    if (start.length <= HEADER_SIZE) start = Buffer.concat([start, part.subarray(0, HEADER_SIZE + 1)]);
  };
  if (entry.size <= LARGE) take(entry.read());
  else for await (const part of entry.stream()) take(part);
  return { digest: { path: entry.path, executable: isExecutable(entry.mode), sha256: sha256.digest('hex') }, start };
}

function damaged(path: string, why: string) {
  return refusal('bytecode-damaged', `the archive has a file that ${why}`, path, 'make the archive again, and see who changed it');
}
