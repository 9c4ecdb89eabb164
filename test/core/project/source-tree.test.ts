import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { copySourceTree, DEFAULT_EXCLUDE, digestSourceTree, listSourceTree } from '../../../lib/core/project/source-tree';
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
