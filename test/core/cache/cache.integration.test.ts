import { execFile, execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { digestFile, digestTree, sha256, type TreeFile } from '../../../lib/core/base/tree';
import { ArtifactCache } from '../../../lib/core/cache/cache';
import type { Artifact } from '../../../lib/core/cache/records';
import { packageTree } from '../../../lib/core/package/write-archive';
import { fingerprint } from '../../../lib/core/plan/source-key';
import { type ArtifactRequest } from '../../../lib/core/plan/source-request';
import { identifyPython } from '../../../lib/core/project/interpreter';
import { readProject } from '../../../lib/core/project/project';
import { digestSourceTree, listSourceTree } from '../../../lib/core/project/source-tree';
import { ArtifactSession } from '../../../lib/core/synth/session';
import { compileLibrary } from '../../setup/compiled';
import { git, gitInit, temporaryFolder, writeFiles } from '../../setup/projects';

const KEY = 'f'.repeat(64);
const OTHER_KEY = 'e'.repeat(64);
const IS_ROOT = process.getuid?.() === 0; // whom no permission stops

async function newArtifact(text: string): Promise<{ readonly artifact: Artifact; readonly archive: Buffer }> {
  const files: TreeFile[] = [{ path: 'app/__init__.py', executable: false, content: Buffer.from(text) }];
  const archive = await packageTree(files);
  const [sourceSha256, codeSha256] = [digestTree(files.map(digestFile)), sha256(archive, 'base64')];
  const provenance = { source_name: 'app', built_with: 'python 3.13.1' };
  return { archive, artifact: { name: 'app', version: '1.0', sourceSha256, codeSha256, size: archive.length, unzippedSize: text.length, provenance, modules: { app: { functions: ['handler'], values: [], imports: [], isOpen: false } }, requires: [] } };
}

/** As if it was tidied up long ago. */
const untidy = (folder: string) => fs.rmSync(path.join(folder, '..', `.${path.basename(folder)}-tidied`));

describe('an entry', () => {
  let one: Awaited<ReturnType<typeof newArtifact>>;
  let other: Awaited<ReturnType<typeof newArtifact>>;
  beforeAll(async () => {
    one = await newArtifact('VALUE = 1\n');
    other = await newArtifact('VALUE = 2\n');
  });

  /** A cache with two entries, and the folder of the first. */
  function filledCache() {
    const cache = new ArtifactCache(temporaryFolder());
    cache.write(KEY, one.artifact, one.archive);
    cache.write(OTHER_KEY, other.artifact, other.archive);
    return { cache, entry: path.join(cache.folder, 'artifacts', KEY), otherEntry: path.join(cache.folder, 'artifacts', OTHER_KEY) };
  }

  function expectWhole(cache: ArtifactCache) {
    const { file, ...artifact } = cache.read(KEY)!;
    expect(artifact).toEqual(one.artifact);
    expect(fs.readFileSync(file).equals(one.archive)).toBe(true);
  }

  test('is read as it was written', () => {
    expectWhole(filledCache().cache);
  });

  const ARCHIVE = 'source.zip';
  const RECORD = 'record.json';
  const flip = (file: string, at: (content: Buffer) => number) => {
    const content = fs.readFileSync(file);
    const index = at(content);
    content[index] = content[index] === 0x31 ? 0x32 : 0x31; // "1" or "2": a digit stays a digit
    fs.writeFileSync(file, content);
  };
  const toFolder = (file: string) => {
    fs.rmSync(file);
    fs.mkdirSync(file);
  };

  test.each<[string, (entry: string, otherEntry: string) => void]>([
    ['archive cut off', (entry) => fs.truncateSync(path.join(entry, ARCHIVE), 40)],
    ['archive with more at its end', (entry) => fs.appendFileSync(path.join(entry, ARCHIVE), '\0')],
    ['archive with another byte', (entry) => flip(path.join(entry, ARCHIVE), (content) => content.length >> 1)], // eslint-disable-line no-bitwise
    ['archive empty', (entry) => fs.truncateSync(path.join(entry, ARCHIVE), 0)],
    ['archive gone', (entry) => fs.rmSync(path.join(entry, ARCHIVE))],
    ['archive a folder', (entry) => toFolder(path.join(entry, ARCHIVE))],
    ['archive of another entry', (entry, otherEntry) => fs.copyFileSync(path.join(otherEntry, ARCHIVE), path.join(entry, ARCHIVE))],
    ['record cut off', (entry) => fs.truncateSync(path.join(entry, RECORD), 60)],
    ['record empty', (entry) => fs.truncateSync(path.join(entry, RECORD), 0)],
    ['record of zeros, as after a power cut', (entry) => fs.writeFileSync(path.join(entry, RECORD), Buffer.alloc(300))],
    ['record not JSON', (entry) => fs.writeFileSync(path.join(entry, RECORD), 'source_sha256: abc')],
    ['record null', (entry) => fs.writeFileSync(path.join(entry, RECORD), 'null')],
    ['record without most of it', (entry) => fs.writeFileSync(path.join(entry, RECORD), JSON.stringify({ codeSha256: one.artifact.codeSha256 }))],
    ['record with another digit in a digest', (entry) => flip(path.join(entry, RECORD), (content) => content.indexOf(one.artifact.sourceSha256))],
    ['record gone', (entry) => fs.rmSync(path.join(entry, RECORD))],
    ['record a folder', (entry) => toFolder(path.join(entry, RECORD))],
    ['record of another entry', (entry, otherEntry) => fs.copyFileSync(path.join(otherEntry, RECORD), path.join(entry, RECORD))],
    ['another entry, whole', (entry, otherEntry) => fs.cpSync(otherEntry, entry, { recursive: true, force: true })],
    ['empty', (entry) => {
      fs.rmSync(entry, { recursive: true });
      fs.mkdirSync(entry);
    }],
    ['a file', (entry) => {
      fs.rmSync(entry, { recursive: true });
      fs.writeFileSync(entry, '');
    }],
    ['a broken link', (entry) => {
      fs.rmSync(entry, { recursive: true });
      fs.symlinkSync('/nowhere/at/all', entry);
    }],
    ['gone', (entry) => fs.rmSync(entry, { recursive: true })],
    ['gone with the whole cache', (entry) => fs.rmSync(path.join(entry, '..', '..'), { recursive: true })],
  ])('%s: not trusted, and replaced', (_, damage) => {
    const { cache, entry, otherEntry } = filledCache();
    damage(entry, otherEntry);
    expect(cache.read(KEY)).toBeUndefined();
    cache.write(KEY, one.artifact, one.archive);
    expectWhole(cache);
    expect(fs.readdirSync(path.dirname(entry)).filter((name) => name.startsWith('writing-'))).toEqual([]);
  });

  test('of a layer: an archive that is not as it was written is read, and trusted by its content', async () => {
    const cache = new ArtifactCache(temporaryFolder());
    const layer = { layerSha256: one.artifact.sourceSha256, codeSha256: one.artifact.codeSha256, size: one.archive.length, unzippedSize: 10, packages: [] };
    cache.writeLayer(KEY, layer, one.archive);
    const file = path.join(cache.folder, 'layers', KEY, 'layer.zip');
    expect(cache.readLayer(KEY)).toEqual({ ...layer, file });
    fs.utimesSync(file, 1, 1);
    expect(cache.readLayer(KEY), 'as copied from another machine').toEqual({ ...layer, file });
    flip(file, (content) => content.length >> 1); // eslint-disable-line no-bitwise
    expect(cache.readLayer(KEY)).toBeUndefined();
    cache.writeLayer(KEY, layer, one.archive);
    expect(cache.readLayer(KEY)).toEqual({ ...layer, file });
    fs.truncateSync(file, 40);
    expect(cache.readLayer(KEY)).toBeUndefined();
  });

  test.skipIf(IS_ROOT)('that may not be read is replaced', () => {
    const { cache, entry } = filledCache();
    fs.chmodSync(path.join(entry, RECORD), 0);
    expect(cache.read(KEY)).toBeUndefined();
    cache.write(KEY, one.artifact, one.archive);
    expectWhole(cache);
  });

  test('half-written by a process that was killed is not read; it goes when it is old', () => {
    const { cache, entry } = filledCache();
    const [old, young] = ['writing-old', 'writing-young'].map((name) => path.join(path.dirname(entry), name));
    for (const half of [old, young]) fs.cpSync(entry, half, { recursive: true });
    age(old, 2);
    untidy(path.dirname(old));
    cache.write(KEY, one.artifact, one.archive);
    expect(fs.existsSync(old)).toBe(false);
    expect(fs.existsSync(young), 'another process may be writing it').toBe(true);
  });

  test('goes when there are more than 200 and it was not used for longest; a young one stays', () => {
    const { cache, entry } = filledCache();
    const folder = path.dirname(entry);
    const names = Array.from({ length: 210 }, (_, i) => i.toString(16).padStart(64, '0'));
    for (const [i, name] of names.entries()) {
      fs.mkdirSync(path.join(folder, name));
      if (i < 200) age(path.join(folder, name), 2 + i);
    }
    age(entry, 1000);
    expect(cache.read(KEY), 'being read is being used').toBeDefined();
    untidy(folder);
    cache.write(OTHER_KEY, other.artifact, other.archive);
    const left = fs.readdirSync(folder);
    expect(left).toHaveLength(200);
    expect(left).toEqual(expect.arrayContaining([KEY, OTHER_KEY, ...names.slice(200), ...names.slice(0, 188)]));
    for (const name of left) age(path.join(folder, name), 0);
    for (let i = 0; i < 10; i++) fs.mkdirSync(path.join(folder, `young-${i}`));
    untidy(folder);
    cache.write(OTHER_KEY, other.artifact, other.archive);
    expect(fs.readdirSync(folder), 'another app may have been told of it').toHaveLength(210);
  });

  function age(folder: string, hours: number) {
    const time = new Date(Date.now() - hours * 3_600_000);
    fs.utimesSync(folder, time, time);
  }

  test('that several processes write, read and damage at once is whole in the end, and none of them fails', async () => {
    const folder = temporaryFolder();
    const child = await childProgram(`
      const fs = require('node:fs');
      const path = require('node:path');
      const { ArtifactCache } = require('./cache');
      const [folder, key, artifact, archive] = process.argv.slice(2);
      const cache = new ArtifactCache(folder);
      for (let i = 0; i < 60; i++) {
        cache.write(key, JSON.parse(artifact), Buffer.from(archive, 'base64'));
        cache.read(key);
        if (i % 5 === 0) try { fs.truncateSync(path.join(folder, 'artifacts', key, 'source.zip'), 3); } catch { /* being replaced */ }
      }
      cache.write(key, JSON.parse(artifact), Buffer.from(archive, 'base64'));`);
    const args = [child, folder, KEY, JSON.stringify(one.artifact), one.archive.toString('base64')];
    await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, args)));
    const cache = new ArtifactCache(folder);
    expectWhole(cache);
    expect(fs.readdirSync(path.join(folder, 'artifacts'))).toEqual([KEY]);
  });
});

