import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { platformOf } from '../../../lib/core/lambda/target';
import { specifiersOf } from '../../../lib/core/lock/formats/poetry/requirements';
import type { LayerRequirements } from '../../../lib/core/lock/locked';
import { readRequirements, type LayerSource } from '../../../lib/core/lock/read-lock';
import { copyFixture, temporaryFolder, writeFiles } from '../../setup/projects';

const LOCKED = path.join(__dirname, '..', '..', 'fixtures', 'locked');

function read(source: LayerSource, runtime = 'python3.13', architecture = 'x86_64'): LayerRequirements {
  return readRequirements(source, platformOf({ runtime, architecture }));
}

/** What is read of a project that has just these files. */
function readFiles(files: Readonly<Record<string, string>>, { file, runtime, ...source }: Omit<LayerSource, 'entry' | 'requirements'> & { readonly file?: string; readonly runtime?: string } = {}): LayerRequirements {
  const entry = writeFiles(temporaryFolder(), files);
  return read({ entry, requirements: file && path.join(entry, file), ...source }, runtime);
}

function versions({ locked }: LayerRequirements): string[] {
  return locked.map(({ name, version }) => `${name}==${version}`);
}

const PYPROJECT = '[project]\nname = "my-app"\nversion = "1.0"\n';

describe('one project locked by several tools', () => {
  const entry = path.join(LOCKED, 'app');
  const ALWAYS = ['babel==2.18.0', 'jinja2==3.1.6', 'markupsafe==3.0.4'];
  const OLD = ['importlib-metadata==8.9.0', 'zipp==4.1.2'];
  const TABLES = ['tabulate==0.10.0', 'wcwidth==0.9.4'];

  test.each<[string, LayerSource]>([
    ['uv.lock', { extras: ['tables'] }],
    ['pylock.toml', {}],
    ['poetry.lock', { extras: ['tables'] }],
    ['Pipfile.lock', { groups: ['tables'] }],
    ['requirements.txt', {}],
  ])('%s has the same packages', (format, source) => {
    const at = (runtime: string, architecture: string) => read({ entry, requirements: path.join(entry, format), ...source }, runtime, architecture);
    for (const architecture of ['x86_64', 'arm64']) {
      expect(versions(at('python3.11', architecture))).toEqual([...ALWAYS, ...OLD, ...TABLES].sort());
      expect(versions(at('python3.13', architecture))).toEqual([...ALWAYS, ...TABLES]);
    }
    const { locked, direct, exempt, ...rest } = at('python3.13', 'x86_64');
    expect(direct).toContain('jinja2[i18n]');
    expect(exempt).toEqual(['locked-app']); // the source artifact
    expect(rest).toEqual({ file: path.join(entry, format), format, unlocked: [], constraints: [], local: [], indexes: [], args: [], isOpen: false, redefined: [] });
    expect(locked.every(({ hashes }) => hashes.length > 0 && hashes.every((hash) => /^sha256:[\da-f]{64}$/.test(hash)))).toBe(true);
  });

  test('pip lock: for the Python and the machine that it ran on', () => {
    expect(versions(read({ entry, requirements: path.join(entry, 'pylock.pip.toml') }, 'python3.13'))).toEqual([...ALWAYS, ...TABLES]);
  });

  test('without extras and groups there is what the project requires in any case, and more with them', () => {
    for (const [format, groups] of [['uv.lock', 'dev'], ['poetry.lock', 'dev'], ['Pipfile.lock', 'develop']]) {
      const requirements = path.join(entry, format);
      expect(versions(read({ entry, requirements })), format).toEqual(ALWAYS);
      expect(versions(read({ entry, requirements, groups: [groups] })), format).toEqual([...ALWAYS, 'iniconfig==2.3.1'].sort());
    }
  });

  test('of the files of a package those that run on the target', () => {
    const markupsafe = (format: string, architecture = 'x86_64') =>
      read({ entry, requirements: path.join(entry, format) }, 'python3.13', architecture).locked.find(({ name }) => name === 'markupsafe')!;
    const { hashes, wheels, wantedBy } = markupsafe('uv.lock');
    expect(wheels).toEqual(['markupsafe-3.0.4-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl']);
    expect(hashes).toHaveLength(1);
    expect(wantedBy).toBe('jinja2');
    expect({ ...markupsafe('poetry.lock'), size: 23017 }, 'whose lock has no sizes').toEqual(markupsafe('uv.lock'));
    expect(markupsafe('pylock.toml')).toMatchObject({ hashes, wheels });
    expect(markupsafe('uv.lock', 'arm64').hashes).not.toEqual(hashes);
    // these do not tell which hash is of which file
    for (const format of ['requirements.txt', 'Pipfile.lock']) {
      expect(markupsafe(format)).toEqual({ name: 'markupsafe', version: '3.0.4', hashes: expect.arrayContaining([...hashes]) });
    }
  });

  test.each(['uv.lock', 'pylock.toml', 'poetry.lock', 'requirements.txt'])('comments, blank lines and line endings of %s do not matter', (format) => {
    const copy = copyFixture('locked/app');
    const requirements = path.join(copy, format);
    const before = read({ entry: copy, requirements });
    const text = fs.readFileSync(requirements, 'utf8');
    fs.writeFileSync(requirements, `# said anew\n\n${text.replaceAll('\n\n', '\n\n\n')}\n# the end\n`.replaceAll('\n', '\r\n'));
    expect(read({ entry: copy, requirements })).toEqual(before);
  });

  test('the order in which the files are looked for', () => {
    const copy = copyFixture('locked/app');
    fs.rmSync(path.join(copy, 'pylock.pip.toml'));
    for (const format of ['uv.lock', 'pylock.toml', 'poetry.lock', 'Pipfile.lock', 'requirements.txt', 'pyproject.toml']) {
      const found = read({ entry: copy });
      expect(found).toMatchObject({ format, file: path.join(copy, format) });
      expect(found.isOpen, format).toBe(format === 'pyproject.toml');
      fs.rmSync(path.join(copy, format));
    }
  });
});

