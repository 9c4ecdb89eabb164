import { crc32, deflateRaw } from 'node:zlib';
import { byPath, type TreeFile } from '../base/tree';

/** The first date that a zip can hold. A fixed one: the archive must not depend on when files were written. */
const EPOCH = new Date('1980-01-01T00:00:00Z');

/**
 * Stage 2: an installed tree as a zip, its files at the root. The same files give the same bytes wherever the same zlib runs.
 *
 * @param isPlain whether it is not compressed: then sizes stand before the files, without which uv does not read an empty one
 * @param ready what is compressed already
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
 */
export async function packageTree(files: readonly TreeFile[], isPlain = false, ready: Deflated = new Map()): Promise<Buffer> {
  const { ZipArchive } = await loadArchiver();
  const archive = new ZipArchive(isPlain ? { store: true } : { zlib: { level: 9 } });
  if (!isPlain) {
    const others = await deflateAll(files.filter(({ content }) => !ready.has(content)));
    takeDeflated(archive, new Map([...ready, ...others]));
  }
  // archiver would append files that it reads itself in the order in which the disk answers
  for (const { path: name, executable, content } of [...files].sort(byPath)) {
    archive.append(content, { name, date: EPOCH, mode: executable ? 0o755 : 0o644 });
  }
  const [chunks] = await Promise.all([archive.toArray() as Promise<Buffer[]>, archive.finalize()]);
  return Buffer.concat(chunks);
}

/** Its time to load is that of a small build: it is loaded while a backend runs. */
export async function loadArchiver(): Promise<typeof import('archiver')> {
  return import('archiver');
}

const AT_ONCE = 4; // the threads of Node's pool; each keeps a quarter of a megabyte

/** What is compressed, by content. */
export type Deflated = ReadonlyMap<Buffer, Buffer>;

/** Archiver compresses one file after the other, and this takes as many cores as there are. */
export async function deflateAll(files: readonly TreeFile[]): Promise<Deflated> {
  const deflated = new Map<Buffer, Buffer>();
  const waiting = files.values(); // shared: each takes the next
  const work = async () => {
    for (const { content } of waiting) deflated.set(content, await deflate(content));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return deflated;
}

async function deflate(content: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflateRaw(content, { level: 9 }, (error, result) => error ? reject(error) : resolve(result));
  });
}

/** What archiver's engine has of an entry while it writes one. */
interface Engine {
  _smartStream(entry: Entry, done: (error: null, entry: Entry) => void): { end(content: Buffer): void };
  _afterAppend(entry: Entry): void;
  write(data: Buffer): void;
}

interface Entry {
  setCrc(crc: number): void;
  setSize(size: number): void;
  setCompressedSize(size: number): void;
}

/** Hand what is compressed already to archiver, which has no option for it: the bytes are the same (write-archive.test.ts). */
function takeDeflated(archive: object, deflated: Deflated): void {
  const { engine } = (archive as { readonly _module: { readonly engine: Engine } })._module;
  engine._smartStream = (entry, done) => ({
    end: (content) => {
      const data = deflated.get(content)!;
      entry.setCrc(crc32(content));
      entry.setSize(content.length);
      entry.setCompressedSize(data.length);
      engine.write(data);
      engine._afterAppend(entry);
      done(null, entry);
    },
  });
}
