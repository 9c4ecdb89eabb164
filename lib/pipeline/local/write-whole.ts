import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArtifactError } from '../../core/base/error';
import { realPath } from '../../core/base/files';
import type { TreeFile } from '../../core/base/tree';

const TEMPORARY = /^\..+\.pip-source-artifact-[0-9a-f]{12}$/;
const MIN_AGE = 60 * 60 * 1000; // ms; a younger one may be in use

/** The temporary files and folders that a killed run leaves behind, as a pattern of .gitignore. */
export const REMAINS_PATTERN = '.*.pip-source-artifact-*';

/** Write a file so that nobody sees half of it: it appears or replaces the old one by one rename. */
export function writeFileWhole(file: string, content: Buffer): void {
  writeBeside(file, (temporary, target) => {
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, target);
  });
}

/** Write a folder so that nobody sees half of it: the old one stays until the new one is complete. */
export function writeFolderWhole(folder: string, files: readonly TreeFile[]): void {
  writeBeside(folder, (temporary, target) => {
    fs.mkdirSync(temporary);
    for (const file of files) {
      const destination = path.join(temporary, file.path);
      fs.mkdirSync(path.dirname(destination), { recursive: true });
      fs.writeFileSync(destination, file.content, { mode: file.executable ? 0o755 : 0o644 });
    }
    exchangeFolder(temporary, target);
  });
}

/** Replace a folder. It cannot be renamed over another, so for a moment there is neither; but there is never half of one. */
function exchangeFolder(source: string, folder: string): void {
  writeBeside(folder, (old, target) => {
    for (let attempt = 0; ; attempt++) {
      if (fs.existsSync(target)) fs.renameSync(target, old);
      try {
        return fs.renameSync(source, target);
      } catch (error) {
        if (attempt === 3) throw error;
        fs.rmSync(old, { recursive: true, force: true }); // meanwhile another process has put a folder there
      }
    }
  });
}

/** Write under a temporary name beside the target. If the target is a link, the file behind the link is written. */
function writeBeside(given: string, write: (temporary: string, target: string) => void): void {
  const target = realPath(given);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.pip-source-artifact-${randomBytes(6).toString('hex')}`);
  try {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    removeRemains(path.dirname(target));
    write(temporary, target);
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    throw new ArtifactError({
      reference: 'not-writable',
      problem: `it cannot be written (${(cause as NodeJS.ErrnoException).code})`,
      got: given,
      advice: 'make room, change the permissions, or write to another place',
    }, undefined, { cause });
  } finally {
    if (fs.existsSync(temporary)) fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Remove temporary files and folders of killed runs. */
function removeRemains(folder: string): void {
  const old = Date.now() - MIN_AGE;
  for (const name of fs.readdirSync(folder).filter((item) => TEMPORARY.test(item))) {
    const item = path.join(folder, name);
    if ((fs.statSync(item, { throwIfNoEntry: false })?.mtimeMs ?? old) < old) fs.rmSync(item, { recursive: true, force: true });
  }
}
