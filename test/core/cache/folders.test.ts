import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { markUsed, removeUnused, tidyUp } from '../../../lib/core/cache/folders';
import { temporaryFolder, writeFiles } from '../../setup/projects';

// whose times this user may not set; root may, but not those of a process
const SOMEBODY_ELSES = process.getuid?.() === 0 ? '/proc/1' : '/';

test.skipIf(!fs.existsSync(SOMEBODY_ELSES))('what belongs to somebody else may be used', () => {
  expect(() => fs.utimesSync(SOMEBODY_ELSES, 0, 0)).toThrow(/^(EPERM|EACCES|EROFS)\b/);
  expect(() => markUsed(SOMEBODY_ELSES)).not.toThrow();
});

test('what is gone was not used', () => {
  expect(() => markUsed(path.join(temporaryFolder(), 'gone'))).toThrow(/^ENOENT/);
});

test('what is too much, by number or by size, goes; what was used last and what is young stays', () => {
  const sizes = { a: 10, b: 20, c: 70, d: 1 };
  const make = (hours: number) => {
    const folder = writeFiles(temporaryFolder(), Object.fromEntries(Object.entries(sizes).map(([name, size]) => [`${name}/file`, '.'.repeat(size)])));
    for (const [i, name] of Object.keys(sizes).entries()) {
      const used = new Date(Date.now() - (hours + i) * 3_600_000);
      fs.utimesSync(path.join(folder, name), used, used);
    }
    return folder;
  };
  const left = (max: number, maxSize?: number, hours = 2) => {
    const folder = make(hours);
    removeUnused(folder, max, maxSize);
    return fs.readdirSync(folder).join('');
  };
  expect([left(9), left(3), left(9, 101), left(9, 100), left(9, 99), left(1, 100), left(9, 5), left(9, 5, 0.5)]).toEqual(['abcd', 'abc', 'abcd', 'abc', 'ab', 'a', '', 'a']);
});

test('a folder is not tidied up again within minutes', () => {
  const folder = path.join(writeFiles(temporaryFolder(), { 'items/a/file': '' }), 'items');
  const before = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const age = (name: string, minutes: number) => fs.utimesSync(path.join(folder, name), before(minutes), before(minutes));
  const tidied = () => {
    fs.mkdirSync(path.join(folder, 'a'), { recursive: true });
    age('a', 120);
    tidyUp(folder, 0);
    return !fs.existsSync(path.join(folder, 'a'));
  };
  expect(tidied()).toBe(true);
  expect(tidied()).toBe(false);
  age('../.items-tidied', 11);
  expect(tidied()).toBe(true);
  age('../.items-tidied', -11); // the clock was set back
  expect(tidied()).toBe(true);
});