describe('uv.lock', () => {
  test('a member of a workspace: what it requires of PyPI, other members, a path and a URL', () => {
    const root = path.join(LOCKED, 'workspace');
    const { file, locked, local } = read({ entry: path.join(root, 'packages', 'api') });
    expect(file).toBe(path.join(root, 'uv.lock'));
    expect(local).toEqual([{ name: 'shared', folder: path.join(root, 'packages', 'shared') }, { name: 'vend', folder: path.join(root, 'vendored') }]);
    expect(locked.map(({ name, wantedBy }) => [name, wantedBy])).toEqual([
      ['click', undefined], ['colorama', 'shared'], ['idna', undefined], ['iniconfig', 'vend'], ['zipp', 'shared'],
    ]);
    expect(locked.find(({ name }) => name === 'idna')).toMatchObject({ url: expect.stringMatching(/^https:\/\/files\.pythonhosted\.org\/.*\/idna-3\.10-py3-none-any\.whl$/) });
  });

  test('the root of a workspace, with a group', () => {
    const entry = path.join(LOCKED, 'workspace');
    expect(versions(read({ entry }))).toEqual(['six==1.17.0']);
    expect(versions(read({ entry, groups: ['lint'] }))).toEqual(['iniconfig==2.3.1', 'six==1.17.0']);
  });

  test('the lock of a folder above is not taken without a workspace with the project in it', () => {
    const copy = copyFixture('locked/workspace');
    writeFiles(copy, { 'tools/pyproject.toml': `${PYPROJECT}dependencies = ["six"]` });
    expect(read({ entry: path.join(copy, 'tools') })).toMatchObject({ format: 'pyproject.toml', unlocked: ['six'] });
    writeFiles(copy, { 'pyproject.toml': PYPROJECT });
    expect(read({ entry: path.join(copy, 'packages', 'shared') })).toMatchObject({ format: 'pyproject.toml', unlocked: ['zipp'] });
  });

  test('two versions of a package, by marker', () => {
    const entry = path.join(LOCKED, 'fork');
    expect(versions(read({ entry }, 'python3.11'))).toEqual(['importlib-metadata==8.9.0', 'zipp==3.20.2']);
    expect(versions(read({ entry }, 'python3.12'))).toEqual(['importlib-metadata==8.9.0', 'zipp==3.21.0']);
  });

  test.each([
    [[], [], ['importlib-metadata==8.9.0', 'zipp==3.21.0']],
    [['old'], [], ['importlib-metadata==8.9.0', 'zipp==3.20.2']],
    [['new'], [], ['importlib-metadata==8.9.0', 'zipp==3.21.0']],
    [['all'], ['empty'], ['importlib-metadata==8.9.0', 'iniconfig==2.1.0', 'zipp==3.21.0']],
    [['OLD'], ['New_Tools'], ['importlib-metadata==8.9.0', 'iniconfig==2.1.0', 'zipp==3.20.2']],
    [['old'], ['old-tools'], ['importlib-metadata==8.9.0', 'iniconfig==2.0.0', 'zipp==3.20.2']],
  ])('extras %j and groups %j, some of which exclude each other', (extras, groups, expected) => {
    expect(versions(read({ entry: path.join(LOCKED, 'conflict'), extras, groups }))).toEqual(expected);
  });

  // as uv 0.13 wrote it, for [tool.uv.sources] with an index, a flat index and a wheel
  const lock = (source: string, more = '') => `version = 1\nrequires-python = ">=3.9"
[[package]]
name = "my-app"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "six" }]
[[package]]
name = "six"
version = "1.17.0"
source = { ${source} }
${more}`;

  test.each([
    ['https://pypi.org/simple/', []],
    ['https://user:secret@pypi.example.com/simple/', ['https://pypi.example.com/simple']],
  ])('an index: %s', (url, indexes) => {
    expect(readFiles({ 'pyproject.toml': PYPROJECT, 'uv.lock': lock(`registry = "${url}"`) })).toMatchObject({ indexes, locked: [{ name: 'six', wheels: [] }] });
  });

  test('a folder of wheels, and a wheel', () => {
    const inFolder = readFiles({ 'pyproject.toml': PYPROJECT, 'uv.lock': lock('registry = "wheels"', 'wheels = [{ path = "six-1.17.0-py2.py3-none-any.whl" }]') });
    expect(inFolder).toMatchObject({
      args: [`--find-links=${path.join(path.dirname(inFolder.file), 'wheels')}`], locked: [{ hashes: [], wheels: ['six-1.17.0-py2.py3-none-any.whl'] }],
    });
    const wheel = readFiles({
      'pyproject.toml': PYPROJECT,
      'uv.lock': lock('path = "wheels/six-1.17.0-py2.py3-none-any.whl"', 'wheels = [{ filename = "six-1.17.0-py2.py3-none-any.whl", hash = "sha256:47" }]'),
    });
    expect(wheel.locked).toEqual([{
      name: 'six',
      version: '1.17.0',
      hashes: ['sha256:47'],
      wheels: ['six-1.17.0-py2.py3-none-any.whl'],
      requires: [],
      url: pathToFileURL(path.join(path.dirname(wheel.file), 'wheels', 'six-1.17.0-py2.py3-none-any.whl')).href,
    }]);
  });

  test('overridden and excluded requirements need not be as pyproject.toml has them', () => {
    const pyproject = `${PYPROJECT}dependencies = ["six<1", "idna"]`;
    const told = '[manifest]\noverrides = [{ name = "six", specifier = ">=1" }]\nexcludes = ["idna"]\n';
    expect(versions(readFiles({ 'pyproject.toml': pyproject, 'uv.lock': lock('registry = "https://pypi.org/simple"', told) }))).toEqual(['six==1.17.0']);
  });

  test('a member that is no package brings what it requires', () => {
    const content = readFiles({
      'pyproject.toml': `${PYPROJECT}dependencies = ["six"]`,
      'uv.lock': lock('virtual = "six"', 'dependencies = [{ name = "idna" }]\n[[package]]\nname = "idna"\nversion = "3.10"\nsource = { registry = "https://pypi.org/simple" }'),
    });
    expect(content).toMatchObject({ local: [], locked: [{ name: 'idna', wantedBy: 'six' }] });
  });
});

