// However a run ends, there is no half of anything: no folder, no archive, no published version.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { tinyProject, newBucket } from './projects';
import { buildPackageUploadSourceArtifacts, listSourceVersions, verifySourceArtifact, type BuildSourceArtifactsResult } from '../../lib/pipeline/api';
import { startCommand } from '../cli/command';
import { digestFolder, temporaryFolder } from '../setup/projects';

let s3Client: S3Client;
let expected: BuildSourceArtifactsResult;
let whole: { readonly build: string; readonly zip: Buffer };

// enough to be caught in the middle of: 100 files, and an archive of half a megabyte
const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}.txt`, randomBytes(5_000).toString('base64')]));
const project = () => tinyProject({ files });
const folderOf = (folder: string) => path.join(folder, 'build', 'lambda', 'source');
const prefix = (name: string) => `s3://interrupted/${name}/`;

beforeAll(async () => {
  ({ s3Client } = await newBucket('interrupted'));
  expected = await buildPackageUploadSourceArtifacts({ verbose: false, s3Client, s3DirLambda: prefix('expected'), dirProjectRoot: project() });
  whole = { build: digestFolder(expected.dirLambdaSourceBuild), zip: fs.readFileSync(expected.pathSourceZip) };
});

/** What is there, is whole. */
async function nothingIsHalf(folder: string, s3DirLambda: string): Promise<{ readonly build: boolean; readonly zip: boolean; readonly published: boolean }> {
  const [build, zip] = ['build', 'source.zip'].map((name) => path.join(folderOf(folder), name));
  const found = { build: fs.existsSync(build), zip: fs.existsSync(zip), published: false };
  if (found.build) expect(digestFolder(build)).toBe(whole.build);
  if (found.zip) expect(fs.readFileSync(zip).equals(whole.zip)).toBe(true);
  const versions = await listSourceVersions({ verbose: false, s3Client, s3DirLambda });
  for (const { sourceVersion } of versions) expect((await verifySourceArtifact({ verbose: false, s3Client, s3DirLambda, sourceVersion })).ok).toBe(true);
  found.published = versions.length > 0;
  return found;
}

const killGroup = (pid: number) => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch { /* it has ended already */ }
};

describe.concurrent('kill -9', () => {
  test.each([0, 1, 3])('when the working folder has changed %i times', async (changes) => {
    const [own, s3DirLambda] = [project(), prefix(`changes-${changes}`)];
    fs.mkdirSync(folderOf(own), { recursive: true });
    const child = startCommand(['release', own, '--s3-dir', s3DirLambda, '--yes']);
    const ended = new Promise((resolve) => child.on('close', resolve));
    let seen = 0;
    const watcher = fs.watch(folderOf(own), () => {
      if (seen++ >= changes) killGroup(child.pid!);
    });
    await ended;
    watcher.close();
    await nothingIsHalf(own, s3DirLambda);
  });

  test('while the archive is sent', async () => {
    const [own, s3DirLambda] = [project(), prefix('sent')];
    const target = new URL(inject('ministack').AWS_ENDPOINT_URL);
    let pid = 0;
    const proxy = http.createServer((request, response) => {
      const onward = http.request({ host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.on('close', () => request.complete || onward.destroy());
      if (request.method === 'PUT') request.once('data', () => killGroup(pid));
      request.pipe(onward);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    const child = startCommand(['release', own, '--s3-dir', s3DirLambda], { env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` } });
    pid = child.pid!;
    await new Promise((resolve) => child.on('close', resolve));
    await sleep(100); // for what is still on its way
    proxy.closeAllConnections();
    proxy.close();
    expect(await nothingIsHalf(own, s3DirLambda)).toMatchObject({ build: true, zip: true });
    const again = await buildPackageUploadSourceArtifacts({ verbose: false, s3Client, s3DirLambda, dirProjectRoot: own, skipPrompt: true });
    expect([again.sourceSha256, again.codeSha256]).toEqual([expected.sourceSha256, expected.codeSha256]);
  });
});

test('SIGTERM ends the command with its own exit code, and nothing is left', async () => {
  const own = project();
  const temporary = temporaryFolder();
  const child = startCommand(['release', own, '--s3-dir', prefix('terminated')], { env: { TMPDIR: temporary } });
  const ended = new Promise((resolve) => child.on('close', resolve));
  while (fs.readdirSync(temporary).length === 0 && child.exitCode === null) await sleep(5);
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  expect(fs.readdirSync(temporary)).toEqual([]);
  expect(fs.existsSync(path.join(own, 'build'))).toBe(false);
});

test('an aborted signal ends a run of the API with the signal\'s reason, and nothing is left', async () => {
  const own = project();
  const run = async (printer: (line: string, stop: AbortController) => void) => {
    const stop = new AbortController();
    const printed: string[] = [];
    await expect(buildPackageUploadSourceArtifacts({
      s3Client, s3DirLambda: prefix('aborted'), dirProjectRoot: own, skipPrompt: true, signal: stop.signal, printer: (line) => printed.push(line) && printer(line, stop),
    })).rejects.toThrow('enough');
    return printed.at(-1);
  };
  const stopAt = (start: string) => async () => run((line, stop) => line.startsWith(start) && stop.abort(new Error('enough')));
  await stopAt('--- Building')();
  expect(fs.existsSync(path.join(own, 'build'))).toBe(false);
  await stopAt('--- Creating')();
  expect(fs.readdirSync(folderOf(own))).toEqual(['build']);
  await stopAt('--- Uploading')();
  expect(await nothingIsHalf(own, prefix('aborted'))).toEqual({ build: true, zip: true, published: false });
});
