import * as path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { newBucket, tinyProject } from './projects';
import { buildPackageUploadSourceArtifacts, diffSourceVersions } from '../../lib/pipeline/api';
import { diffTrees } from '../../lib/pipeline/local/text-diff';
import { run } from '../cli/run';
import { digestFolder } from '../setup/projects';

let s3Client: S3Client;
let s3DirLambda: string;
let newer: string;

const quiet = { verbose: false };
const file = (name: string, content: string | Buffer, executable = false) => ({ path: name, content: Buffer.from(content), executable });

beforeAll(async () => {
  ({ s3Client, s3DirLambda } = await newBucket('diffed'));
  newer = tinyProject({ version: '1.1', code: 'import json\n\ndef lambda_handler(event, context): ...\n', files: { 'new.py': 'x = 1\n' } });
  const older = tinyProject({ version: '1.0', files: { 'old.bin': '\0' } });
  for (const dirProjectRoot of [older, newer]) await buildPackageUploadSourceArtifacts({ ...quiet, s3Client, s3DirLambda, dirProjectRoot, skipPrompt: true });
});

describe('texts', () => {
  test('are compared line by line, as diff -u does', () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i + 1}\n`);
    const after = before.map((line, i) => i === 9 ? 'changed\n' : line);
    expect(diffTrees([file('a.txt', before.join(''))], [file('a.txt', after.join(''))])).toEqual([{
      path: 'a.txt',
      change: 'changed',
      patch: '--- a/a.txt\n+++ b/a.txt\n@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+changed\n line 11\n line 12\n line 13\n',
    }]);
  });

  test.each<[string, Parameters<typeof diffTrees>[0], Parameters<typeof diffTrees>[0], unknown]>([
    ['a new file', [], [file('a', 'x\n')], [{ path: 'a', change: 'added', patch: '--- /dev/null\n+++ b/a\n@@ -0,0 +1,1 @@\n+x\n' }]],
    ['one that is gone', [file('a', 'x\n')], [], [{ path: 'a', change: 'removed', patch: '--- a/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n' }]],
    ['no line feed at the end', [file('a', 'x')], [file('a', 'y')], [{ path: 'a', change: 'changed', patch: expect.stringContaining('\\ No newline at end of file') }]],
    ['another mode', [file('a', 'x')], [file('a', 'x', true)], [{ path: 'a', change: 'changed' }]],
    ['bytes that are no text', [file('a', 'x')], [file('a', Buffer.from([0xff, 0xfe]))], [{ path: 'a', change: 'changed' }]],
    ['a zero byte', [file('a', '\0')], [file('a', 'x')], [{ path: 'a', change: 'changed' }]],
    ['the same', [file('a', 'x')], [file('a', 'x')], []],
  ])('%s', (_, before, after, expected) => {
    expect(diffTrees(before, after)).toEqual(expected);
  });

  test('that are large and all different are not compared: it would take minutes', () => {
    const lines = (start: string) => Array.from({ length: 20_000 }, (_, i) => `${start} ${i}`).join('\n');
    expect(diffTrees([file('a', lines('a'))], [file('a', lines('b'))])).toEqual([{ path: 'a', change: 'changed' }]);
  });
});

test('two published versions', async () => {
  const { from, to, differences } = await diffSourceVersions({ ...quiet, s3Client, s3DirLambda, sourceVersion: '1.0', otherVersion: '1.1' });
  expect([from.sourceVersion, to.sourceVersion]).toEqual(['1.0', '1.1']);
  expect(differences.map(({ path: name, change, patch }) => [change, name, patch !== undefined])).toEqual([
    ['removed', 'tiny-1.0.dist-info/METADATA', true], ['removed', 'tiny-1.0.dist-info/RECORD', true], ['removed', 'tiny-1.0.dist-info/WHEEL', true],
    ['added', 'tiny-1.1.dist-info/METADATA', true], ['added', 'tiny-1.1.dist-info/RECORD', true], ['added', 'tiny-1.1.dist-info/WHEEL', true],
    ['changed', 'tiny/lambda_function.py', true], ['added', 'tiny/new.py', true], ['removed', 'tiny/old.bin', false],
  ]);
});

test('a version and a project, which is not touched', async () => {
  const before = digestFolder(newer);
  const same = await diffSourceVersions({ ...quiet, s3Client, s3DirLambda, sourceVersion: '1.1', dirProjectRoot: newer });
  expect(same).toMatchObject({ differences: [], to: { dirProjectRoot: newer, sourceVersion: '1.1', sourceSha256: same.from.sourceSha256 } });
  const other = await diffSourceVersions({ ...quiet, s3Client, s3DirLambda, sourceVersion: '1.1', dirProjectRoot: tinyProject({ version: '1.1', files: { 'new.py': 'x = 2\n' } }) });
  expect(other.differences.find(({ path: name }) => name === 'tiny/new.py')?.patch).toContain('-x = 1\n+x = 2\n');
  expect(digestFolder(newer)).toBe(before);
});

describe('fails', () => {
  test('for a version that is not there', async () => {
    await expect(diffSourceVersions({ ...quiet, s3Client, s3DirLambda, sourceVersion: '1.0', otherVersion: '9.9' })).rejects.toThrow(
      /^diffSourceVersions: version 9\.9 is not published in s3:\/\/diffed\/lambda\/source\/; choose one of 1\.0, 1\.1 \[version-not-published\]$/);
  });

  test.each([[{}], [{ otherVersion: '1.1', dirProjectRoot: 'x' }]])('with %j', async (options) => {
    await expect(diffSourceVersions({ ...quiet, s3Client, s3DirLambda, sourceVersion: '1.0', ...options })).rejects.toThrow(/\[diff-with-what\]$/);
  });
});

describe('the command', () => {
  const diff = async (...args: string[]) => run('diff', ...args, '--s3-dir', s3DirLambda);

  test('lists files and shows their texts', async () => {
    const { exitCode, stdout, stderr } = await diff('1.0', '1.1');
    expect([exitCode, stderr]).toEqual([0, '']);
    const [head, ...lines] = stdout.split('\n');
    expect(head).toBe('s3://diffed/lambda/source/1.0/source.zip -> s3://diffed/lambda/source/1.1/source.zip');
    expect(lines).toContain('changed  tiny/lambda_function.py');
    expect(lines).toContain('removed  tiny/old.bin  (no text to compare)');
    expect(stdout).toContain('--- a/tiny/lambda_function.py\n+++ b/tiny/lambda_function.py\n@@ -1,1 +1,3 @@\n+import json\n+\n def lambda_handler(event, context): ...\n');
    expect(stdout).not.toContain('RECORD');
    expect(JSON.parse((await diff('1.0', '1.1', '--json')).stdout).differences).toHaveLength(9);
  });

  test('--project: with the version of the project, or the newest one', async () => {
    expect((await diff('--project', newer)).stdout).toBe(`s3://diffed/lambda/source/1.1/source.zip and ${newer} (1.1) are the same\n`);
    const next = tinyProject({ version: '1.2' });
    const { stdout } = await diff('--project', next);
    expect(stdout.split('\n')[0]).toBe(`s3://diffed/lambda/source/1.1/source.zip -> ${next} (1.2)`);
    expect((await diff('1.0', '--project', next)).stdout.split('\n')[0]).toBe(`s3://diffed/lambda/source/1.0/source.zip -> ${next} (1.2)`);
  });

  test('--exit-code', async () => {
    expect((await diff('1.0', '1.1', '--exit-code')).exitCode).toBe(4);
    expect((await diff('1.1', '1.1', '--exit-code')).exitCode).toBe(0);
  });

  test.each([[['1.0']], [[]], [['1.0', '1.1', '--project', path.sep]]])('fails with %j', async (args) => {
    expect(await diff(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^pip-source-artifact diff: what is to be compared: name two versions, or one and --project; /) });
  });
});