test('uv.lock: an extra that a dependency asks for decides, and so does the project', () => {
  const item = (name: string, more = '') => `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "https://pypi.org/simple" }\n${more}`;
  const lock = `version = 1
conflicts = [[{ package = "a", extra = "x" }, { package = "a", extra = "y" }]]
[[package]]
name = "my-app"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "b", marker = "extra == 'extra-1-a-x'" },
    { name = "c", marker = "extra != 'extra-1-a-x'" },
    { name = "d", marker = "extra == 'project-6-my-app'" },
    { name = "a", extra = ["x"] },
]
${item('a', '[package.optional-dependencies]\nx = [{ name = "e" }]\ny = [{ name = "c" }]\n')}${['b', 'c', 'd', 'e'].map((name) => item(name)).join('')}`;
  expect(versions(readFiles({ 'uv.lock': lock }))).toEqual(['a==1.0', 'b==1.0', 'd==1.0', 'e==1.0']);
});

describe('poetry.lock', () => {
  test.each(['poetry-1.1', 'poetry-1.8'])('of %s, which tells only together with pyproject.toml', (name) => {
    const entry = path.join(LOCKED, name);
    const always = ['babel==2.18.0', 'importlib-metadata==8.4.0', 'jinja2==3.1.6', 'markupsafe==3.0.4'];
    expect(versions(read({ entry }, 'python3.11'))).toEqual([...always, 'zipp==3.20.2']);
    expect(versions(read({ entry }, 'python3.12'))).toEqual([...always, 'zipp==3.21.0']);
    const more = read({ entry, extras: ['tables'], groups: ['dev'] }, 'python3.12');
    expect(versions(more)).toEqual([...always, 'iniconfig==2.1.0', 'tabulate==0.9.0', 'wcwidth==0.2.13', 'zipp==3.21.0'].sort());
    expect(more.locked.find(({ name: other }) => other === 'zipp')).toMatchObject({ hashes: [expect.any(String)], wheels: ['zipp-3.21.0-py3-none-any.whl'] });
  });

  const METADATA = '[metadata]\nlock-version = "2.1"\npython-versions = "^3.9 || ~3.13"\n';
  const item = (name: string, more: string) => `[[package]]\nname = "${name}"\nversion = "1.0"\ngroups = ["main"]\n${more}\n`;

  test('markers for each group', () => {
    const markers = 'groups = ["main", "dev"]\nmarkers = { main = "sys_platform == \'win32\'" }';
    const lock = METADATA + item('six', '').replace('groups = ["main"]', markers) + item('idna', 'dependencies = { six = "*" }');
    expect(versions(readFiles({ 'poetry.lock': lock }))).toEqual(['idna==1.0']);
    expect(readFiles({ 'poetry.lock': lock }, { groups: ['dev'] }).locked).toMatchObject([{ name: 'idna' }, { name: 'six', wantedBy: 'idna' }]);
  });

  test('an optional requirement without a marker: the list of extras tells', () => {
    const old = item('jinja2', 'dependencies = { babel = { version = ">=2.7", optional = true }, idna = { version = "*", optional = true } }\nextras = { i18n = ["Babel (>=2.7)"] }')
      + item('babel', '') + item('idna', '') + METADATA.replace('2.1', '1.1');
    const pyproject = (dependency: string) => `[tool.poetry.dependencies]\njinja2 = ${dependency}\nidna = { version = "1", platform = "win32" }`;
    expect(versions(readFiles({ 'poetry.lock': old, 'pyproject.toml': pyproject('{ version = "*", extras = ["I18N"] }') }))).toEqual(['babel==1.0', 'jinja2==1.0']);
    expect(versions(readFiles({ 'poetry.lock': old, 'pyproject.toml': pyproject('"*"') }))).toEqual(['jinja2==1.0']);
  });

  test.each([
    ['^1.2.3', '>=1.2.3,<2'], ['^0.2.3', '>=0.2.3,<0.3'], ['^0.0.3', '>=0.0.3,<0.0.4'], ['^0.0', '>=0.0,<0.1'], ['^0', '>=0,<1'], ['^1.2b1', '>=1.2b1,<2'],
    ['~1.2.3', '>=1.2.3,<1.3'], ['~1', '>=1,<2'], ['~=1.2', '~=1.2'], ['1.2.3', '==1.2.3'], ['=1', '==1'], ['1.*', '==1.*'], ['*', ''], ['!= 1.5', '!=1.5'], ['>= 1.0 <2.0', '>=1.0,<2.0'],
  ])('the constraint %s is %s', (constraint, specifier) => {
    expect(specifiersOf(constraint)).toEqual([specifier]);
    expect(specifiersOf(`${constraint} || ^7`)).toEqual([specifier, '>=7,<8']);
  });

  test('sources', () => {
    const content = readFiles({
      'shared/pyproject.toml': PYPROJECT,
      'poetry.lock': METADATA + [
        item('a', '[package.source]\ntype = "legacy"\nurl = "https://pypi.example.com/simple"\nreference = "x"'),
        item('b', 'files = [{ file = "b-1.0-py3-none-any.whl", hash = "sha256:b" }]\n[package.source]\ntype = "url"\nurl = "https://example.com/b-1.0-py3-none-any.whl"'),
        item('c', 'files = [{ file = "c-1.0-py3-none-any.whl", hash = "sha256:c" }]\n[package.source]\ntype = "file"\nurl = "wheels/c-1.0-py3-none-any.whl"'),
        item('d', '[package.source]\ntype = "directory"\nurl = "shared"'),
      ].join(''),
    });
    const folder = path.dirname(content.file);
    expect(content).toMatchObject({
      indexes: ['https://pypi.example.com/simple'],
      local: [{ name: 'd', folder: path.join(folder, 'shared') }],
      locked: [
        { name: 'a' },
        { name: 'b', url: 'https://example.com/b-1.0-py3-none-any.whl', hashes: ['sha256:b'] },
        { name: 'c', url: pathToFileURL(path.join(folder, 'wheels', 'c-1.0-py3-none-any.whl')).href, hashes: ['sha256:c'] },
      ],
    });
  });
});