describe('where the cache is', () => {
  test('in the user\'s cache folder, which XDG_CACHE_HOME moves, and PIP_SOURCE_ARTIFACT_CACHE_DIR moves it alone', () => {
    const [xdg, own] = [temporaryFolder(), path.join(temporaryFolder(), 'not', 'there yet')];
    expect(ArtifactCache.open({ XDG_CACHE_HOME: xdg }).folder).toBe(path.join(xdg, 'pip-source-artifact'));
    expect(ArtifactCache.open({ XDG_CACHE_HOME: xdg, PIP_SOURCE_ARTIFACT_CACHE_DIR: own }).folder).toBe(own);
    expect(fs.statSync(own).isDirectory()).toBe(true);
  });

  test.each(['0', 'false', ''])('PIP_SOURCE_ARTIFACT_NO_CACHE=%s keeps what is made', (value) => {
    const own = temporaryFolder();
    expect(ArtifactCache.open({ PIP_SOURCE_ARTIFACT_CACHE_DIR: own, PIP_SOURCE_ARTIFACT_NO_CACHE: value }).folder).toBe(own);
  });

  test('for a while only, in a folder that goes when it is closed', () => {
    const listeners = process.listenerCount('exit');
    const cache = ArtifactCache.open({ PIP_SOURCE_ARTIFACT_NO_CACHE: '1' });
    expect([fs.existsSync(cache.folder), process.listenerCount('exit')]).toEqual([true, listeners + 1]);
    cache.close();
    expect([fs.existsSync(cache.folder), process.listenerCount('exit')]).toEqual([false, listeners]);
  });

  test.each<[string, () => string]>([
    ['a file', () => path.join(writeFiles(temporaryFolder(), { cache: '' }), 'cache')],
    ['below a file', () => path.join(writeFiles(temporaryFolder(), { home: '' }), 'home', '.cache')],
    ['a broken link', () => {
      const link = path.join(temporaryFolder(), 'cache');
      fs.symlinkSync('/nowhere/at/all', link);
      return link;
    }],
  ])('%s: for this process alone, elsewhere', (_, make) => {
    const folder = make();
    const cache = ArtifactCache.open({ PIP_SOURCE_ARTIFACT_CACHE_DIR: folder });
    onTestFinished(() => fs.rmSync(cache.folder, { recursive: true, force: true }));
    expect(cache.folder).not.toBe(folder);
    expect(fs.statSync(cache.folder).isDirectory()).toBe(true);
  });
});

