import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { markUsed } from '../../lib/core/artifact-folders';
import { temporaryFolder } from '../setup/projects';

// whose times this user may not set; root may, but not those of a process
const SOMEBODY_ELSES = process.getuid?.() === 0 ? '/proc/1' : '/';

test.skipIf(!fs.existsSync(SOMEBODY_ELSES))('what belongs to somebody else may be used', () => {
  expect(() => fs.utimesSync(SOMEBODY_ELSES, 0, 0)).toThrow(/^(EPERM|EACCES|EROFS)\b/);
  expect(() => markUsed(SOMEBODY_ELSES)).not.toThrow();
});

test('what is gone was not used', () => {
  expect(() => markUsed(path.join(temporaryFolder(), 'gone'))).toThrow(/^ENOENT/);
});
