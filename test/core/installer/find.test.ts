import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { askPython } from '../../../lib/core/installer/ask-python';
import { findInstaller } from '../../../lib/core/installer/find';
import { readPipConfig } from '../../../lib/core/installer/pip-config';
import { asksForMore, ignoresRequiresPython } from '../../../lib/core/installer/plain';
import { keyOf } from '../../../lib/core/plan/inputs/inputs';
import { findPythons } from '../../../lib/core/project/interpreter';
import { readProject } from '../../../lib/core/project/project';
import { admittedNames } from '../../../lib/core/project/requires-python';
import { absoluteArguments, absoluteVariables } from '../../../lib/core/project/user-paths';
import { temporaryFolder, writeFiles } from '../../setup/projects';

let python: string;
beforeAll(() => {
  python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
});

/** A folder of the PATH with a Python that says that it is of another version, or has no pip. */
function fakePython(name: string, { version, withoutPip = false }: { readonly version?: string; readonly withoutPip?: boolean } = {}): string {
  const edit = [version && `s/sys.version.split()\\[0\\]/"${version}"/`, withoutPip && 's/from pip import/from no_such_pip import/'].filter(Boolean).join(';');
  const folder = writeFiles(temporaryFolder(), { [name]: `#!/bin/sh\nexec "${python}" "$1" "$(printf %s "$2" | sed '${edit}')"\n` });
  fs.chmodSync(path.join(folder, name), 0o755);
  return folder;
}

const found = async (folders: readonly string[], required?: string, env: NodeJS.ProcessEnv = {}) => {
  const PATH = [...folders, '/usr/bin', '/bin'].join(path.delimiter);
  return findInstaller({ entry: temporaryFolder() }, { ...env, PATH, HOME: temporaryFolder() }, undefined, required);
};

describe.concurrent('which Python builds', () => {
  test('the first that the project admits, in whichever folder of the PATH', async () => {
    const folders = [fakePython('python3', { version: '3.9.1' }), fakePython('python3', { version: '3.12.1' }), fakePython('python3', { version: '3.13.1' })];
    expect((await found(folders)).pythonVersion).toBe('3.9.1');
    expect((await found(folders, '>=3.12')).pythonVersion).toBe('3.12.1');
    expect((await found(folders, '>=3.13')).pythonVersion).toBe('3.13.1');
  });

  test('one with the version in its name, if no other fits', async () => {
    const folders = [fakePython('python3', { version: '3.9.1' }), fakePython('python3.13', { version: '3.13.1' })];
    expect((await found(folders)).pythonVersion).toBe('3.9.1');
    expect((await found(folders, '>=3.13,<4')).pythonVersion).toBe('3.13.1');
  });

  test('an environment without pip does not hide a Python that has one', async () => {
    const folders = [fakePython('python3', { withoutPip: true, version: '3.12.1' }), fakePython('python3', { version: '3.12.2' })];
    expect((await found(folders, '>=3.12')).pythonVersion).toBe('3.12.2');
  });

  test('none that fits: the first words name what is required and what there is', async () => {
    const error = await found([fakePython('python3', { version: '3.9.1' })], '>=3.99').catch((reason) => reason);
    expect(error.message).toMatch(/^the project requires Python >=3\.99, got "3\.9\.1 \(python3 on the PATH\)"; set python to an interpreter that fits/);
    expect(error.message).toMatch(/--ignore-requires-python[^]*tried .*python3 on the PATH: is 3\.9\.1/);
  });
});

test('a file on the PATH, a circle of links, a path that is too long, and what may not be entered, are passed over', async () => {
  const folder = writeFiles(temporaryFolder(), { 'a-file': '', 'closed/bin/python3': '' });
  fs.symlinkSync(path.join(folder, 'circle'), path.join(folder, 'circle'));
  fs.chmodSync(path.join(folder, 'closed'), 0o000); // root enters it nevertheless
  const odd = ['a-file', 'circle', 'closed/bin', 'x'.repeat(5000), 'a-file/bin'].map((name) => path.join(folder, name));
  const env = { ...process.env, PATH: [...odd, path.join(inject('venv'), 'bin')].join(path.delimiter), HOME: path.join(folder, 'a-file'), VIRTUAL_ENV: path.join(folder, 'a-file') };
  const entry = writeFiles(temporaryFolder(), { '.venv': 'a file' });
  expect((await findInstaller({ entry }, env)).python).toMatch(/python3?$/);
  expect(keyOf('artifact', { entry, environment: env })).toMatch(/^[0-9a-f]{64}$/);
  fs.chmodSync(path.join(folder, 'closed'), 0o700);
});

