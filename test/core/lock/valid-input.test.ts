import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { platformOf } from '../../../lib/core/lambda/target';
import type { LayerRequirements } from '../../../lib/core/lock/locked';
import { unpinnedPackages } from '../../../lib/core/lock/pinned';
import { readRequirements, type LayerSource } from '../../../lib/core/lock/read-lock';
import { temporaryFolder } from '../../setup/projects';

type Asked = Omit<LayerSource, 'entry' | 'requirements'> & { readonly file?: string; readonly runtime?: string };

/** What is read of a project that has just these files. */
function readFiles(files: Readonly<Record<string, string | Buffer>>, { file, runtime = 'python3.13', ...source }: Asked = {}): LayerRequirements {
  const entry = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(entry, name)), { recursive: true });
    fs.writeFileSync(path.join(entry, name), content);
  }
  return readRequirements({ entry, requirements: file && path.join(entry, file), ...source }, platformOf({ runtime, architecture: 'x86_64' }));
}

const versions = ({ locked }: LayerRequirements) => locked.map(({ name, version }) => `${name}==${version}`).join(' ');
const requiring = (...lines: string[]) => `[project]\nname = "my-app"\nversion = "1.0"\ndependencies = ${JSON.stringify(lines)}\n`;
const hashed = (...lines: string[]) => lines.map((line) => `${line} --hash=sha256:${'a'.repeat(64)}\n`).join('');