describe('pylock.toml', () => {
  const HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n';
  const WHEEL = 'wheels = [{ name = "a-1.0-py3-none-any.whl", hashes = { sha256 = "aa", md5 = "ab" } }]\n';
  const item = (name: string, more = '') => `[[packages]]\nname = "${name}"\nversion = "1.0"\n${more}\n`;

  test('extras, groups and what is there by default', () => {
    const lock = `${HEAD}extras = ["fast"]\ndependency-groups = ["dev"]\ndefault-groups = ["default"]\n${[
      item('a', 'marker = "\'fast\' in extras"'), item('b', 'marker = "\'dev\' in dependency_groups"'), item('c', 'marker = "\'default\' in dependency_groups"'),
    ].join('')}`;
    expect(versions(readFiles({ 'pylock.toml': lock }))).toEqual(['c==1.0']);
    expect(versions(readFiles({ 'pylock.toml': lock }, { extras: ['fast'], groups: ['dev'] }))).toEqual(['a==1.0', 'b==1.0', 'c==1.0']);
  });

  test('the project itself stays out, other folders are built', () => {
    const lock = HEAD + ['my-app', 'other-name', 'shared'].map((name, index) => `[[packages]]\nname = "${name}"\ndirectory = { path = "${['elsewhere', '.', 'shared'][index]}" }\n`).join('');
    const content = readFiles({ 'pyproject.toml': PYPROJECT, 'pylock.toml': lock, 'shared/setup.py': '' });
    expect(content).toMatchObject({ locked: [], local: [{ name: 'shared', folder: path.join(path.dirname(content.file), 'shared') }] });
  });

  test('files: of an index, in a folder, at a place of their own', () => {
    const content = readFiles({
      'pylock.toml': HEAD + [
        item('a', `index = "https://pypi.example.com/simple"\n${WHEEL}`),
        item('b', 'wheels = [{ path = "wheels/b-1.0-py3-none-any.whl", hashes = { sha512 = "bb" } }]'),
        '[[packages]]\nname = "c"\narchive = { url = "https://example.com/c-1.0+gpu-py3-none-any.whl", hashes = { sha256 = "cc" } }\n',
        item('d', 'dependencies = [{ name = "a" }]\nsdist = { name = "d-1.0.tar.gz", hashes = { sha256 = "dd" } }'),
      ].join(''),
    });
    expect(content).toMatchObject({
      indexes: ['https://pypi.example.com/simple'],
      args: [`--find-links=${path.join(path.dirname(content.file), 'wheels')}`],
      locked: [
        { name: 'a', hashes: ['sha256:aa'], wantedBy: 'd' },
        { name: 'b', hashes: ['sha512:bb'] },
        { name: 'c', version: '1.0+gpu', url: 'https://example.com/c-1.0+gpu-py3-none-any.whl' },
        { name: 'd', hashes: ['sha256:dd'], wheels: [], isSource: true },
      ],
    });
  });

  test('one of several by its name', () => {
    expect(readFiles({ 'pylock.toml': HEAD + item('a'), 'pylock.prod.toml': HEAD + item('b') }, { file: 'pylock.prod.toml' })).toMatchObject({ format: 'pylock.toml', locked: [{ name: 'b' }] });
  });
});

