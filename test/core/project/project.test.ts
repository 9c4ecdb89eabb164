import * as path from 'node:path';
import { expect, test } from 'vitest';
import { readProject } from '../../../lib/core/project/project';
import { copyFixture, temporaryFolder, writeFiles } from '../../setup/projects';

test('reads name and version without running anything', () => {
  expect(readProject(copyFixture('setuptools-flat'))).toMatchObject({ file: 'pyproject.toml', displayName: 'flat-app', version: '0.1.1', versionFromGit: false });
  expect(readProject(copyFixture('setup-py'))).toMatchObject({ file: 'setup.py', displayName: 'setup-py', version: undefined, versionFromGit: false });
});

test.each([
  ['[build-system]\nrequires = ["setuptools_scm"]'],
  ['[tool.hatch.version]\nsource = "vcs"'],
  ['[tool.pdm.version]\nsource = "scm"'],
  ['[tool.poetry-dynamic-versioning]\nenable = true'],
])('knows where the version comes from git: %s', (pyproject) => {
  expect(readProject(writeFiles(temporaryFolder(), { 'pyproject.toml': pyproject })).versionFromGit).toBe(true);
});

test('fails: no such folder', () => {
  expect(() => readProject('/nowhere/project')).toThrow('the project folder does not exist, got "/nowhere/project"; set entry to the folder that holds pyproject.toml or setup.py');
});

test('fails: a file instead of a folder', () => {
  const folder = copyFixture('setuptools-flat');
  const file = path.join(folder, 'pyproject.toml');
  expect(() => readProject(file)).toThrow(`entry is a file, got "${file}"; set entry to its folder, "${folder}"`);
});

test('fails: neither pyproject.toml nor setup.py', () => {
  const folder = temporaryFolder();
  expect(() => readProject(folder)).toThrow(`the folder holds neither pyproject.toml nor setup.py, got "${folder}"; add a pyproject.toml, or set entry to the folder that has one`);
});

test('fails: broken TOML, with line and column', () => {
  const folder = copyFixture('bad-toml');
  expect(() => readProject(folder)).toThrow([
    `pyproject.toml is not valid TOML at line 9, column 19, got "${folder}/pyproject.toml"; correct it:`,
    '',
    '8 :  description = "The next line lacks its quotes"',
    '9 :  requires-python = >=3.9',
    '                       ^',
    '',
    'hint: invalid value',
  ].join('\n'));
});

test('fails: no version', () => {
  const folder = copyFixture('no-version');
  expect(() => readProject(folder)).toThrow(`pyproject.toml gives the project no version, got "${folder}/pyproject.toml"; set [project].version, or name it in [project].dynamic`);
});