test('an old entry that is another user\'s stays, and the others are removed', async () => {
  const child = await childProgram(`
    const { removeUnused } = require('./folders');
    if (process.getuid() === 0) {
      process.setgroups([]);
      process.setgid(65534);
      process.setuid(65534);
    }
    removeUnused('.', 0);`);
  const folder = writeFiles(temporaryFolder(), { 'theirs/file': '', 'own/file': '' });
  for (const name of ['theirs', 'own']) fs.utimesSync(path.join(folder, name), 1, 1);
  fs.chmodSync(path.join(folder, 'theirs'), 0o555);
  for (const name of ['.', 'own']) fs.chmodSync(path.join(folder, name), 0o777);
  fs.utimesSync(path.join(folder, 'own'), 1, 1);
  execFileSync(process.execPath, [child], { cwd: folder, stdio: 'pipe' });
  expect(fs.readdirSync(folder)).toEqual(['theirs']);
  fs.chmodSync(path.join(folder, 'theirs'), 0o755); // for the one who removes it
});

describe('the build of a project', () => {
  /** Build a project in an app of its own. */
  function obtain(cacheFolder: string, entry: string) {
    setVariable('PIP_SOURCE_ARTIFACT_CACHE_DIR', cacheFolder);
    return new ArtifactSession().obtain({ request: { entry }, where: 'test' });
  }

  test('heals a damaged entry', () => {
    const [cache, entry] = [temporaryFolder(), inTreeProject()];
    const { file, ...artifact } = obtain(cache, entry);
    const whole = fs.readFileSync(file);
    fs.truncateSync(file, 100);
    expect(obtain(cache, entry)).toEqual({ file, ...artifact });
    expect(fs.readFileSync(file).equals(whole)).toBe(true);
  });

  test.each<[string, (folder: string) => void]>([
    ['whose artifacts cannot be written, as another user made their folder', (folder) => void writeFiles(folder, { artifacts: '' })],
    ['whose environments cannot be written', (folder) => void writeFiles(folder, { environments: '' })],
  ])('does not fail for a cache %s', (_, spoil) => {
    const cache = temporaryFolder();
    spoil(cache);
    const { file, codeSha256 } = obtain(cache, inTreeProject());
    expect(sha256(fs.readFileSync(file), 'base64')).toBe(codeSha256);
  });

  test('of a cached one tells the commit, once there is one of what it was built from', () => {
    const [cache, entry] = [temporaryFolder(), inTreeProject()];
    gitInit(entry, 'v1');
    const [first, commit] = [obtain(cache, entry), git(entry, 'rev-parse', 'HEAD')];
    expect(first.provenance.git_commit).toBe(commit);
    fs.appendFileSync(path.join(entry, 'backend.py'), '# changed\n');
    expect(obtain(cache, entry).provenance.git_commit).toBe(`${commit}-dirty`);
    git(entry, 'commit', '--quiet', '--all', '--message=changed');
    const clean = obtain(cache, entry);
    expect([clean.provenance.git_commit, clean.sourceSha256]).toEqual([git(entry, 'rev-parse', 'HEAD'), first.sourceSha256]);
    git(entry, 'commit', '--quiet', '--allow-empty', '--message=of something else');
    git(entry, 'pack-refs', '--all');
    const { ino } = fs.statSync(clean.file);
    expect(obtain(cache, entry), 'the content is that of the commit before too').toEqual(clean);
    expect(fs.statSync(clean.file).ino, 'not built again').toBe(ino);
  });

  test('is kept anew with PIP_SOURCE_ARTIFACT_REFRESH', () => {
    const [cache, entry] = [temporaryFolder(), inTreeProject('MORE = open(os.environ["MORE"]).read()')];
    const file = path.join(temporaryFolder(), 'more');
    setVariable('MORE', file);
    const build = (more: string) => {
      fs.writeFileSync(file, more);
      return obtain(cache, entry).sourceSha256;
    };
    const one = build('1');
    expect(build('2'), 'not seen').toBe(one);
    setVariable('PIP_SOURCE_ARTIFACT_REFRESH', '1');
    const two = build('2');
    delete process.env.PIP_SOURCE_ARTIFACT_REFRESH;
    expect([two === one, build('3')]).toEqual([false, two]);
  });

  test('does not fail for a cache that vanishes meanwhile', () => {
    const cache = temporaryFolder();
    const { file, codeSha256 } = obtain(cache, inTreeProject(`import shutil; shutil.rmtree(${JSON.stringify(cache)})`));
    expect(sha256(fs.readFileSync(file), 'base64')).toBe(codeSha256);
  });

  test('with PIP_SOURCE_ARTIFACT_NO_CACHE leaves nothing behind: not in the cache, not in the temporary folder', async () => {
    const child = await childProgram(`
      const fs = require('node:fs');
      const { ArtifactSession } = require('../synth/session');
      const { file, size } = new ArtifactSession().obtain({ request: { entry: process.argv[2] }, where: 'test' });
      console.log(fs.statSync(file).size === size);`);
    const [temporary, cache] = [temporaryFolder(), temporaryFolder()];
    const output = execFileSync(process.execPath, [child, inTreeProject()], {
      encoding: 'utf8', env: { ...process.env, TMPDIR: temporary, PIP_SOURCE_ARTIFACT_CACHE_DIR: cache, PIP_SOURCE_ARTIFACT_NO_CACHE: '1' }, stdio: 'pipe',
    });
    expect(output).toBe('true\n');
    expect([...fs.readdirSync(temporary), ...fs.readdirSync(cache)]).toEqual([]);
  });
});

