import * as fs from 'node:fs';
import type { Labels } from './object-labels';

/** The end of a zip: its signature, and its size without the comment, bytes. @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.16) */
const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;

/**
 * The key of an archive that was built without a commit, or with uncommitted changes. It is staged beside the other and never in its
 * place: the CDK keeps what is staged first, and a commit of the same content is to be found later.
 */
export function uncommittedKey(key: string): string {
  return key.replace(/(\.[^./]*)?$/, `.${UNCOMMITTED}$1`);
}

/** Behind a dot: `cdk gc` looks in the templates for what stands before the first one. */
export const UNCOMMITTED = 'uncommitted';

/**
 * Write an archive with the record of its build as the zip's comment, which is no content. Nothing is written where it is there.
 *
 * @param file what is staged
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

/** Take the record out of a staged archive: what is left are the bytes that are published. */
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

/** `undefined` for what is not a zip. */
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
