import * as fs from 'node:fs';
import * as path from 'node:path';
import { sha256 } from './artifact-digest';
import { markUsed, removeUnused, replaceFolder, WRITING } from './artifact-folders';

const RECORD = 'record.json';
const MAX_ENTRIES = 200;

interface Checked<R> {
  readonly record: R;
  /** Tells a damaged record, and one in the wrong place. */
  readonly check: string;
}

/**
 * Records with files, by key, in a folder. An entry is a folder that appears by one rename, so that concurrent processes see it whole
 * or not at all, and is checked whenever it is read.
 */
export class ArtifactStore<R> {
  /** @param check by the name of each file of an entry: whether its content is that which the record tells of */
  constructor(readonly folder: string, private readonly check: Readonly<Record<string, (content: Buffer, record: R) => boolean>>) {}

  /** The record, if the entry is there and undamaged. */
  read(key: string): R | undefined {
    try {
      const { record, check }: Checked<R> = JSON.parse(fs.readFileSync(this.file(key, RECORD), 'utf8'));
      if (check !== checkOf(key, record)) return undefined;
      if (Object.entries(this.check).some(([name, isRight]) => !isRight(fs.readFileSync(this.file(key, name)), record))) return undefined;
      markUsed(path.join(this.folder, key));
      return record;
    } catch {
      return undefined; // not there or damaged: made anew
    }
  }

  write(key: string, record: R, files: Readonly<Record<string, Buffer | string>>): void {
    fs.mkdirSync(this.folder, { recursive: true });
    const temporary = fs.mkdtempSync(path.join(this.folder, WRITING));
    try {
      const checked: Checked<R> = { record, check: checkOf(key, record) };
      const all = Object.entries({ ...files, [RECORD]: JSON.stringify(checked) });
      for (const [name, content] of all) fs.writeFileSync(path.join(temporary, name), content);
      replaceFolder(temporary, path.join(this.folder, key), () => this.read(key) !== undefined);
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    removeUnused(this.folder, MAX_ENTRIES);
  }

  /** Where a file of an entry is. */
  file(key: string, name: string): string {
    return path.join(this.folder, key, name);
  }
}

function checkOf(key: string, record: unknown): string {
  return sha256(key + JSON.stringify(record));
}
