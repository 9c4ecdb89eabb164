import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lib/core/base/tree';
import { copySourceTree, digestSourceTree, listSourceTree } from '../../../lib/core/project/source-tree';
import { DEFAULT_EXCLUDE } from '../../../lib/core/project/tree/exclusion';
import { digestFolder, temporaryFolder, writeFiles } from '../../setup/projects';

const pathsOf = (entry: string, exclude?: string[]) => listSourceTree(entry, exclude).map((file) => file.path).sort();

test('leaves out what a build never needs', () => {
  const entry = writeFiles(temporaryFolder(), {
    'pyproject.toml': '',
    'app/__init__.py': '',
    'app/build/kept.py': '',
    'my env/pyvenv.cfg': '',
    'my env/lib/x.py': '',
    'build/lib/stale.py': '',
    'dist/app-1.0.tar.gz': '',
    'app.egg-info/PKG-INFO': '',
    '.git/HEAD': '',
    'node_modules/a/index.js': '',
    'app/__pycache__/x.pyc': '',
    '.gitignore': '',
  });
  expect(pathsOf(entry)).toEqual(['.gitignore', 'app/__init__.py', 'app/build/kept.py', 'pyproject.toml']);
});

test('build and dist that are packages stay', () => {
  expect(pathsOf(writeFiles(temporaryFolder(), { 'build/__init__.py': '', 'dist/__init__.py': '' }))).toEqual(['build/__init__.py', 'dist/__init__.py']);
});

test('exclude has patterns of .gitignore, and takes back in', () => {
  const entry = writeFiles(temporaryFolder(), { 'a/big.csv': '', 'a/b/big.csv': '', 'docs/x.md': '', 'dist/keep.txt': '', 'app.py': '' });
  expect(pathsOf(entry, ['*.csv', '/docs/', '!/dist/'])).toEqual(['app.py', 'dist/keep.txt']);
});

test('follows links, but not in circles', () => {
  const outside = writeFiles(temporaryFolder(), { 'shared/common.py': 'x = 1\n' });
  const entry = writeFiles(temporaryFolder(), { 'app/__init__.py': '' });
  fs.symlinkSync(path.join(outside, 'shared'), path.join(entry, 'app', 'shared'));
  fs.symlinkSync('..', path.join(entry, 'app', 'up'));
  fs.symlinkSync('nowhere', path.join(entry, 'broken'));
  expect(pathsOf(entry)).toEqual(['app/__init__.py', 'app/shared/common.py']);
});

test('sees an edit that keeps size and time', () => {
  const entry = writeFiles(temporaryFolder(), { 'app.py': 'x = 1\n' });
  const file = path.join(entry, 'app.py');
  const { atime, mtime } = fs.statSync(file);
  const before = digestSourceTree(listSourceTree(entry));
  fs.writeFileSync(file, 'x = 2\n');
  fs.utimesSync(file, atime, mtime);
  expect(digestSourceTree(listSourceTree(entry))).not.toEqual(before);
});

test('a copy is the files that were listed, executable bits too', () => {
  const entry = writeFiles(temporaryFolder(), { 'app/run.sh': 'echo\n', 'app/__init__.py': '' });
  fs.chmodSync(path.join(entry, 'app', 'run.sh'), 0o777);
  const target = path.join(temporaryFolder(), 'copy');
  expect(copySourceTree(listSourceTree(entry), target)).toEqual(digestSourceTree(listSourceTree(entry)));
  expect(digestFolder(target)).toBe(digestFolder(entry));
});

test('what is left out without `exclude` is left out by the rules of .gitignore too: upper case is another name', () => {
  const names = DEFAULT_EXCLUDE.map((name) => name.replace('*', 'x').replace('[co]', 'c')).flatMap((name) => [name, name.toUpperCase(), `a${name}`, `${name}a`]);
  const folders = ['', 'deep/', 'Build/', 'dist/', 'x.egg-info/', 'deep/build/', 'deep/x.egg-info/'];
  const entry = writeFiles(temporaryFolder(), Object.fromEntries(folders.flatMap((folder) => names.map((name) => [`${folder}${name}`, '']))));
  const listed = listSourceTree(entry);
  expect(listed).toEqual(listSourceTree(entry, ['no-such-name']));
  const isListed = (folder: string) => listed.some((file) => file.path.startsWith(`${folder}/`));
  expect([listed.length > 100, isListed('deep/build'), isListed('Build'), isListed('dist')]).toEqual([true, true, true, false]);
});