describe('requirements.txt', () => {
  test.each([
    ['little', Buffer.from('\ufeffa==1.0\r\n', 'utf16le')],
    ['big', Buffer.from('\ufeffa==1.0\r\n', 'utf16le').swap16()],
  ])('of UTF-16, %s endian, as PowerShell writes it', (_, content) => {
    expect(readFiles({ 'requirements.txt': content }).unlocked).toEqual(['a==1.0']);
    expect(versions(readFiles({ 'pylock.toml': Buffer.from('\ufefflock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1.0"\n', 'utf16le') }))).toBe('a==1.0');
  });

  test.each(['reqs', 'requirements.prod', 'requirements.lock', 'deps/prod.pip'])('of any name: %s', (file) => {
    expect(readFiles({ [file]: '# pinned\na==1.0 ; python_version > "3"\n' }, { file }).unlocked).toEqual(['a==1.0']);
  });

  test('--prefer-binary is for pip alone, and without effect', () => {
    expect(readFiles({ 'requirements.txt': '--prefer-binary\na==1.0\n' })).toMatchObject({ args: [], unlocked: ['a==1.0'] });
  });

  test('blanks in paths', () => {
    const project = (name: string) => `[project]\nname = "${name}"\nversion = "1.0"\n`;
    const { args, local, unlocked, file } = readFiles({
      'requirements.txt': '-r "more of it.txt"\n--find-links \'my wheels\'\n./my folder/one ; python_version > "3"\n-e "./my folder/two"\n./my folder/x-1.0-py3-none-any.whl\n',
      'more of it.txt': 'a\n',
      'my folder/one/pyproject.toml': project('one'),
      'my folder/two/pyproject.toml': project('two'),
      'my folder/x-1.0-py3-none-any.whl': '',
    });
    const folder = path.dirname(file);
    expect(args).toEqual([`--find-links=${path.join(folder, 'my wheels')}`]);
    expect(local.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(unlocked).toEqual(['a', `x @ file://${folder}/my%20folder/x-1.0-py3-none-any.whl`]);
  });

  test('an export without what the runtime brings, or what is excluded', () => {
    const files = { 'pyproject.toml': requiring('boto3>=1.34', 'hl-a', 'own'), 'requirements.txt': hashed('hl-a==1.0') };
    expect(versions(readFiles(files, { exclude: ['Own'] }))).toBe('hl-a==1.0');
    expect(() => readFiles(files)).toThrow('requirements.txt lacks what pyproject.toml requires, got "own"');
  });

  test('what the project requires itself, by the comments of pip-compile and uv', () => {
    const { direct } = readFiles({
      'requirements.txt': [
        `a==1.0 \\\n    --hash=sha256:${'a'.repeat(64)}\n    # via -r requirements.in\n`,
        `b==1.0 \\\n    --hash=sha256:${'a'.repeat(64)}\n    # via\n    #   a\n    #   c\n`,
        `c[x]==1.0 --hash=sha256:${'a'.repeat(64)}  # via a, my-app\n`,
        `d==1.0 --hash=sha256:${'a'.repeat(64)}\n    # via -c constraints.txt\n`,
      ].join(''),
    });
    expect(direct).toEqual(['a', 'c[x]']);
  });

  test('what it does not list is not pinned', () => {
    const requirements = readFiles({ 'requirements.txt': 'top==1.0\n-c constraints.txt\n', 'constraints.txt': 'dep==1.0\nother>1\n' });
    expect(requirements.isOpen).toBe(true);
    expect(unpinnedPackages(requirements, [{ name: 'top' }, { name: 'dep' }])).toEqual([]);
    expect(unpinnedPackages(requirements, [{ name: 'top' }, { name: 'other' }, { name: 'third' }])).toEqual(['other', 'third']);
  });
});

describe('poetry.lock', () => {
  const locked = (name: string, version: string, more = '') => `[[package]]\nname = "${name}"\nversion = "${version}"\npython-versions = ">=3.8.*"\nfiles = [{ file = "${name}-${version}-py3-none-any.whl", hash = "sha256:aa" }]\n${more}`;
  const OLD = '[metadata]\nlock-version = "2.0"\npython-versions = ">=3.8.*"\n';

  test('of Poetry 1: the highest version that fits, also if a later requirement narrows it', () => {
    const pyproject = '[tool.poetry]\nname = "my-app"\n[tool.poetry.dependencies]\npython = ">=3.8.*"\ncore = "^1.0"\n';
    const http = locked('http', '1.26.20') + locked('http', '2.2.3') + locked('http', '2.10.0');
    const core = locked('core', '1.0', '[package.dependencies]\nhttp = [{version = "<1.27", markers = "python_version < \'3.10\'"}, {version = ">=1.25,<3", markers = "python_version >= \'3.10\'"}]\n');
    expect(versions(readFiles({ 'pyproject.toml': pyproject, 'poetry.lock': core + http + OLD }))).toBe('core==1.0 http==2.10.0');
    expect(versions(readFiles({ 'pyproject.toml': pyproject, 'poetry.lock': core + http + OLD }, { runtime: 'python3.9' }))).toBe('core==1.0 http==1.26.20');
    const late = locked('core', '1.0', '[package.dependencies]\nhttp = ">=1.25"\nlate = "*"\n') + locked('late', '2.0') + locked('late', '1.0', '[package.dependencies]\nhttp = "<2.10"\n');
    const narrow = { 'pyproject.toml': `${pyproject}late = "<2"\n`, 'poetry.lock': late + http + OLD };
    expect(versions(readFiles(narrow))).toBe('core==1.0 http==2.2.3 late==1.0');
  });

  test('an entry that only says where an optional requirement comes from is none', () => {
    const project = `${requiring('hl-a')}optional-dependencies = { fast = ["hl-fast"] }\n`;
    const poetry = '[tool.poetry.dependencies]\nhl-fast = { source = "own" }\n';
    const lock = locked('hl-a', '1.0', 'groups = ["main"]\n') + locked('hl-fast', '1.0', 'optional = true\ngroups = ["main"]\nmarkers = "extra == \'fast\'"\n')
      + '[extras]\nfast = ["hl-fast"]\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\n';
    expect(versions(readFiles({ 'pyproject.toml': project + poetry, 'poetry.lock': lock }))).toBe('hl-a==1.0');
    expect(versions(readFiles({ 'pyproject.toml': project + poetry, 'poetry.lock': lock }, { extras: ['fast'] }))).toBe('hl-a==1.0 hl-fast==1.0');
  });

  test('goes before a uv.lock that uv wrote empty, because the project is of Poetry alone', () => {
    const pyproject = '[tool.poetry]\nname = "my-app"\n[tool.poetry.dependencies]\ncore = "^1.0"\n';
    expect(versions(readFiles({ 'pyproject.toml': pyproject, 'uv.lock': 'version = 1\n', 'poetry.lock': locked('core', '1.0') + OLD }))).toBe('core==1.0');
  });
});

describe('uv.lock', () => {
  const UV = 'version = 1\nrequires-python = ">=3.9"\n';
  const uvPackage = (name: string, registry: string) => `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "${registry}" }\nwheels = [{ url = "https://example.com/${name}-1.0-py3-none-any.whl", hash = "sha256:aa" }]\n`;

  test('groups of the root of a workspace that is no project', () => {
    const files = {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["m"]\n[dependency-groups]\ndev = ["six", "old; python_version<\'3.10\'"]\n',
      'uv.lock': `${UV}[manifest]\nmembers = ["m"]\n[manifest.dependency-groups]\ndev = [{ name = "six" }, { name = "old", marker = "python_full_version < '3.10'" }]\n${uvPackage('six', 'https://pypi.org/simple')}${uvPackage('old', 'https://pypi.org/simple')}`,
    };
    expect(versions(readFiles(files, { groups: ['dev'] }))).toBe('six==1.0');
    expect(() => readFiles(files)).toThrow('uv.lock has nothing that the target needs');
    expect(() => readFiles(files, { groups: ['test'] })).toThrow('uv.lock has no such group, got "test"; set groups to some of dev');
  });

  test('flat indexes are pages of links', () => {
    const { args, indexes } = readFiles({
      'pyproject.toml': `${requiring('a', 'b', 'c', 'd')}[[tool.uv.index]]\nname = "own"\nurl = "https://me@own.example.com/flat/"\nformat = "flat"\n[tool.uv]\nfind-links = ["https://links.example.com/all"]\n`,
      'uv.lock': `${UV}[[package]]\nname = "my-app"\nversion = "1.0"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }, { name = "b" }, { name = "c" }, { name = "d" }]\n${uvPackage('a', 'https://own.example.com/flat')}${uvPackage('b', 'https://example.com/torch_stable.html')}${uvPackage('c', 'https://example.com/simple')}${uvPackage('d', 'https://links.example.com/all')}`,
    });
    expect(args).toEqual(['--find-links=https://own.example.com/flat', '--find-links=https://example.com/torch_stable.html', '--find-links=https://links.example.com/all']);
    expect(indexes).toEqual(['https://example.com/simple']);
  });

  test('what the tool was told: overrides, excludes, other metadata', () => {
    const told = '[tool.uv]\noverride-dependencies = ["A>=2"]\nexclude-dependencies = ["b"]\ndependency-metadata = [{ name = "c", requires-dist = [] }]\n[tool.pdm.resolution]\nexcludes = ["d"]\n[tool.pdm.resolution.overrides]\ne = "1.0"\n';
    expect(readFiles({ 'pyproject.toml': requiring('x') + told, 'requirements.txt': hashed('x==1.0') })).toMatchObject({ exempt: ['a', 'b', 'd', 'e', 'my-app'], redefined: ['c'] });
    const lock = `${UV}[manifest]\noverrides = [{ name = "a" }]\nexcludes = ["b"]\n[[manifest.dependency-metadata]]\nname = "c"\n[[package]]\nname = "my-app"\nversion = "1.0"\nsource = { virtual = "." }\ndependencies = [{ name = "x", extra = ["Y"] }]\n${uvPackage('x', 'https://pypi.org/simple')}`;
    expect(readFiles({ 'pyproject.toml': requiring('x[y]'), 'uv.lock': lock })).toMatchObject({ exempt: ['a', 'b', 'my-app'], redefined: ['c'], direct: ['x[y]'] });
  });
});

test('pylock.toml with URLs and no index: the wheel that pip would take', () => {
  const wheels = ['cp313-cp313-manylinux_2_17_x86_64', 'cp313-cp313-manylinux_2_28_x86_64', 'cp313-cp313-manylinux_2_28_aarch64', 'cp39-abi3-manylinux_2_34_x86_64', 'py3-none-any', 'cp313-none-any']
    .map((tags, i) => `{ url = "https://example.com/${i}/a-1.0-${tags}.whl", hashes = { sha256 = "a${i}" } }`);
  const read = (list: readonly string[]) => readFiles({ 'pylock.toml': `lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1.0"\nwheels = [${list}]\n` }).locked[0];
  expect(read(wheels)).toMatchObject({ url: 'https://example.com/1/a-1.0-cp313-cp313-manylinux_2_28_x86_64.whl', hashes: ['sha256:a1'] });
  expect(read(wheels.slice(2))).toMatchObject({ hashes: ['sha256:a3'] });
  expect(read(wheels.slice(4))).toMatchObject({ hashes: ['sha256:a5'] });
  expect(read(wheels.slice(4, 5)).url).toBe('https://example.com/4/a-1.0-py3-none-any.whl');
});

describe('a source distribution that is not on an index, with its hash', () => {
  const [url, hash] = ['https://example.com/a-1.5.tar.gz', `sha256:${'a'.repeat(64)}`];
  const uv = (source: string) => ({
    'pyproject.toml': requiring('a'),
    'uv.lock': 'version = 1\n[[package]]\nname = "my-app"\nversion = "1.0"\nsource = { virtual = "." }\ndependencies = [{ name = "a" }]\n'
      + `[[package]]\nname = "a"\nversion = "1.5"\nsource = ${source}\ndependencies = [{ name = "b" }]\nsdist = { hash = "${hash}" }\n`
      + '[[package]]\nname = "b"\nversion = "2.0"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [{ url = "https://x.org/b-2.0-py3-none-any.whl" }]\n',
  });

  test.each<[string, Record<string, string>, Record<string, unknown>]>([
    ['uv.lock', uv(`{ url = "${url}" }`), { version: '1.5', url, requires: ['b'] }],
    ['uv.lock, in a folder of it', uv('{ url = "https://example.com/v1.zip", subdirectory = "python" }'), { version: '1.5', url: 'https://example.com/v1.zip#subdirectory=python' }],
    ['poetry.lock', {
      'poetry.lock': `[[package]]\nname = "a"\nversion = "1.5"\ngroups = ["main"]\nfiles = [{ file = "v1.zip", hash = "${hash}" }]\n[package.source]\ntype = "url"\nurl = "https://example.com/v1.zip"\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\n`,
    }, { version: '1.5', url: 'https://example.com/v1.zip' }],
    ['pylock.toml', { 'pylock.toml': `lock-version = "1.0"\n[[packages]]\nname = "a"\narchive = { url = "${url}", hashes = { sha256 = "${'a'.repeat(64)}" } }\n` }, { version: '1.5', url }],
    ['Pipfile.lock', { 'Pipfile.lock': JSON.stringify({ _meta: { 'pipfile-spec': 6 }, default: { a: { file: url, hashes: [hash] } } }) }, { version: '1.5', url }],
    ['requirements.txt', { 'requirements.txt': `a @ https://example.com/archive/main.zip --hash=${hash}\n` }, { version: '', url: 'https://example.com/archive/main.zip' }],
  ])('%s', (_, files, expected) => {
    const { locked } = readFiles(files);
    expect(locked[0]).toMatchObject({ name: 'a', isSource: true, wheels: [], hashes: [hash], ...expected });
  });

  test('a file beside the lock', () => {
    const { locked: [a], file } = readFiles(uv('{ path = "vendor/a-1.5.tar.gz" }'));
    expect(a).toMatchObject({ version: '1.5', isSource: true, url: `file://${path.dirname(file)}/vendor/a-1.5.tar.gz` });
  });
});
