import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ZipArchive } from 'archiver';
import { expect, test } from 'vitest';
import { digestFile, digestTree, sha256, type TreeFile } from '../../../lib/core/base/tree';
import { digestArchive } from '../../../lib/core/package/read-archive';
import { packageTree } from '../../../lib/core/package/write-archive';
import { temporaryFolder } from '../../setup/projects';

const FILES: TreeFile[] = [
  { path: 'app/__init__.py', executable: false, content: Buffer.alloc(0) },
  { path: 'app/größe_日本.txt', executable: false, content: Buffer.from('x'.repeat(10_000)) },
  { path: 'app/run.sh', executable: true, content: Buffer.from('echo\n') },
  ...Array.from({ length: 200 }, (_, i): TreeFile => ({ path: `app/m${i}.py`, executable: false, content: Buffer.from(`x = ${i}\n`.repeat(i)) })),
];

test('Python reads back names, contents, modes and dates', async () => {
  const file = path.join(temporaryFolder(), 'source.zip');
  fs.writeFileSync(file, await packageTree(FILES));
  const listing = JSON.parse(execFileSync('python3', ['-c', `
import zipfile, json, hashlib
z = zipfile.ZipFile(${JSON.stringify(file)})
assert z.testzip() is None
print(json.dumps([[i.filename, oct(i.external_attr >> 16), i.date_time, i.compress_type, hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist()]))`], { encoding: 'utf8' }));
  const sorted = [...FILES].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  expect(listing).toEqual(sorted.map((item) => [
    item.path, item.executable ? '0o100755' : '0o100644', [1980, 1, 1, 0, 0, 0], item.content.length === 0 ? 0 : 8, sha256(item.content),
  ]));
});

test('the bytes are those of archiver, which compresses one file after the other', async () => {
  const archive = new ZipArchive({ zlib: { level: 9 } });
  const sorted = [...FILES].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  for (const { path: name, executable, content } of sorted) archive.append(content, { name, date: new Date('1980-01-01T00:00:00Z'), mode: executable ? 0o755 : 0o644 });
  const [chunks] = await Promise.all([archive.toArray() as Promise<Buffer[]>, archive.finalize()]);
  expect(sha256(await packageTree(FILES))).toBe(sha256(Buffer.concat(chunks)));
});

test('the bytes depend neither on the order of the files nor on the time zone', async () => {
  const expected = sha256(await packageTree(FILES));
  expect(sha256(await packageTree([...FILES].reverse()))).toBe(expected);
  const before = process.env.TZ;
  try {
    for (const zone of ['Pacific/Kiritimati', 'America/St_Johns', 'Asia/Kathmandu']) {
      process.env.TZ = zone;
      expect(sha256(await packageTree(FILES)), zone).toBe(expected);
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test('an archive\'s digest is that of the tree in it, whatever compressed it', async () => {
  const expected = digestTree(FILES.map(digestFile));
  expect(digestTree(await digestArchive(await packageTree(FILES)))).toBe(expected);
  const folder = temporaryFolder();
  for (const item of FILES) {
    fs.mkdirSync(path.join(folder, 'tree', path.dirname(item.path)), { recursive: true });
    fs.writeFileSync(path.join(folder, 'tree', item.path), item.content, { mode: item.executable ? 0o755 : 0o644 });
  }
  execFileSync('python3', ['-c', 'import shutil; shutil.make_archive("other", "zip", "tree")'], { cwd: folder });
  const other = fs.readFileSync(path.join(folder, 'other.zip'));
  expect(sha256(other)).not.toBe(sha256(await packageTree(FILES)));
  expect(digestTree(await digestArchive(other))).toBe(expected);
});

test('the digest tells a changed mode and a moved file', () => {
  const digests = FILES.map(digestFile);
  const expected = digestTree(digests);
  expect(digestTree(digests.map((file) => file.path === 'app/run.sh' ? { ...file, executable: false } : file))).not.toBe(expected);
  expect(digestTree(digests.map((file) => file.path === 'app/run.sh' ? { ...file, path: 'app/go.sh' } : file))).not.toBe(expected);
});

test('fails: what is not a zip', async () => {
  await expect(digestArchive(Buffer.from('hello'))).rejects.toThrow(/central directory/);
});