const filesOf = (entry: string, exclude?: string[]) => pathsOf(entry, exclude).filter((name) => name !== 'pyproject.toml');

describe('inside of a package, nothing is left out but what is in no package', () => {
  test.each<[string, string, string?]>([
    ['vendored metadata', 'app/_vendor/lib-1.0.dist-info/METADATA'],
    ['vendored metadata of old', 'app/_vendor/lib.egg-info/PKG-INFO'],
    ['front-end files', 'app/web/node_modules/x/i.js'],
    ['a template', 'app/templates/htmlcov/index.html'],
    ['data', 'app/data/.coverage'],
    ['a folder of build', 'app/build/x.txt'],
    ['below src, also without __init__.py', 'src/acme/billing/node_modules/x.js'],
    ['a namespace that the configuration names', 'acme/billing/.tox/x.txt', '[tool.setuptools]\npackages = ["acme.billing"]\n'],
  ])('%s', (_, name, pyproject = '') => {
    const entry = writeFiles(temporaryFolder(), { 'pyproject.toml': pyproject, 'app/__init__.py': '', [name]: '' });
    expect(filesOf(entry)).toEqual(['app/__init__.py', name].sort());
    expect(filesOf(entry, ['no-such-name'])).toEqual(['app/__init__.py', name].sort());
  });

  test.each(['app/__pycache__/x.pyc', 'app/.git/HEAD', 'app/.DS_Store', 'infra/node_modules/x.js', 'infra/cdk.out/x', 'node_modules/x.js', 'src/app.egg-info/PKG-INFO', 'src/node_modules/x.js', 'tests/.coverage'])('not so %s', (name) => {
    const entry = writeFiles(temporaryFolder(), { 'pyproject.toml': '', 'app/__init__.py': '', 'infra/app.py': '', [name]: '' });
    expect(filesOf(entry)).not.toContain(name);
    expect(filesOf(entry, ['no-such-name'])).not.toContain(name);
  });

  test('but for what the user excludes', () => {
    const entry = writeFiles(temporaryFolder(), { 'pyproject.toml': '', 'app/__init__.py': '', 'app/node_modules/x.js': '' });
    expect(filesOf(entry, ['node_modules'])).toEqual(['app/__init__.py']);
  });
});

describe('build and dist that the configuration names stay, without the output of earlier builds', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['package-dir', { 'pyproject.toml': '[tool.setuptools.package-dir]\n"" = "build/gen"\n' }, ['build/gen/a.py']],
    ['where', { 'setup.cfg': '[options.packages.find]\nwhere = build/gen\n' }, ['build/gen/a.py', 'setup.cfg']],
    ['force-include', { 'pyproject.toml': '[tool.hatch.build.targets.wheel.force-include]\n"dist/web" = "app/static"\n' }, ['dist/web/i.js']],
    ['a setup.py', { 'setup.py': 'setup(package_dir={"": "build/gen"})\n' }, ['build/gen/a.py', 'setup.py']],
    ['the whole folder', { 'pyproject.toml': '[tool.poetry]\ninclude = ["build/**/*.py"]\n' }, ['build/gen/a.py']],
    ['a command of that name', { 'setup.py': 'setup(cmdclass={"build": Build})\n' }, ['setup.py']],
    ['hatchling\'s output', { 'pyproject.toml': '[tool.hatch.build]\ndirectory = "dist"\n' }, []],
  ])('%s', (_, files, kept) => {
    const entry = writeFiles(temporaryFolder(), { 'build/gen/a.py': '', 'build/lib/stale.py': '', 'dist/web/i.js': '', 'dist/app-1.whl': '', ...files });
    expect(filesOf(entry)).toEqual(kept);
    expect(filesOf(entry, ['no-such-name'])).toEqual(kept);
  });
});

test('a folder without files is part of the project, and of its digest', () => {
  const entry = writeFiles(temporaryFolder(), { 'app/__init__.py': '' });
  const before = digestSourceTree(listSourceTree(entry));
  fs.mkdirSync(path.join(entry, 'app', 'generated', 'deep'), { recursive: true });
  expect(pathsOf(entry)).toEqual(['app/__init__.py', 'app/generated/deep/']);
  const target = temporaryFolder();
  expect(copySourceTree(listSourceTree(entry), target)).not.toEqual(before);
  expect(fs.readdirSync(path.join(target, 'app', 'generated'))).toEqual(['deep']);
});

