import { expect, test } from 'vitest';
import { compareVersions, isSameVersion } from '../../../lib/core/pep/version';

test('versions in the order of releases', () => {
  const ordered = ['0.9', '0.10', '1.0.0a1', '1.0.0-rc.1', '1.0.0', '1.0.0.post1', '2!0.1', 'nightly-9', 'nightly-10'];
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
  expect([...ordered].sort(compareVersions)).toEqual(ordered);
});

test('two spellings of a version', () => {
  expect([['1.0.0-rc.1', '1.0.0rc1'], ['1.0', '1.0.0'], ['nightly', 'nightly'], ['1.0', '1.1'], ['nightly', 'Nightly']].map(([a, b]) => isSameVersion(a, b))).toEqual([true, true, true, false, false]);
});
