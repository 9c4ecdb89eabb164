import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';

/** A file in a zip. */
export interface ArchiveEntry {
  readonly path: string;
  /** As Unix has it: type and permissions. 0 where the archive does not tell. */
  readonly mode: number;
  readonly content: Buffer;
}

/** The files in a zip, one after the other. Fails for what is not a zip. */
export async function* readArchive(archive: Buffer): AsyncGenerator<ArchiveEntry> {
  const zip = await fromBufferPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const mode = Math.floor(entry.externalFileAttributes / 0x10000); // the upper half is Unix's
    yield { path: entry.fileName, mode, content: await buffer(await zip.openReadStreamPromise(entry)) };
  }
}