describe('the fingerprint of what a build reads', () => {
  let entry: string;
  let python: string;
  beforeAll(() => {
    entry = writeFiles(temporaryFolder(), { 'pyproject.toml': '[project]\nname = "app"\nversion = "1"\n', 'app/__init__.py': 'VALUE = 1\n', 'app/data.txt': '' });
    python = path.join(writeFiles(temporaryFolder(), { 'bin/python': 'binary', 'pyvenv.cfg': 'version = 3.13.0\n' }), 'bin', 'python');
  });

  const of = (request: Partial<ArtifactRequest> = {}) => {
    const whole = { entry, python, ...request };
    return fingerprint(readProject(whole.entry), whole, digestSourceTree(listSourceTree(whole.entry, whole.exclude)));
  };

  /** Change a file, and put all back when the test has ended. */
  function change(file: string, how: (file: string) => void) {
    const [content, { mode, atime, mtime }] = [fs.readFileSync(file), fs.statSync(file)];
    onTestFinished(() => {
      fs.writeFileSync(file, content);
      fs.chmodSync(file, mode);
      fs.utimesSync(file, atime, mtime);
    });
    how(file);
  }

  test.each<[string, () => Partial<ArtifactRequest> | void]>([
    ['a file\'s content, its size and time kept', () => change(path.join(entry, 'app/__init__.py'), (file) => {
      const { atime, mtime } = fs.statSync(file);
      fs.writeFileSync(file, 'VALUE = 2\n');
      fs.utimesSync(file, atime, mtime);
    })],
    ['a file\'s executable bit', () => change(path.join(entry, 'app/__init__.py'), (file) => fs.chmodSync(file, 0o744))],
    ['a file\'s name', () => {
      const [from, to] = ['data.txt', 'date.txt'].map((name) => path.join(entry, 'app', name));
      fs.renameSync(from, to);
      onTestFinished(() => fs.renameSync(to, from));
    }],
    ['a file more', () => {
      const more = path.join(entry, 'app', 'more.py');
      fs.writeFileSync(more, '');
      onTestFinished(() => fs.rmSync(more));
    }],
    ['exclude', () => ({ exclude: ['data.txt'] })],
    ['exclude, although it leaves nothing out', () => ({ exclude: ['nothing'] })],
    ['pipArgs', () => ({ pipArgs: ['--no-build-isolation'] })],
    ['environment', () => ({ environment: { A: '1' } })],
    ['the Python', () => ({ python: path.join(writeFiles(temporaryFolder(), { python: 'binary' }), 'python') })],
    ['an upgrade of the Python in its place', () => change(python, (file) => fs.writeFileSync(file, 'newer binary'))],
    ['the Python\'s virtual environment', () => change(path.join(python, '..', '..', 'pyvenv.cfg'), (file) => fs.writeFileSync(file, 'version = 3.13.1\n'))],
    ...['SOURCE_DATE_EPOCH', 'PIP_CONSTRAINT', 'PIP_CONFIG_SETTINGS', 'SETUPTOOLS_USE_DISTUTILS', 'HATCH_BUILD_NO_HOOKS'].map((name): [string, () => void] => [name, () => setVariable(name, '1')]),
  ])('changes with %s', (_, prepare) => {
    const before = of();
    const request = prepare();
    expect(of(request ?? {})).not.toBe(before);
  });

  test('changes with what a constraints file says', () => {
    const constraints = path.join(writeFiles(temporaryFolder(), { 'constraints.txt': 'setuptools==77.0.3\n' }), 'constraints.txt');
    setVariable('PIP_CONSTRAINT', constraints);
    const before = of();
    fs.writeFileSync(constraints, 'setuptools==78.1.1\n');
    expect(of()).not.toBe(before);
  });

  test('changes with what git knows, where the backend asks it, and not with how git remembers it', () => {
    const scm = { 'pyproject.toml': '[build-system]\nrequires = ["setuptools-scm"]\n[project]\nname = "app"\ndynamic = ["version"]\n', 'app/__init__.py': '', 'app/data.txt': '' };
    const repository = writeFiles(temporaryFolder(), scm);
    git(repository, 'init', '--quiet');
    git(repository, 'add', 'pyproject.toml', 'app/__init__.py');
    const request = { entry: repository, version: '1.0' };
    const before = of(request);
    fs.utimesSync(path.join(repository, 'app/__init__.py'), 1, 1);
    git(repository, 'update-index', '-q', '--refresh');
    expect(of(request)).toBe(before);
    git(repository, 'add', 'app/data.txt');
    const after = of(request);
    expect(after).not.toBe(before);
    git(repository, 'update-index', '--index-version', '4');
    expect(of(request), 'in another format').toBe(after);
    git(repository, 'update-index', '--split-index');
    writeFiles(repository, { 'app/more.txt': '' });
    git(repository, 'add', 'app/more.txt');
    expect(of(request), 'in two files').not.toBe(after);
  });

  test('changes with the library\'s version', async () => {
    const child = await childProgram(`
      const { fingerprint } = require('../plan/source-key');
      console.log(fingerprint({ entry: '/', file: 'setup.py', displayName: '', versionFromGit: false }, { entry: '/' }, []));`);
    const manifest = path.join(path.dirname(child), '..', '..', '..', 'package.json');
    fs.rmSync(manifest); // a link to this checkout's
    const [one, other] = ['1.0.0', '1.0.1'].map((version) => {
      fs.writeFileSync(manifest, JSON.stringify({ version }));
      return execFileSync(process.execPath, [child], { encoding: 'utf8' });
    });
    expect(one).toMatch(/^[0-9a-f]{64}\n$/);
    expect(other).not.toBe(one);
  });

  test.each<[string, () => Partial<ArtifactRequest> | void]>([
    ['the folder', () => ({ entry: copyOf(entry) })],
    ['times', () => change(path.join(entry, 'app/__init__.py'), (file) => fs.utimesSync(file, 0, 0))],
    ['bits of the mode that follow the umask', () => change(path.join(entry, 'app/__init__.py'), (file) => fs.chmodSync(file, 0o666))],
    ['the version under which it is published', () => ({ version: '2.0' })],
    ['what is left out', () => {
      fs.mkdirSync(path.join(entry, 'app', '__pycache__'));
      onTestFinished(() => fs.rmSync(path.join(entry, 'app', '__pycache__'), { recursive: true }));
      fs.writeFileSync(path.join(entry, 'app', '__pycache__', 'x.pyc'), '');
    }],
    ...['HOME', 'TZ', 'LC_ALL', 'TMPDIR', 'USER', 'PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'UV_INDEX_URL', 'PIP_SOURCE_ARTIFACT_CACHE_DIR'].map((name): [string, () => void] => [name, () => setVariable(name, '/else')]),
  ])('does not change with %s', (_, prepare) => {
    const before = of();
    const request = prepare();
    expect(of(request ?? {})).toBe(before);
  });

  function copyOf(folder: string): string {
    const copy = path.join(temporaryFolder(), 'größe', 'another folder');
    fs.cpSync(folder, copy, { recursive: true });
    return copy;
  }
});

test('which Python a shim stands for depends on what says so, and not on the folder alone', () => {
  const folder = writeFiles(temporaryFolder(), { 'shims/python3': '#!/bin/sh\n', 'one/readme': '', 'a/b/c/d/readme': '', 'pinned/.python-version': '3.12\n', 'pinned/deep/readme': '' });
  const from = (cwd: string, env = {}) => identifyPython([{ source: 'test', file: path.join(folder, 'shims/python3') }], { HOME: folder, ...env }, path.join(folder, cwd));
  expect(from('a/b/c/d')).toBe(from('one'));
  expect(from('pinned/deep')).toBe(from('pinned'));
  expect(new Set([from('one'), from('pinned'), from('one', { PYENV_VERSION: '3.12' })]).size).toBe(3);
});

/** Until the test has ended. */
function setVariable(name: string, value: string) {
  const before = process.env[name];
  onTestFinished(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
  process.env[name] = value;
}

/** A project whose backend is in its own tree and needs no index: built in a moment. */
function inTreeProject(meanwhile = ''): string {
  return writeFiles(path.join(temporaryFolder(), 'project'), {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "app"\nversion = "1.0"\n',
    'backend.py': `
import os, zipfile
MORE = ""
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    global MORE
    ${meanwhile}
    name = "app-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as z:
        z.writestr("app.py", "def lambda_handler(e, c): ...\\n" + MORE)
        z.writestr("app-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: app\\nVersion: 1.0\\n")
        z.writestr("app-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: backend 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("app-1.0.dist-info/RECORD", "")
    return name
`,
  });
}

/** A program beside the library's compiled modules, which plain Node runs: in a process of its own, as apps are. */
async function childProgram(contents: string): Promise<string> {
  const file = path.join(path.dirname(await compileLibrary()), 'core', 'cache', 'child.js');
  fs.writeFileSync(file, contents);
  return file;
}
