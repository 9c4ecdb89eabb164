import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { openProject } from '../../../lib/core/init/open-project';
import { propose } from '../../../lib/core/init/propose';
import { readProject } from '../../../lib/core/project/project';
import { gitInit, temporaryFolder, writeFiles } from '../../setup/projects';

const HANDLER = 'def lambda_handler(event, context): ...\n';

function folder(files: Readonly<Record<string, string>>, name = 'greeter'): string {
  return writeFiles(path.join(temporaryFolder(), name), files);
}

test('the smallest file', () => {
  const entry = folder({ 'lambda_function.py': HANDLER, 'requirements.txt': '# what we need\nsix==1.16.0\nrequests[socks]>=2 ; python_version < "4"\n', '.python-version': '3.12.4\n' });
  expect(propose(entry).text).toBe(`[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "greeter"
version = "0.1.0"
requires-python = ">=3.12"
dependencies = ["six==1.16.0", "requests[socks]>=2 ; python_version < \\"4\\""]

[tool.hatch.build.targets.wheel]
only-include = ["lambda_function.py"]
`);
  expect(propose(entry, { name: 'other', version: '2.0', runtime: 'python3.13', handler: 'a.b' }).text).toMatch(/^name = "other"\nversion = "2.0"\nrequires-python = ">=3.13"$[^]*^\[tool.pip-source-artifact\]\nhandler = "a.b"\n$/m);
});

test('takes code and data, and leaves out what is for development', () => {
  const entry = folder({
    'app.py': `import utils\n${HANDLER}`,
    'utils.py': '',
    'config.json': '{}',
    'prompt.md': '',
    'templates/mail.html': '',
    'vendor/x/__init__.py': '',
    'shared/__init__.py': '',
    'requirements.txt': '',
    'requirements-dev.txt': '',
    'README.md': '',
    'LICENSE': '',
    'Dockerfile': '',
    'Makefile': '',
    'template.yaml': '',
    'samconfig.toml': '',
    'package.json': '{}',
    'main.tf': '',
    'conftest.py': '',
    'test_app.py': '',
    'tests/test_app.py': '',
    'events/event.json': '{}',
    'docs/index.md': '',
    '.env': '',
    'infra/cdk.json': '{}',
    'infra/app.py': '',
    'poetry.lock': '',
    'node_modules/a/index.js': '',
    '__pycache__/app.cpython-311.pyc': '',
    '.venv/pyvenv.cfg': '',
  });
  const { files, leftOut } = propose(entry);
  expect(files).toEqual(['app.py', 'config.json', 'prompt.md', 'shared', 'templates', 'utils.py', 'vendor']);
  expect(leftOut).toContain('events/');
  expect(leftOut).toContain('test_app.py');
});

test('what a module imports is taken, whatever its name', () => {
  expect(propose(folder({ 'app.py': 'from events.models import Event\nimport json, test_data as data\n', 'events/models.py': 'from . import docs\nfrom docs.text import a', 'docs/text.py': '', 'test_data.py': '', 'tests/a.py': '' })).files)
    .toEqual(['app.py', 'docs', 'events', 'test_data.py']);
});

test('what git ignores is left out, in the folder and above; not where the folder itself is ignored', () => {
  const root = folder({ '.gitignore': '*.secret\n/ignored/\n', 'service/.gitignore': 'local.py\ncache/\n', 'service/app.py': HANDLER, 'service/a.secret': '', 'service/local.py': '', 'service/cache/x': '', 'ignored/app.py': HANDLER });
  gitInit(root, 'v1');
  expect(propose(path.join(root, 'service')).files).toEqual(['app.py']);
  expect(propose(path.join(root, 'ignored')).files).toEqual(['app.py']);
});

test.each<[string, Record<string, string>, readonly string[], string | undefined]>([
  ['a root of modules and packages', { 'src/app.py': 'import util\n', 'src/util/__init__.py': '', 'src/data.json': '{}', 'src/tests/test_a.py': '' }, ['src/app.py', 'src/data.json', 'src/util'], 'src'],
  ['a package', { 'src/__init__.py': '', 'src/app.py': '' }, ['src'], undefined],
  ['a folder that is imported by its name', { 'src/app.py': 'from src.util import a\n', 'src/util.py': '' }, ['src'], undefined],
  ['a folder that is imported by the handler', { 'handler.py': 'from src.util import a\n', 'src/util.py': '' }, ['handler.py', 'src'], undefined],
  ['a folder that the template names', { 'serverless.yml': 'functions:\n  a:\n    handler: src/app.main\n', 'src/app.py': '' }, ['src'], undefined],
  ['a folder of data', { 'app.py': '', 'src/a.json': '{}' }, ['app.py', 'src'], undefined],
])('src is %s', (_, files, expected, root) => {
  const proposal = propose(folder(files));
  expect([proposal.files, proposal.root]).toEqual([expected, root]);
});