test('Pipfile.lock: markers, sources, folders and wheels', () => {
  const content = readFiles({
    'Pipfile.lock': JSON.stringify({
      _meta: { 'pipfile-spec': 6, 'sources': [{ url: 'https://pypi.org/simple' }, { url: 'https://user:token@pypi.example.com/simple' }, { url: 'https://${LAYER_USER}:$LAYER_TOKEN@own.example.com:8443/simple', verify_ssl: false }, { url: '${LAYER_INDEX}' }], 'requires': { python_version: '3.8' } },
      default: {
        'six': { version: '==1.17.0', hashes: ['sha256:b', 'sha256:a'], index: 'pypi' },
        'windows': { version: '*', markers: 'sys_platform == "win32"' },
        'older': { version: '==1.0', sys_platform: '== "win32"', python_version: '>= "3.4"' },
        'my-app': { editable: true, path: '.' },
        'shared': { path: './shared' },
        'wheel': { file: 'https://example.com/wheel-2.0-py3-none-any.whl' },
      },
      develop: { dev: { version: '==1.0' } },
    }),
    'pyproject.toml': PYPROJECT,
    'shared/pyproject.toml': PYPROJECT,
  }, { environment: { LAYER_USER: 'me', LAYER_TOKEN: 'secret', LAYER_INDEX: 'https://whole.example.com/simple' } });
  expect(content).toMatchObject({
    indexes: ['https://pypi.example.com/simple'],
    args: ['--trusted-host=own.example.com:8443', '--extra-index-url=https://me:secret@own.example.com:8443/simple', '--extra-index-url=https://whole.example.com/simple'],
    local: [{ name: 'shared', folder: path.join(path.dirname(content.file), 'shared') }],
    locked: [{ name: 'six', version: '1.17.0', hashes: ['sha256:a', 'sha256:b'] }, { name: 'wheel', version: '2.0', url: 'https://example.com/wheel-2.0-py3-none-any.whl' }],
  });
});