test('a name with a version comes first where the project admits that version alone', () => {
  const folder = writeFiles(temporaryFolder(), { 'python3': '', 'python3.11': '', 'python3.12': '' });
  const names = (required?: string) => findPythons('/nowhere', undefined, { PATH: folder }, required).map(({ file }) => file && path.basename(file)).filter(Boolean);
  expect(names('==3.11.*')).toEqual(['python3.11', 'python3']);
  expect(names('>=3.11')).toEqual(['python3', 'python3.12', 'python3.11']);
  expect(admittedNames('~=3.12.0')).toEqual(['python3.12']);
});

test.each<[string, Record<string, string>, string | undefined]>([
  ['[project]', { 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\nrequires-python = ">=3.12"\n' }, '>=3.12'],
  ['Poetry', { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.9"\n' }, '>=3.9,<4'],
  ['Poetry, a tilde', { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "~3.9"\n' }, '>=3.9,<3.10'],
  ['setup.cfg', { 'setup.py': '', 'setup.cfg': '[options]\npython_requires = >=3.8, <4\n' }, '>=3.8, <4'],
  ['setup.py', { 'setup.py': 'setup(\n    python_requires=">=3.10",\n)\n' }, '>=3.10'],
  ['setup.py, made by code', { 'setup.py': 'setup(python_requires=WANTED)\n' }, undefined],
  ['no specifier', { 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\nrequires-python = "three"\n' }, undefined],
])('what is required is known from %s', (_, files, required) => {
  expect(readProject(writeFiles(temporaryFolder(), files)).requiresPython).toBe(required);
});

test('a Python that prints at its start and at its end says what it is asked', async () => {
  const folder = writeFiles(temporaryFolder(), { 'sitecustomize.py': 'import atexit\nprint("{hello")\natexit.register(print, "bye}")\n' });
  expect(await askPython(python, 'answer([1, "two"])', { env: { ...process.env, PYTHONPATH: folder } })).toEqual([1, 'two']);
});

test('relative paths in variables and arguments are those of the folder that the app runs in', () => {
  const [here, project] = [writeFiles(temporaryFolder(), { 'c.txt': '' }), writeFiles(temporaryFolder(), { 'wheels/a.whl': '' })];
  expect(absoluteVariables({
    PIP_CONFIG_FILE: 'ci/pip.conf', PIP_CONSTRAINT: 'c.txt https://x.example/c.txt', PIP_FIND_LINKS: 'wheels', UV_FIND_LINKS: '/abs,~/w', PIP_INDEX_URL: 'https://x.example', OTHER: 'c.txt',
  }, [here, project])).toEqual({
    PIP_CONFIG_FILE: `${here}/ci/pip.conf`, PIP_CONSTRAINT: `${here}/c.txt https://x.example/c.txt`, PIP_FIND_LINKS: `${project}/wheels`, UV_FIND_LINKS: '/abs,~/w', PIP_INDEX_URL: 'https://x.example', OTHER: 'c.txt',
  });
  expect(absoluteArguments(['-c', 'c.txt', '-cc.txt', '--find-links=wheels', '--no-index', '--index-url', 'https://x.example', 'c.txt'], [here, project])).toEqual([
    '-c', `${here}/c.txt`, `-c${here}/c.txt`, `--find-links=${project}/wheels`, '--no-index', '--index-url', 'https://x.example', 'c.txt',
  ]);
});

test('pip.conf is read as pip does, and what asks for more than to install is seen', () => {
  const file = path.join(writeFiles(temporaryFolder(), { 'pip.conf': '# c\n[install]\nno-deps = true\n[global]\nfind_links =\n  a\n  b\nno-deps = false\n[list]\nx = 1\n' }), 'pip.conf');
  const env = { PIP_CONFIG_FILE: file, HOME: '/nowhere', XDG_CONFIG_HOME: '/nowhere', XDG_CONFIG_DIRS: '/nowhere' };
  const config = readPipConfig(env, '/nowhere', 'install');
  expect([config.get('find-links'), config.get('no-deps'), config.has('x')]).toEqual(['a b', 'true', false]);
  const asks = (option: string) => asksForMore({ entry: '' }, {}, { config: new Map([[option, 'x']]) } as never);
  expect([asks('config-settings'), asks('no-build-isolation'), asks('index-url')]).toEqual([true, true, false]);
  expect([ignoresRequiresPython({ entry: '', pipArgs: ['--ignore-requires-python'] }, {}), ignoresRequiresPython({ entry: '' }, { PIP_IGNORE_REQUIRES_PYTHON: '0' })]).toEqual([true, false]);
});
