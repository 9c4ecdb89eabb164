import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { statIfThere } from '../base/files';

const MIN_AGE = 60 * 60 * 1000; // ms; a process of another container may have the number of one that is gone here
const MIN_FREE = 1024 ** 3; // bytes
// setuptools writes each of a project's files three times more, and other builds run at the same time
const PARTS = 16;

/** A folder of this process, with what killed ones left beside it gone. */
export function temporaryFolder(name: string, parent = os.tmpdir()): string {
  const real = fs.realpathSync(parent);
  removeLeftOvers(real, name);
  return fs.mkdtempSync(path.join(real, `${name}-${process.pid}-`));
}

/**
 * Where files cost no disk, if there is room for a project. A TMPDIR that the user chose is kept to.
 *
 * @param size of the project's files, bytes
 */
export function memoryFolder(size: number): string {
  const shared = '/dev/shm';
  if (process.platform !== 'linux' || process.env.TMPDIR !== undefined) return os.tmpdir();
  try {
    fs.accessSync(shared, fs.constants.W_OK);
    const { bavail, bsize } = fs.statfsSync(shared);
    return bavail * bsize >= Math.max(MIN_FREE, PARTS * size) ? shared : os.tmpdir();
  } catch {
    return os.tmpdir();
  }
}

function removeLeftOvers(parent: string, name: string): void {
  const old = Date.now() - MIN_AGE;
  const pattern = new RegExp(`^${name}-(\\d+)-\\w{6}$`);
  for (const item of fs.readdirSync(parent)) {
    const [, pid] = pattern.exec(item) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = path.join(parent, item);
    if ((statIfThere(folder)?.mtimeMs ?? Infinity) >= old) continue;
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch { /* it is somebody else's */ }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