describe('requirements.txt', () => {
  test.each<[string, string, Partial<LayerRequirements>]>([
    ['open versions', 'requests >= 2, <3  # why\n\n  # more\nIdna\n', { unlocked: ['idna', 'requests>=2,<3'], isOpen: true }],
    ['pinned', 'Requests[Socks,use_chardet]==2.32.3\nidna===3.10', { unlocked: ['idna===3.10', 'requests[socks,use-chardet]==2.32.3'], isOpen: false }],
    ['markers, for the target', 'a==1 ; sys_platform == "linux"\nb==1; sys_platform == "win32"\n', { unlocked: ['a==1'], isOpen: false }],
    ['a version that is not pinned', 'a==1.*', { unlocked: ['a==1.*'], isOpen: true }],
    ['continued lines', 'a \\\n  ==1 \\\n  # a comment ends it\nb==2', { unlocked: ['a==1', 'b==2'] }],
    ['wheels at a URL', 'a @ https://example.com/a-1.0-py3-none-any.whl\nhttps://example.com/b-1.0-py3-none-any.whl ; python_version > "3"', {
      unlocked: ['a @ https://example.com/a-1.0-py3-none-any.whl', 'b @ https://example.com/b-1.0-py3-none-any.whl'], isOpen: false,
    }],
    ['options', '-i https://user:pw@a.example.com/simple\n--extra-index-url=https://b.example.com/simple\n--no-index\n--trusted-host "b.example.com"\n--pre\n--prefer-binary\n--only-binary :all:\n--no-binary=:none:\na --config-settings x=y', {
      args: ['--index-url=https://user:pw@a.example.com/simple', '--extra-index-url=https://b.example.com/simple', '--no-index', '--trusted-host=b.example.com', '--pre'], unlocked: ['a'],
    }],
    ['hashes for all: locked', 'a==1.0 --hash=sha256:b --hash sha256:a\nb==2 ; sys_platform == "win32"\nhttps://example.com/c-3-py3-none-any.whl --hash=sha256:c', {
      unlocked: [],
      locked: [
        { name: 'a', version: '1.0', hashes: ['sha256:a', 'sha256:b'] },
        { name: 'c', version: '3', hashes: ['sha256:c'], wheels: ['c-3-py3-none-any.whl'], url: 'https://example.com/c-3-py3-none-any.whl' },
      ],
    }],
  ])('%s', (_, text, expected) => {
    expect(readFiles({ 'requirements.txt': text })).toMatchObject(expected);
  });

  test('includes, constraints and folders of wheels, relative to the file that names them', () => {
    const content = readFiles({
      'requirements.txt': '-r requirements/base.in\n-c requirements/constraints.txt\n',
      'requirements/base.in': '\uFEFFa\n-r more.txt\n-f ../wheels\n--find-links https://example.com/wheels\n',
      'requirements/more.txt': 'b[x]',
      'requirements/constraints.txt': 'a==1\nb>1,<2 ; sys_platform == "linux"\nc==1 ; sys_platform == "win32"',
    });
    expect(content).toMatchObject({
      unlocked: ['a', 'b[x]'], constraints: ['a==1', 'b>1,<2'], isOpen: true, args: [`--find-links=${path.join(path.dirname(content.file), 'wheels')}`, '--find-links=https://example.com/wheels'],
    });
  });

  test('a variable of the environment', () => {
    process.env.LAYER_LOCK_TEST = 'secret';
    expect(readFiles({ 'requirements.txt': '--index-url https://${LAYER_LOCK_TEST}@${layer}.example.com/${LAYER_LOCK_PROP}\na' }, { environment: { LAYER_LOCK_PROP: 'prop' } }).args).toEqual(['--index-url=https://secret@${layer}.example.com/prop']);
    delete process.env.LAYER_LOCK_TEST;
  });

  test('folders, with what they require, and the project itself, with what it requires', () => {
    const content = readFiles({
      'requirements.txt': '-e .[fast]\n--editable=./shared[x] ; python_version > "3"\n./other\nmy-app[slow]',
      'pyproject.toml': `${PYPROJECT}dependencies = ["a"]\noptional-dependencies = { fast = ["b"], slow = ["c"] }`,
      'shared/pyproject.toml': '[project]\nname = "Shared"\ndependencies = ["d ; sys_platform == \'linux\'"]\noptional-dependencies = { x = ["e"] }',
      'other/pyproject.toml': '[project]\nname = "other"\ndependencies = ["f @ file:../wheels/f-1.0-py3-none-any.whl"]',
      'wheels/f-1.0-py3-none-any.whl': '',
    });
    const folder = path.dirname(content.file);
    expect(content).toMatchObject({
      unlocked: ['a', 'b', 'c', 'd', 'e', `f @ ${pathToFileURL(path.join(folder, 'wheels', 'f-1.0-py3-none-any.whl')).href}`],
      local: [{ name: 'other', folder: path.join(folder, 'other') }, { name: 'shared', folder: path.join(folder, 'shared') }],
    });
  });

  test('with hashes a folder brings nothing besides: all is listed', () => {
    const content = readFiles({
      'requirements.txt': '-e .\n-e ./shared\na==1 --hash=sha256:a',
      'pyproject.toml': `${PYPROJECT}dependencies = ["a"]`,
      'shared/pyproject.toml': '[project]\nname = "shared"\ndependencies = ["b"]',
    });
    expect(content).toMatchObject({ unlocked: [], locked: [{ name: 'a' }], local: [{ name: 'shared' }] });
  });

  test('any name that ends in .txt or .in, without a project too', () => {
    const folder = writeFiles(temporaryFolder(), { 'layer.in': 'a', 'pyproject.toml': `${PYPROJECT}dependencies = ["b"]` });
    expect(read({ requirements: path.join(folder, 'layer.in') })).toMatchObject({ format: 'requirements.txt', unlocked: ['a'] });
    writeFiles(folder, { 'layer.txt': 'a==1 --hash=sha256:a' });
    expect(versions(read({ requirements: path.join(folder, 'layer.txt') }))).toEqual(['a==1']);
  });
});

describe('[project].dependencies', () => {
  test('with extras and groups, and what these include', () => {
    const pyproject = `${PYPROJECT}dependencies = ["a>=1", "b; sys_platform == 'win32'", "my_app[first]"]
[project.optional-dependencies]
first = ["c"]
Second = ["d", "my-app[third]"]
third = ["e[x] ~= 2.0"]
[dependency-groups]
dev = ["f", { include-group = "More_Tools" }]
more-tools = ["g", { include-group = "dev" }]
`;
    expect(readFiles({ 'pyproject.toml': pyproject })).toMatchObject({ format: 'pyproject.toml', locked: [], unlocked: ['a>=1', 'c'], isOpen: true });
    expect(readFiles({ 'pyproject.toml': pyproject }, { extras: ['second'], groups: ['dev'] }).unlocked).toEqual(['a>=1', 'c', 'd', 'e[x]~=2.0', 'f', 'g']);
  });
});