describe('what the configuration names beside the project', () => {
  const NAMES = { 'pyproject.toml': '[project]\nreadme = "../README.md"\nlicense-files = ["../LICEN[CS]E*"]\n[tool.setuptools.packages.find]\nwhere = ["src", "../libs/shared/src"]\n' };
  const AROUND = { 'README.md': 'r', 'LICENSE': 'l', 'secret.txt': 's', 'libs/shared/src/shared/__init__.py': '', 'libs/shared/src/x.egg-info/PKG-INFO': '', 'libs/other.py': '' };
  const monorepo = (files: Record<string, string>, around: Record<string, string> = AROUND) => writeFiles(path.join(writeFiles(temporaryFolder(), { ...around, 'uv.lock': '' }), 'svc'), { 'src/app/__init__.py': '', ...files });

  test('is part of it, at the same relative place, and nothing else', () => {
    expect(pathsOf(monorepo(NAMES))).toEqual(['../LICENSE', '../README.md', '../libs/shared/src/shared/__init__.py', 'pyproject.toml', 'src/app/__init__.py']);
  });

  test('is in its digest', () => {
    const entry = monorepo(NAMES);
    const before = digestSourceTree(listSourceTree(entry));
    fs.writeFileSync(path.join(entry, '../libs/shared/src/shared/__init__.py'), 'x = 1\n');
    expect(digestSourceTree(listSourceTree(entry))).not.toEqual(before);
  });

  test.each<[string, Record<string, string>]>([
    ['hatchling\'s force-include', { 'pyproject.toml': '[tool.hatch.build.targets.wheel.force-include]\n"../libs/shared/src/shared" = "shared"\n' }],
    ['Poetry\'s from', { 'pyproject.toml': '[[tool.poetry.packages]]\ninclude = "shared"\nfrom = "../libs/shared/src"\n' }],
    ['a setup.cfg', { 'setup.cfg': '[options]\npackage_dir =\n  =src\n  shared = ../libs/shared/src/shared\n' }],
    ['a setup.py', { 'setup.py': 'setup(package_dir={"shared": "../libs/shared/src/shared"})\n' }],
  ])('in %s', (_, files) => {
    expect(pathsOf(monorepo(files))).toContain('../libs/shared/src/shared/__init__.py');
  });

  test('is an error if it is not there, or above the lock file, the workspace or the repository', () => {
    const naming = (place: string) => ({ 'pyproject.toml': `[tool.setuptools.packages.find]\nwhere = ["${place}"]\n` });
    expect(() => pathsOf(monorepo(naming('../missing')))).toThrow('pyproject.toml names what is not there, got "../missing"; correct it: it is relative to the project\'s folder [file-outside-missing]');
    expect(() => pathsOf(monorepo(naming('../..')))).toThrow(/^pyproject.toml names what is outside of .*, got "..\/.."; move it into the repository, or into the project \[file-outside\]$/);
    const alone = writeFiles(path.join(temporaryFolder(), 'svc'), naming('..'));
    expect(() => pathsOf(alone)).toThrow('no repository, workspace or lock file says where that ends');
    expect(pathsOf(monorepo({ ...naming('..'), 'a.py': '' }))).toContain('../libs/other.py');
  });
});

test('a name that is not UTF-8 is told as that, if it is not left out', () => {
  const entry = writeFiles(temporaryFolder(), { 'data/a.txt': '' });
  fs.writeFileSync(Buffer.concat([Buffer.from(`${entry}/data/caf`), Buffer.from([0xe9])]), '');
  expect(() => pathsOf(entry)).toThrow(/^the name of a file is not UTF-8, got ".*"; rename it, or leave it out with exclude \[file-name-unfit\]$/);
  expect(pathsOf(entry, ['data/caf*'])).toEqual(['data/a.txt']);
});

test('a large file is read piece by piece', () => {
  const entry = writeFiles(temporaryFolder(), { 'small.bin': 'a' });
  const content = Buffer.alloc(3 * 1024 ** 2 + 5, 'abc');
  fs.writeFileSync(path.join(entry, 'large.bin'), content);
  const target = temporaryFolder();
  const copied = copySourceTree(listSourceTree(entry), target);
  expect(copied).toEqual(digestSourceTree(listSourceTree(entry)));
  expect(copied.find(({ path: name }) => name === 'large.bin')!.sha256).toBe(sha256(content));
  expect(fs.readFileSync(path.join(target, 'large.bin')).equals(content)).toBe(true);
});
