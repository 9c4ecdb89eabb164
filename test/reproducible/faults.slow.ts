// SIGKILL of the publishing function and of the command at fifty random moments each: nothing is half-published, no version is lost.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMinistack } from '../../.scripts/ministack.mjs';
import { handler } from '../../lib/core/publish/handler';
import { temporaryFolder, writeFiles } from '../setup/projects';
import { bytesOf, killAtRandom, makeArchive, stage, startPublisher, type TestArchive } from '../setup/publication';

const BUCKET = 'killed';
const KILLS = 50;
const CLI = path.join(__dirname, '..', '..', 'lib', 'bundled', 'cli', 'index.mjs');
let ministack: Awaited<ReturnType<typeof startMinistack>>;
let s3: S3Client;
let archive: TestArchive;

beforeAll(async () => {
  ministack = await startMinistack();
  Object.assign(process.env, ministack.env);
  s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  archive = await makeArchive(5_000_000);
});
afterAll(async () => ministack.stop());

test(`the publishing function, killed at ${KILLS} random moments`, async () => {
  const events = await Promise.all(Array.from({ length: KILLS + 1 }, async (_, i) => stage(s3, BUCKET, `1.${i}`, archive)));
  await killAtRandom(KILLS, (i) => startPublisher(events[i]), async (i, moment) => {
    const { Key } = events[i].ResourceProperties;
    expect((await bytesOf(s3, BUCKET, Key))?.equals(archive.archive) ?? true, moment).toBe(true);
    await handler(events[i]);
    expect((await bytesOf(s3, BUCKET, Key))?.equals(archive.archive), moment).toBe(true);
  });
});

test(`the command, killed at ${KILLS} random moments`, async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "killed"\nversion = "1.0"\n',
    'data.txt': 'x'.repeat(2_000_000),
    'backend.py': `
import os, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "killed-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as z:
        z.writestr("killed/lambda_function.py", "def lambda_handler(e, c): ...\\n")
        z.writestr("killed/data.bin", bytes((i * i * 7919 >> 5) & 255 for i in range(3000000)))
        z.writestr("killed-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: killed\\nVersion: 1.0\\n")
        z.writestr("killed-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: backend 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("killed-1.0.dist-info/RECORD", "")
    return name
`,
  });
  const run = (...args: string[]) => spawn(process.execPath, [CLI, ...args], { stdio: 'ignore', env: process.env });
  const end = async (child: ReturnType<typeof run>) => new Promise((resolve) => child.on('close', resolve));
  expect(await end(run('build', folder, '--yes'))).toBe(0);
  expect(await end(run('package', folder))).toBe(0);
  const bytes = fs.readFileSync(path.join(folder, 'build', 'lambda', 'source', 'source.zip'));
  const upload = (i: number) => run('upload', folder, '--source-version', `2.${i}`, '--s3-dir', `s3://${BUCKET}/lambda/`);
  await killAtRandom(KILLS, upload, async (i, moment) => {
    const key = `lambda/source/2.${i}/source.zip`;
    expect((await bytesOf(s3, BUCKET, key))?.equals(bytes) ?? true, moment).toBe(true);
    expect(await end(upload(i)), moment).toBe(0);
    expect((await bytesOf(s3, BUCKET, key))?.equals(bytes), moment).toBe(true);
  });
});