const REQUIREMENTS: ReadonlyArray<[string, Record<string, string>, readonly string[], readonly (string | RegExp)[]]> = [
  ['hashes, options and continued lines', { 'requirements.txt': '--index-url https://user:secret@example.com/simple\nsix==1.16.0 \\\n    --hash=sha256:0000\n' }, ['six==1.16.0'], []],
  ['included files; constraints are none', { 'requirements.txt': '-r common/base.txt\n-c constraints.txt\nsix\n', 'common/base.txt': 'idna>=3\n', 'constraints.txt': 'six==1\n' }, ['idna>=3', 'six'], []],
  ['what is no requirement by name', { 'requirements.txt': '-e .\n./vendored\ngit+https://token@example.com/x.git\npkg @ https://example.com/pkg.whl\nsix\n' }, ['six'], ['line 1 of requirements.txt: .', 'line 2 of requirements.txt: ./vendored', /^line 3 .*\*\*\*@example/, /^line 4 /]],
  ['options that a layer cannot follow, and variables', { 'requirements.txt': '--no-binary :all:\n--extra-index-url https://${TOKEN_THAT_NOBODY_HAS}@example.com\n-r missing.txt\nsix\n' }, ['six'], [/line 1 .*--no-binary/, /line 3 .*missing/]],
  ['a file that pip-compile wrote', { 'requirements.txt': '#\n# autogenerated by pip-compile\nbotocore==1.2\n    # via boto3\nboto3==1.2\n    # via -r requirements.in\nsix==1.16\n    # via\n    #   -r requirements.in\n    #   botocore\n' }, ['boto3==1.2', 'six==1.16'], []],
  ['a file that uv exported', { 'requirements.txt': 'boto3==1.2\n    # via greeter (pyproject.toml)\njmespath==1\n    # via boto3\n' }, ['boto3==1.2'], []],
  ['requirements.in alone', { 'requirements.in': 'six\n' }, ['six'], []],
  ['Pipfile', { Pipfile: '[packages]\nsix = "*"\nrequests = {version = ">=2", extras = ["socks"], markers = "python_version < \'4\'"}\nmine = {path = "."}\n[dev-packages]\npytest = "*"\n' }, ['six', 'requests[socks]>=2 ; python_version < \'4\''], ['Pipfile: mine']],
  ['none', {}, [], []],
  ['a byte order mark', { 'requirements.txt': '\ufeffsix==1.16.0\r\n' }, ['six==1.16.0'], []],
];
test.each(REQUIREMENTS)('dependencies: %s', (_, files, expected, skipped) => {
  const proposal = propose(folder({ 'app.py': '', ...files }));
  expect(proposal.dependencies).toEqual(expected);
  expect(proposal.skipped).toEqual(skipped.map((it) => typeof it === 'string' ? it : expect.stringMatching(it)));
});

test.each([
  ['greeter/Hello World', 'hello-world'], ['greeter/src', 'greeter-src'], ['orders/lambda', 'orders-lambda'], ['orders/1', 'orders-1'], ['a/My.Function_2', 'my-function-2'], ['orders/日本', 'orders'], ['orders/six', 'six-function'],
])('the name of %s', (place, name) => {
  const entry = writeFiles(path.join(temporaryFolder(), place), { 'app.py': '', 'requirements.txt': 'six\n' });
  expect(propose(entry).name).toBe(name);
});

test('tables of tools stay, and are not repeated', () => {
  const entry = folder({ 'app.py': '', 'pyproject.toml': '[tool.black]\nline-length = 79\n[tool.hatch.build.targets.wheel]\nonly-include = ["app.py"]\n' });
  expect(propose(entry).text).not.toContain('[tool.hatch');
});

test('a plain folder is refused with its lines', () => {
  const entry = folder({ 'index.py': HANDLER, 'requirements.txt': 'six\n' }, 'hello world');
  const place = JSON.stringify(path.relative('', entry));
  expect(() => openProject(entry)).toThrow(`the folder holds neither pyproject.toml nor setup.py, got ${JSON.stringify(entry)}; npx cdk-pip-source-artifact init ${place} writes a pyproject.toml, with name, version and files

hint: the lines for this folder are

  [build-system]
  requires = ["hatchling>=1.26"]
  build-backend = "hatchling.build"

  [project]
  name = "hello-world"
  version = "0.1.0"
  dependencies = ["six"]

  [tool.hatch.build.targets.wheel]
  only-include = ["index.py"]

[project-files-missing]`);
});

test('so is one whose pyproject.toml is for tools alone', () => {
  const entry = folder({ 'index.py': HANDLER, 'pyproject.toml': '[tool.black]\nline-length = 79\n' });
  expect(() => openProject(entry)).toThrow(/^pyproject\.toml has no table \[project\], which would name the project and its version, got .*; npx cdk-pip-source-artifact init \S+ adds it, with name, version and files\n\nhint: the lines for this folder are\n\n {2}\[build-system\][^]*\[project-table-missing\]$/);
});

test('one whose pyproject.toml has chosen setuptools keeps it', () => {
  const entry = folder({
    'index.py': HANDLER, 'util.py': '', 'shared/__init__.py': '', 'a.json': '{}', 'pyproject.toml': '[build-system]\nrequires = ["setuptools>=61", "wheel"]\nbuild-backend = "setuptools.build_meta"\n',
  });
  expect(propose(entry).text).toBe('[project]\nname = "greeter"\nversion = "0.1.0"\n\n[tool.setuptools]\npy-modules = ["index", "util"]\n\n[tool.setuptools.packages.find]\ninclude = ["shared*"]\n');
  expect(() => openProject(entry)).toThrow(/no table \[project\][^]*py-modules[^]*\[project-table-missing\]$/);
});

test.each(['requires = ["setuptools", "setuptools-scm"]', 'requires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"', 'requires = ["setuptools"]\nbuild-backend = "backend"\nbackend-path = ["."]'])('what another backend wants is left to it: %s', (lines) => {
  expect(readProject(folder({ 'index.py': HANDLER, 'pyproject.toml': `[build-system]\n${lines}\n` })).file).toBe('pyproject.toml');
});

test('another folder without a project is not taken for a function', () => {
  expect(() => openProject(folder({ 'README.md': '' }))).toThrow('add a pyproject.toml, or set entry to the folder that has one [project-files-missing]');
});

test('what the lines say is a project', () => {
  const entry = folder({ 'a "b".json': '{}', 'app.py': '' });
  fs.writeFileSync(path.join(entry, 'pyproject.toml'), propose(entry).text);
  expect(readProject(entry)).toMatchObject({ displayName: 'greeter', version: '0.1.0' });
});
