import { expect, test } from 'vitest';
import { buildsAtOnce, quotaOf } from '../../../lib/core/process/parallelism';

const GIB = 1024 ** 3;

test.each<[string, { cores: number; memory: number }, number]>([
  ['as many as there are cores', { cores: 4, memory: 64 * GIB }, 4],
  ['eight on a large machine', { cores: 64, memory: 512 * GIB }, 8],
  ['one for each half of a gigabyte', { cores: 8, memory: 2 * GIB }, 4],
  ['one with little memory', { cores: 8, memory: 256 * 1024 ** 2 }, 1],
  ['two for one and a half cores', { cores: 1.5, memory: 8 * GIB }, 2],
  ['one for a part of a core', { cores: 0.25, memory: 8 * GIB }, 1],
])('builds at once: %s', (_, machine, expected) => {
  expect(buildsAtOnce({}, machine)).toBe(expected);
});

test.each([['3', 3], ['20', 20], ['0', 2], ['-1', 2], ['1.5', 2], ['many', 2], ['', 2]])('PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS=%s', (wanted, expected) => {
  expect(buildsAtOnce({ PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS: wanted }, { cores: 2, memory: 8 * GIB })).toBe(expected);
});

test('of this machine, at least one', () => {
  expect(buildsAtOnce({})).toBeGreaterThanOrEqual(1);
});

test.each([['150000 100000\n', 1.5], ['max 100000\n', Infinity], ['', Infinity]])('the quota of a control group: %j', (text, cores) => {
  expect(quotaOf(text)).toBe(cores);
});
