import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { build } from '../../../lib/core/build/build';
import type { InstalledTree } from '../../../lib/core/build/installed-tree';
import { readProject } from '../../../lib/core/project/project';
import { copyFixture, digestFolder, environments, git, gitInit, runPython, temporaryFolder, unpack, writeFiles } from '../../setup/projects';

async function installedTree(entry: string, options: { readonly exclude?: string[]; readonly version?: string; readonly python?: string } = {}): Promise<InstalledTree> {
  const before = digestFolder(entry);
  const { tree } = await build(readProject(entry), { entry, ...options }, { environments: environments() });
  expect(digestFolder(entry), 'the user\'s tree is byte for byte as before').toBe(before);
  return tree;
}

const pathsOf = (tree: InstalledTree) => tree.files.map((file) => file.path);
const textOf = (tree: InstalledTree, suffix: string) => tree.files.find((file) => file.path.endsWith(suffix))?.content.toString();

const callHandler = (module: string, distribution: string) => `
import importlib, importlib.metadata
print(json.dumps([importlib.import_module(${JSON.stringify(module)}).lambda_handler({}, None), importlib.metadata.version(${JSON.stringify(distribution)})]))`;

describe.concurrent('a project of each build backend is installed and works', () => {
  const flat = installedTree(copyFixture('setuptools-flat')); // for two tests
  const flatOr = (fixture: string) => fixture === 'setuptools-flat' ? flat : installedTree(copyFixture(fixture));

  test.each([
    ['setuptools-flat', 'flat-app', '0.1.1', 'flat_app.lambda_function'],
    ['setuptools-src', 'src-app', undefined, 'src_app.lambda_function'],
    ['setup-py', 'setup-py-app', '1.4.0', 'setup_py_app.lambda_function'],
    ['hatchling', 'hatchling-app', undefined, 'hatchling_app.lambda_function'],
    ['flit', 'flit-app', undefined, 'flit_app.lambda_function'],
    ['poetry-core', 'poetry-core-app', '0.5.0', 'poetry_core_app.lambda_function'],
    ['pdm-backend', 'pdm-backend-app', undefined, 'pdm_backend_app.lambda_function'],
    ['uv-build', 'uv-build-app', '0.7.0', 'uv_build_app.lambda_function'],
    ['namespace-package', 'acme-billing', '3.1.4', 'acme.billing.lambda_function'],
    ['dynamic-version', 'dynamic-version-app', undefined, 'dynamic_version_app.lambda_function'],
  ])('%s', async (fixture, name, version, handlerModule) => {
    const tree = await flatOr(fixture);
    expect(tree.name.replaceAll('_', '-')).toBe(name);
    if (version) expect(tree.version).toBe(version);
    const folder = unpack(tree.files);
    expect(runPython(folder, callHandler(handlerModule, name))).toMatchObject([{ version: tree.version }, tree.version]);
  });

  test('entry points stay, their scripts with this machine\'s interpreter go', async () => {
    const tree = await flatOr('setuptools-flat');
    expect(pathsOf(tree)).toEqual([
      'flat_app-0.1.1.dist-info/METADATA',
      'flat_app-0.1.1.dist-info/RECORD',
      'flat_app-0.1.1.dist-info/WHEEL',
      'flat_app-0.1.1.dist-info/entry_points.txt',
      'flat_app-0.1.1.dist-info/top_level.txt',
      'flat_app/__init__.py',
      'flat_app/cli.py',
      'flat_app/greeting.py',
      'flat_app/lambda_function.py',
    ]);
    expect(textOf(tree, 'entry_points.txt')).toContain('flat-app = flat_app.cli:main');
    expect(textOf(tree, 'WHEEL')).toMatch(/^Generator: setuptools$/m);
    expect(runPython(unpack(tree.files), `
import importlib.metadata as m
d = m.distribution("flat-app")
print(json.dumps([all(f.locate().exists() for f in d.files), all(f.hash is None or f.hash.mode == "sha256" for f in d.files), len(d.files)]))`)).toEqual([true, true, 9]);
  });

  test('package data: names that are not ASCII, empty files, executable files', async () => {
    const tree = await installedTree(copyFixture('package-data'));
    expect(pathsOf(tree)).toContain('package_data_app/données/größe_日本.txt');
    expect(tree.files.filter((file) => file.executable).map((file) => file.path)).toEqual(['package_data_app/scripts/hello.sh']);
    expect(runPython(unpack(tree.files), callHandler('package_data_app.lambda_function', 'package-data-app'))).toMatchObject([{ version: '1.0.0', empty: '' }, '1.0.0']);
  });
});

describe.concurrent('what piles up in a developer\'s folder', () => {
  function messyProject(): string {
    const entry = copyFixture('messy');
    writeFiles(entry, {
      '.venv/pyvenv.cfg': 'home = /nowhere\n',
      '.venv/lib/python3.13/site-packages/other.py': 'raise SystemExit',
      'node_modules/left-pad/messy_app/index.js': '',
      'build/lib/messy_app/deleted_long_ago.py': 'STALE = True\n',
      'messy_app.egg-info/SOURCES.txt': 'messy_app/deleted_long_ago.py\n',
      'messy_app/__pycache__/lambda_function.cpython-311.pyc': 'stale',
      'cdk.out/asset.1/messy_app/__init__.py': '',
      '.git/HEAD': 'ref: refs/heads/main\n',
    });
    fs.symlinkSync('..', path.join(entry, 'messy_app', 'loop'));
    fs.symlinkSync('/nowhere/at/all', path.join(entry, 'broken'));
    return entry;
  }

  test('is neither shipped nor changed', async () => {
    const tree = await installedTree(messyProject(), { python: 'python3' });
    expect(pathsOf(tree).filter((file) => !file.includes('.dist-info/'))).toEqual(['messy_app/__init__.py', 'messy_app/lambda_function.py']);
  });
});

describe.concurrent('versions from git', () => {
  test.each([['git-version'], ['hatch-vcs']])('%s: of the tag', async (fixture) => {
    const entry = copyFixture(fixture);
    gitInit(entry, 'v2.3.4');
    expect((await installedTree(entry)).version).toBe('2.3.4');
  });

  test('of a project below the repository\'s top, with files left out', async () => {
    const top = temporaryFolder();
    const entry = copyFixture('git-version', path.join(top, 'services', 'one'));
    fs.appendFileSync(path.join(entry, 'pyproject.toml'), 'root = "../.."\n');
    writeFiles(top, { 'services/one/node_modules/tracked.js': '', 'services/two/other.py': '' });
    gitInit(top, 'v5.0.0');
    fs.rmSync(path.join(top, 'services/two'), { recursive: true }); // no matter of this project
    expect((await installedTree(entry)).version).toBe('5.0.0');
  });

  test('of a linked work tree, with a changed file: dated by the commit and not by today', async () => {
    const main = copyFixture('git-version');
    gitInit(main, 'v1.0.0');
    const entry = path.join(temporaryFolder(), 'linked');
    git(main, 'worktree', 'add', '--quiet', entry);
    fs.appendFileSync(path.join(entry, 'git_version_app', '__init__.py'), '# changed\n');
    expect((await installedTree(entry)).version).toMatch(/^1\.0\.1\.dev0\+g?[0-9a-f]+\.d20260102$/);
  });

  test('given, without a repository', async () => {
    expect((await installedTree(copyFixture('git-version'), { version: '7.7.7' })).version).toBe('7.7.7');
  });
});
