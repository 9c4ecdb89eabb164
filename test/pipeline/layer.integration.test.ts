import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { digestFile, digestTree, isExecutable, sha256, type TreeFile } from '../../lib/core/base/tree';
import { readArchive } from '../../lib/core/package/read-archive';
import { createLayerZip } from '../../lib/pipeline/api';
import { temporaryFolder, writeFiles } from '../setup/projects';
import { writeWheel, writeYankedPage } from '../setup/wheels';

afterEach(() => void vi.unstubAllEnvs());

let pipArgs: string[];
let project: string;

beforeAll(async () => {
  const wheels = temporaryFolder();
  await writeWheel(wheels, { name: 'greetings', version: '2.0', requires: ['words'] });
  await writeWheel(wheels, { name: 'words', version: '1.5' });
  pipArgs = ['--no-index', '--find-links', wheels];
  project = writeFiles(path.join(temporaryFolder(), 'project'), { 'requirements.txt': 'greetings==2.0\nwords==1.5\n' });
});

test('the archive of a layer with its digests', async () => {
  const lines: string[] = [];
  const zip = await createLayerZip({ dirProjectRoot: project, runtime: 'python3.13', architecture: 'arm64', bytecode: 'none', pipArgs, printer: (line) => lines.push(line) });
  const archive = fs.readFileSync(zip.pathLayerZip);
  const files: TreeFile[] = [];
  for await (const { path: name, mode, content } of readArchive(archive)) files.push({ path: name, executable: isExecutable(mode), content });
  expect(files.map((file) => file.path)).toEqual([
    'python/greetings-2.0.dist-info/METADATA', 'python/greetings-2.0.dist-info/RECORD', 'python/greetings-2.0.dist-info/WHEEL', 'python/greetings/__init__.py',
    'python/words-1.5.dist-info/METADATA', 'python/words-1.5.dist-info/RECORD', 'python/words-1.5.dist-info/WHEEL', 'python/words/__init__.py',
  ]);
  expect(zip).toEqual({
    pathLayerZip: path.join(project, 'build', 'lambda', 'layer', 'layer.zip'),
    pathRequirements: path.join(project, 'requirements.txt'),
    isLocked: true,
    runtime: 'python3.13',
    architecture: 'arm64',
    layerSha256: digestTree(files.map(digestFile)),
    codeSha256: sha256(archive, 'base64'),
    size: archive.length,
    unzippedSize: files.reduce((size, { content }) => size + content.length, 0),
    packages: ['greetings==2.0', 'words==1.5'],
    yankedPackages: {},
  });
  expect(lines).toEqual([
    '--- Creating Lambda layer zip file ...',
    `pathRequirements = ${zip.pathRequirements}`,
    'runtime = python3.13',
    'architecture = arm64',
    `pathLayerZip = ${zip.pathLayerZip}`,
    `layerSha256 = ${zip.layerSha256}`,
  ]);
});

test('a part of a lock file, without some files: tells what that saves', async () => {
  const lines: string[] = [];
  const options = { dirProjectRoot: project, runtime: 'python3.13', pipArgs, packages: ['Words'], exclude: ['words/__init__.py'], printer: (line: string) => lines.push(line) };
  const { packages } = await createLayerZip(options);
  expect(packages).toEqual(['words==1.5']);
  expect(lines.at(-1)).toBe('excluded files = 16 B');
  expect(await createLayerZip(options), 'from the cache').not.toHaveProperty('savedSize');
  expect(lines.at(-1)).toBe('excluded files = 16 B');
});

test('tells what its index has withdrawn', async () => {
  const wheels = temporaryFolder();
  await writeWheel(wheels, { name: 'words', version: '1.5' });
  const page = writeYankedPage(wheels, 'words-1.5-py3-none-any.whl', 'misspelt');
  const pathRequirements = path.join(writeFiles(temporaryFolder(), { 'requirements.txt': 'words==1.5\n' }), 'requirements.txt');
  const lines: string[] = [];
  const zip = await createLayerZip({ pathRequirements, runtime: 'python3.13', pipArgs: ['--no-index', '--find-links', page], printer: (line) => lines.push(line) });
  expect(zip.yankedPackages).toEqual({ 'words==1.5': 'misspelt' });
  expect(lines.at(-1)).toBe('words==1.5 was withdrawn from the index (misspelt): require another version');
});

test('a dry run writes nothing, and tells the same', async () => {
  const options = { dirProjectRoot: project, runtime: 'python3.12', pipArgs, pathLayerZip: path.join(temporaryFolder(), 'dry.zip'), verbose: false };
  const dry = await createLayerZip({ ...options, dryRun: true });
  expect(fs.existsSync(options.pathLayerZip)).toBe(false);
  expect(await createLayerZip(options)).toEqual(dry);
});

test('another file is not overwritten', async () => {
  const pathLayerZip = path.join(writeFiles(temporaryFolder(), { 'notes.txt': 'mine' }), 'notes.txt');
  await expect(createLayerZip({ dirProjectRoot: project, runtime: 'python3.13', pipArgs, pathLayerZip, verbose: false }))
    .rejects.toThrow(`createLayerZip: pathLayerZip is a file that is not an archive: it will not be replaced, got ${JSON.stringify(pathLayerZip)}; choose another file`);
});

test('without the cache nothing of it is left after the call: no folder, no listener', async () => {
  const temporary = temporaryFolder();
  vi.stubEnv('TMPDIR', temporary);
  const [listeners, pathLayerZip] = [process.listenerCount('exit'), path.join(temporaryFolder(), 'layer.zip')];
  const options = { dirProjectRoot: project, runtime: 'python3.13', architecture: 'arm64', pipArgs, pathLayerZip, cache: false, verbose: false } as const;
  await createLayerZip(options);
  expect(fs.readFileSync(pathLayerZip).length).toBeGreaterThan(0);
  await expect(createLayerZip({ ...options, pipArgs: ['--no-index'] })).rejects.toThrow();
  expect([fs.readdirSync(temporary), process.listenerCount('exit')]).toEqual([[], listeners]);
});
