import * as fs from 'node:fs';
import type { Labels } from './object-labels';

// the end of a zip, bytes: its signature, and its size without the comment
// @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.16)
const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;
const MAX_DIGESTS = 60_000; // characters: of 7,500 modules

/**
 * The key of an archive that was built without a commit, or with uncommitted changes. It differs from that of a committed build, because
 * the CDK keeps the first object of a key, and the record of a later commit would be lost.
 */
export function uncommittedKey(key: string): string {
  return key.replace(/(\.[^./]*)?$/, `.${UNCOMMITTED}$1`);
}

/** The mark of such a key. It stands behind a dot, because `cdk gc` searches the templates for the text before the first dot. */
export const UNCOMMITTED = 'uncommitted';

/**
 * Write an archive with the record of its build in the zip's comment, which does not belong to the content. An equal file stays.
 *
 * @param file the file that is staged
 */
export function writeStagedArchive(file: string, archive: string, record: Labels): void {
  const comment = Buffer.from(JSON.stringify(record));
  const { size } = fs.lstatSync(archive);
  if (readComment(file)?.equals(comment) && fs.lstatSync(file).size === size + comment.length) return;
  const temporary = `${file}.${process.pid}`;
  fs.copyFileSync(archive, temporary);
  try {
    setComment(temporary, comment);
    fs.renameSync(temporary, file);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** What a record says of bytecode; nothing where there is too much of it for the comment of a zip. */
export function bytecodeRecord(bytecodeDigests: string | undefined): Labels {
  return bytecodeDigests === undefined || bytecodeDigests.length > MAX_DIGESTS ? {} : { [BYTECODE]: bytecodeDigests };
}

/** The name of a record's short digests of bytecode. */
export const BYTECODE = 'bytecode';

/** Remove the record from a staged archive, and return it. The file has then the bytes that are published. */
export function takeRecord(file: string): Labels {
  const comment = readComment(file);
  if (!comment || comment.length === 0) return {};
  setComment(file, Buffer.alloc(0));
  try {
    return JSON.parse(comment.toString());
  } catch {
    return {}; // somebody else's comment
  }
}

/** The comment of a zip; `undefined` if the file is not a zip. */
function readComment(file: string): Buffer | undefined {
  const { size } = fs.lstatSync(file);
  const tail = Buffer.alloc(Math.min(size, END_SIZE + MAX_COMMENT));
  const descriptor = fs.openSync(file, 'r');
  try {
    fs.readSync(descriptor, tail, 0, tail.length, size - tail.length);
  } finally {
    fs.closeSync(descriptor);
  }
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    const isEnd = tail.readUInt32LE(at) === END_SIGNATURE && tail.readUInt16LE(at + END_SIZE - 2) === tail.length - at - END_SIZE;
    if (isEnd) return tail.subarray(at + END_SIZE);
  }
  return undefined;
}

function setComment(file: string, comment: Buffer): void {
  const end = fs.lstatSync(file).size - (readComment(file)?.length ?? 0);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(comment.length);
  const descriptor = fs.openSync(file, 'r+');
  try {
    fs.ftruncateSync(descriptor, end);
    fs.writeSync(descriptor, Buffer.concat([length, comment]), 0, length.length + comment.length, end - length.length);
  } finally {
    fs.closeSync(descriptor);
  }
}
