// What bytecode means for a publication: nothing for what is compared, and all for what is let through.
import * as path from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, inject, test } from 'vitest';
import { digestFile, digestTree, sha256, type TreeFile } from '../../../lib/core/base/tree';
import { makeBytecode } from '../../../lib/core/bytecode/make';
import { packageTree } from '../../../lib/core/package/write-archive';
import { shortDigests } from '../../../lib/core/pep/bytecode';
import { bytecodeRecord } from '../../../lib/core/plan/staged-archive';
import { handler } from '../../../lib/core/publish/handler';
import { publish } from '../../../lib/core/publish/publish';
import { downloadSourceArtifact, verifySourceArtifact } from '../../../lib/pipeline/api';
import { temporaryFolder } from '../../setup/projects';
import { bytesOf, stage } from '../../setup/publication';

const BUCKET = 'bytecode';
const NAME = 'app/main.py';
const SOURCES: TreeFile[] = [NAME, 'app/__init__.py'].map((name) => ({ path: name, executable: false, content: Buffer.from('x = 1\n'.repeat(50)) }));
const sourceSha256 = digestTree(SOURCES.map(digestFile));
let s3: S3Client;
let compiled: readonly TreeFile[];
beforeAll(async () => {
  Object.assign(process.env, inject('ministack'));
  s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const python = path.join(inject('venv'), 'bin', 'python');
  ({ files: compiled } = await makeBytecode({ request: { mode: 'required', entry: temporaryFolder() }, files: SOURCES, kind: 'project', python }));
});

const keyOf = (version: string) => `lambda/source/${version}/source.zip`;
const publishAs = async (version: string, archive: Buffer) => publish(s3, { bucket: BUCKET, key: keyOf(version), version, sourceSha256 }, async () => archive);
const whole = async () => packageTree([...SOURCES, ...compiled]);
const isMain = (file: TreeFile) => file.path.includes('main');
const OF_MAIN = () => compiled.find(isMain)!.path;

/** The bytecode of another source, with a header of its own. */
async function tampered(): Promise<Buffer> {
  const python = path.join(inject('venv'), 'bin', 'python');
  const evil = { path: NAME, executable: false, content: Buffer.from('import os\n') };
  const { files: [code] } = await makeBytecode({ request: { mode: 'required', entry: temporaryFolder() }, files: [evil], kind: 'project', python });
  return packageTree([...SOURCES, ...compiled.filter((file) => !isMain(file)), code]);
}

test('the same content with other bytecode, or none, is unchanged, and the published bytes stay', async () => {
  const archive = await whole();
  const { codeSha256 } = await publishAs('1.0', archive);
  expect(await publishAs('1.0', await packageTree(SOURCES))).toMatchObject({ outcome: 'unchanged', codeSha256 });
  expect((await bytesOf(s3, BUCKET, keyOf('1.0')))!.equals(archive)).toBe(true);
  await publishAs('1.1', await packageTree(SOURCES));
  expect((await publishAs('1.1', archive)).outcome).toBe('unchanged');
});

test('bytecode of another source is refused by its name, staged or given, and nothing is published', async () => {
  const archive = await tampered();
  await expect(publishAs('2.0', archive)).rejects.toThrow(`s3://${BUCKET}/${keyOf('2.0')}: the archive has a file that is not of the source beside it, got ${JSON.stringify(OF_MAIN())}`);
  const event = await stage(s3, BUCKET, '2.0', { archive, sourceSha256 });
  await expect(handler(event)).rejects.toThrow(`what is staged cannot be published: the archive has a file that is not of the source beside it, got ${JSON.stringify(OF_MAIN())}`);
  expect(await bytesOf(s3, BUCKET, keyOf('2.0'))).toBeUndefined();
});

test('bytecode with another body behind its own header is refused by its name, and what was compiled is published', async () => {
  const record = bytecodeRecord(shortDigests(compiled.map(({ content }) => sha256(content))));
  const body = (file: TreeFile) => ({ ...file, content: Buffer.concat([file.content.subarray(0, -1), Buffer.from([file.content.at(-1)! ^ 1])]) }); // eslint-disable-line no-bitwise
  const archive = await packageTree([...SOURCES, ...compiled.map((file) => isMain(file) ? body(file) : file)]);
  const event = await stage(s3, BUCKET, '2.2', { archive, sourceSha256 }, record);
  await expect(handler(event)).rejects.toThrow(`what is staged cannot be published: the archive has a file that is not what was compiled, got ${JSON.stringify(OF_MAIN())}; delete this object`);
  expect(await bytesOf(s3, BUCKET, keyOf('2.2'))).toBeUndefined();

  await handler(await stage(s3, BUCKET, '2.2', { archive: await whole(), sourceSha256 }, record));
  const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: keyOf('2.2') }));
  expect(Object.keys(Metadata!).sort()).toEqual(['code_sha256', 'source_name', 'source_sha256', 'source_version']);
});

test('damaged bytecode is named', async () => {
  const archive = await whole();
  const at = archive.indexOf(OF_MAIN()) + OF_MAIN().length + 20;
  archive[at] = (archive[at] + 1) % 256;
  await expect(publishAs('2.1', archive)).rejects.toThrow(`the archive has a file that is damaged, got ${JSON.stringify(OF_MAIN())}`);
});

test('of what is published, it is told by publish, verify and download', async () => {
  await publishAs('3.0', await whole());
  const Metadata = { source_version: '3.0', source_sha256: sourceSha256 };
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf('3.0'), Body: await tampered(), Metadata }));
  await expect(publishAs('3.0', await whole())).rejects.toThrow(`What is published was changed: the archive has a file that is not of the source beside it, ${OF_MAIN()}`);
  const place = { s3Client: s3, s3DirLambda: `s3://${BUCKET}/lambda/`, sourceVersion: '3.0', verbose: false };
  const { ok, problems } = await verifySourceArtifact(place);
  expect([ok, problems]).toEqual([false, [`the archive has a file that is not of the source beside it: ${OF_MAIN()}`]]);
  await expect(downloadSourceArtifact({ ...place, pathSourceZip: path.join(temporaryFolder(), 'a.zip') })).rejects.toThrow(OF_MAIN());
});
