import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { temporaryFolder } from './projects';
import { digestFile, digestTree, type TreeFile } from '../../lib/core/base/tree';
import { packageTree } from '../../lib/core/package/write-archive';
import { writeStagedArchive } from '../../lib/core/plan/staged-archive';
import type { PublicationEvent } from '../../lib/core/publish/event';

/** An archive with its digest. */
export interface TestArchive {
  readonly archive: Buffer;
  readonly sourceSha256: string;
}

export async function makeArchive(size: number, text = ''): Promise<TestArchive> {
  const files: TreeFile[] = [
    { path: 'app/data.bin', content: randomBytes(size), executable: false },
    { path: 'app/lambda_function.py', content: Buffer.from(text), executable: false },
  ];
  return { archive: await packageTree(files), sourceSha256: digestTree(files.map(digestFile)) };
}

/** As the CDK stages an archive. */
export function stagedBytes({ archive }: TestArchive, record: Record<string, string>): Buffer {
  const folder = temporaryFolder();
  const [plain, staged] = ['plain.zip', 'staged.zip'].map((name) => path.join(folder, name));
  fs.writeFileSync(plain, archive);
  fs.copyFileSync(plain, staged);
  writeStagedArchive(staged, plain, record);
  return fs.readFileSync(staged);
}

/** Stage an archive in a bucket, and give the event that publishes it there. */
export async function stage(s3: S3Client, bucket: string, version: string, artifact: TestArchive, record: Record<string, string> = {}): Promise<PublicationEvent> {
  const StagedKey = `${artifact.sourceSha256}.zip`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: StagedKey, Body: stagedBytes(artifact, { source_name: 'app', ...record }) }));
  return {
    RequestType: 'Create',
    ResourceProperties: {
      Bucket: bucket, Key: `lambda/source/${version}/source.zip`, Version: version, SourceSha256: artifact.sourceSha256, StagedBucket: bucket, StagedKey, Tags: { a: 'b' },
    },
  };
}

/** The bytes of an object; nothing if there is none. */
export async function bytesOf(s3: S3Client, Bucket: string, Key: string): Promise<Buffer | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') return undefined;
    throw error;
  }
}

/** The publishing function in a process of its own, as Lambda has it. */
export function startPublisher(event: PublicationEvent, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const bundle = path.join(__dirname, '..', '..', 'lib', 'bundled', 'handler', 'index.js');
  const code = `require(${JSON.stringify(bundle)}).handler(${JSON.stringify(event)}).catch((error) => { console.error(error.message); process.exitCode = 1; })`;
  return spawn(process.execPath, ['-e', code], { env: { ...process.env, ...env }, stdio: 'ignore' });
}

/**
 * Start something again and again, and kill it at a random moment each time; at last it runs to its end.
 *
 * @param check after each; told when it was killed, in milliseconds
 */
export async function killAtRandom(count: number, start: (i: number) => ChildProcess, check: (i: number, moment: string) => Promise<void>): Promise<void> {
  const run = async (i: number, delay?: number) => {
    const child = start(i);
    const started = performance.now();
    const ended = new Promise((resolve) => child.on('close', resolve));
    const timer = delay === undefined ? undefined : setTimeout(() => kill(child), delay);
    await ended;
    clearTimeout(timer);
    return performance.now() - started;
  };
  const time = await run(0);
  await check(0, 'not at all');
  for (let i = 1; i <= count; i++) {
    const delay = time * (0.3 + 0.8 * Math.random()); // before it, Node.js starts
    await run(i, delay);
    await check(i, `after ${Math.round(delay)} of ${Math.round(time)} ms`);
  }
}

function kill(child: ChildProcess): void {
  try {
    process.kill(child.pid!, 'SIGKILL');
  } catch { /* it has ended already */ }
}
