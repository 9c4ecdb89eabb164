import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { getObject, type ObjectHead } from './object';
import { ArtifactError } from '../base/error';
import { sha256, type FileDigest } from '../base/tree';
import { digestArchive } from '../package/read-archive';
import type { Place } from '../plan/object-key';

/** An archive in memory, or the file that holds it: a Lambda function has no room for several in its memory. */
export type LocalArchive = Buffer | string;

export function sizeOf(archive: LocalArchive): number {
  return Buffer.isBuffer(archive) ? archive.length : fs.lstatSync(archive).size;
}

/** Of the bytes, base64. */
export async function codeSha256Of(archive: LocalArchive): Promise<string> {
  if (Buffer.isBuffer(archive)) return sha256(archive, 'base64');
  const digest = createHash('sha256');
  for await (const chunk of fs.createReadStream(archive)) digest.update(chunk as Buffer);
  return digest.digest('base64');
}

export function contentOf(archive: LocalArchive): Buffer | Readable {
  return Buffer.isBuffer(archive) ? archive : fs.createReadStream(archive);
}

/** `undefined` for what is not an archive, and the error for one that has bytecode of other code. */
export async function tryDigest(archive: LocalArchive, bytecodeDigests?: string): Promise<FileDigest[] | ArtifactError | undefined> {
  return digestArchive(archive, bytecodeDigests).catch((error) => error instanceof ArtifactError ? error : undefined);
}

/** Do something in a folder that is gone afterwards. */
export async function inTemporaryFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pip-source-publication-'));
  try {
    return await action(folder);
  } finally {
    // again, as a file that was about to be opened when a download broke off may come into being meanwhile
    await fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** An object that is larger is none of ours: Lambda takes 250 MiB unzipped. Bytes; a Lambda function has 512 MB of disk. */
const MAX_ARCHIVE = 280 * 1024 * 1024;

/**
 * Read an object into a file.
 *
 * @returns what S3 says of it, and whether it is in the file: it is not if it is too large to be an archive; nothing if there is none
 */
export async function downloadTo(
  file: string, s3: S3Client, place: Place, signal?: AbortSignal,
): Promise<{ readonly head: ObjectHead; readonly isRead: boolean } | undefined> {
  const found = await getObject(s3, place, async (body, { ContentLength }) => {
    if (ContentLength !== undefined && ContentLength > MAX_ARCHIVE) return false;
    await pipeline(body, fs.createWriteStream(file), { signal });
    checkLength(fs.lstatSync(file).size, ContentLength);
    return true;
  }, signal);
  return found && { head: found.head, isRead: found.received };
}

/** Read an object into memory. */
export async function downloadObject(
  s3: S3Client, place: Place, signal?: AbortSignal,
): Promise<{ readonly head: ObjectHead; readonly content: Buffer } | undefined> {
  const found = await getObject(s3, place, async (body, { ContentLength }) => {
    const chunks: Buffer[] = [];
    await pipeline(body, async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) chunks.push(chunk);
    }, { signal });
    const content = Buffer.concat(chunks);
    checkLength(content.length, ContentLength);
    return content;
  }, signal);
  return found && { head: found.head, content: found.received };
}

function checkLength(got: number, expected: number | undefined): void {
  if (expected !== undefined && got !== expected) throw new Error(`${got} of ${expected} bytes`);
}
