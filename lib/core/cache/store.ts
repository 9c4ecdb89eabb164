import * as fs from 'node:fs';
import * as path from 'node:path';
import { markUsed, replaceFolder, tidyUp, WRITING } from './folders';
import { sha256 } from '../base/tree';

const RECORD = 'record.json';
const MAX_ENTRIES = 200;
const MAX_SIZE = 2 * 1024 ** 3; // bytes of all entries: a layer alone may have hundreds of megabytes

interface Checked<R> {
  readonly record: R;
  /** The state of each file when it was written, by its name. */
  readonly stamps: Readonly<Record<string, string>>;
  /** A digest of key and record: it reveals a damaged record, and one in the wrong place. */
  readonly check: string;
}

/** By the name of each file of an entry: whether its content is the one that the record describes. */
type Checks<R> = Readonly<Record<string, (content: Buffer, record: R) => boolean>>;

/**
 * Records with files, by key, in a folder. Each entry is a folder of its own. It appears by one rename, so that concurrent processes see it
 * whole or not at all, and it is checked whenever it is read.
 */
export class ArtifactStore<R> {
  /**
   * @param isTrusted whether a file with the size, time and inode of the written one is accepted without reading it: to read tens of
   * megabytes takes longer than all the rest of a synth
   */
  constructor(readonly folder: string, private readonly check: Checks<R>, private readonly isTrusted = false) {}

  /** The record; `undefined` if there is no entry, or it is damaged. */
  read(key: string): R | undefined {
    try {
      const { record, stamps, check }: Checked<R> = JSON.parse(fs.readFileSync(this.file(key, RECORD), 'utf8'));
      if (check !== checkOf(key, record)) return undefined;
      for (const [name, isRight] of Object.entries(this.check)) {
        const file = this.file(key, name);
        const isAsWritten = this.isTrusted && stamps[name] === stampOf(file);
        if (!isAsWritten && !isRight(fs.readFileSync(file), record)) return undefined;
      }
      markUsed(path.join(this.folder, key));
      return record;
    } catch {
      return undefined; // it is made anew
    }
  }

  write(key: string, record: R, files: Readonly<Record<string, Buffer | string>>): void {
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const temporary = fs.mkdtempSync(path.join(this.folder, WRITING));
    try {
      const stamps = Object.fromEntries(Object.entries(files).map(([name, content]) => {
        const file = path.join(temporary, name);
        fs.writeFileSync(file, content, { mode: 0o600 });
        return [name, stampOf(file)];
      }));
      const checked: Checked<R> = { record, stamps, check: checkOf(key, record) };
      fs.writeFileSync(path.join(temporary, RECORD), JSON.stringify(checked), { mode: 0o600 });
      replaceFolder(temporary, path.join(this.folder, key), () => JSON.stringify(this.read(key)) === JSON.stringify(record));
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    tidyUp(this.folder, MAX_ENTRIES, MAX_SIZE);
  }

  /** The path of a file of an entry. */
  file(key: string, name: string): string {
    return path.join(this.folder, key, name);
  }
}

function stampOf(file: string): string {
  const { size, mtimeNs, ino } = fs.statSync(file, { bigint: true });
  return `${size} ${mtimeNs} ${ino}`;
}

function checkOf(key: string, record: unknown): string {
  return sha256(key + JSON.stringify(record));
}
