import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { platformOf } from '../../../lib/core/lambda/target';
import { readRequirements, refuseWithoutWheel, type LayerSource } from '../../../lib/core/lock/read-lock';
import { copyFixture, temporaryFolder, writeFiles } from '../../setup/projects';

type Files = Readonly<Record<string, string>>;
type Asked = Omit<LayerSource, 'entry' | 'requirements'> & { readonly file?: string; readonly runtime?: string; readonly architecture?: string };

/** The message with which a project that has just these files is refused. */
function refusal(files: Files, asked: Asked = {}): string {
  return refusalOf(writeFiles(temporaryFolder(), files), asked);
}

function refusalOf(entry: string, { file, runtime = 'python3.13', architecture = 'x86_64', ...source }: Asked = {}): string {
  const platform = platformOf({ runtime, architecture });
  try {
    refuseWithoutWheel(readRequirements({ entry, requirements: file && path.join(entry, file), ...source }, platform), platform, [], true);
  } catch (error) {
    return (error as Error).message.replaceAll(entry, '<folder>');
  }
  return 'not refused';
}

const project = (more = '') => `[project]\nname = "my-app"\nversion = "1.0"\n${more}`;
const requiring = (...lines: string[]) => project(`dependencies = ${JSON.stringify(lines)}\n`);

const UV = 'version = 1\nrequires-python = ">=3.9"\n';
const uvPackage = (name: string, more = '', source = 'registry = "https://pypi.org/simple"') => `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { ${source} }\n${more}\n`;
const uvLock = (...packages: string[]) => UV + uvPackage('my-app', `dependencies = [${packages.map((item) => `{ name = ${/name = (".*")/.exec(item)![1]} }`).join(', ')}]`, 'virtual = "."') + packages.join('');
const PYLOCK = 'lock-version = "1.0"\ncreated-by = "test"\n';
const POETRY = '[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\n';
const OLD_POETRY = '[metadata]\nlock-version = "2.0"\npython-versions = ">=3.9"\n';
const pipfile = (packages: object, meta: object = { 'pipfile-spec': 6 }) => JSON.stringify({ _meta: meta, default: packages });
const requirementsTxt = (text: string): Files => ({ 'requirements.txt': text });

type Case = [what: string, message: string, files: Files, asked?: Asked];

describe('fails: nothing to read', () => {
  test.each<Case>([
    ['an empty folder', 'the folder has nothing to take requirements from, got "<folder>"; add one of uv.lock, pylock.toml, poetry.lock, Pipfile.lock, requirements.txt, pyproject.toml [requirements-missing]',
      {}],
    ['setup.py alone', 'the folder has no lock file, and what setup.py requires is known only when it is run, got "<folder>"; add a requirements.txt, or a pyproject.toml and lock it: uv lock [nothing-locked]',
      { 'setup.py': '' }],
    ['a pyproject.toml without [project]', 'pyproject.toml has no table [project] to tell what the project requires, got "<folder>/pyproject.toml"; add [project] with name, version and dependencies, or a requirements.txt [project-table-missing]',
      { 'pyproject.toml': '[build-system]\nrequires = []\n' }],
    ['no lock and no dependencies', 'there is no lock file, and pyproject.toml requires nothing on the target, got "<folder>/pyproject.toml"; leave the layer out, or add what is needed to [project].dependencies [nothing-required]',
      { 'pyproject.toml': project() }],
    ['no dependency for the target', 'there is no lock file, and pyproject.toml requires nothing on the target, got "<folder>/pyproject.toml"; leave the layer out, or add what is needed to [project].dependencies [nothing-required]',
      { 'pyproject.toml': requiring('a; sys_platform == "win32"') }],
    ['an empty requirements file', 'requirements.txt has nothing that the target needs, got "<folder>/requirements.txt"; leave the layer out, or add what is needed and lock anew [lock-empty]',
      requirementsTxt('# nothing\n')],
    ['a lock without packages', 'uv.lock has nothing that the target needs, got "<folder>/uv.lock"; leave the layer out, or add what is needed and lock anew [lock-empty]',
      { 'pyproject.toml': project(), 'uv.lock': uvLock() }],
    ['dynamic dependencies', 'dependencies of the project are dynamic: its build would have to be run, got "<folder>/pyproject.toml"; lock it: uv lock, poetry lock or pip lock [requirements-dynamic]',
      { 'pyproject.toml': project('dynamic = ["dependencies"]\n') }],
    ['dynamic extras', 'optional-dependencies of the project are dynamic: its build would have to be run, got "<folder>/pyproject.toml"; lock it: uv lock, poetry lock or pip lock [requirements-dynamic]',
      { 'pyproject.toml': project('dynamic = ["optional-dependencies"]\noptional-dependencies = {a=[]}') }, { extras: ['a'] }],
    ['a lock of another tool', 'the file is none that a layer can be made of, got "<folder>/foo.lock"; name it uv.lock, pylock.toml, poetry.lock, Pipfile.lock, requirements.txt, pyproject.toml, pylock.<name>.toml, or any other file in the format of requirements.txt [requirements-name]',
      { 'foo.lock': '# PDM\n[[package]]\nname = "a"\n' }, { file: 'foo.lock' }],
    ['a Pipfile', 'the file is none that a layer can be made of, got "<folder>/Pipfile"; name it uv.lock, pylock.toml, poetry.lock, Pipfile.lock, requirements.txt, pyproject.toml, pylock.<name>.toml, or any other file in the format of requirements.txt [requirements-name]',
      { Pipfile: '' }, { file: 'Pipfile' }],
    ['a Pipfile without a lock', 'the folder has a Pipfile, and no Pipfile.lock, got "<folder>"; lock it: pipenv lock [nothing-locked]',
      { 'Pipfile': '[packages]\nsix = "*"\n', 'pyproject.toml': '[tool.black]\nline-length = 79\n' }],
    ['[tool.poetry] without a lock, with an empty one of uv', 'the project has no poetry.lock, and its requirements are in [tool.poetry] of pyproject.toml, got "<folder>/pyproject.toml"; lock it: poetry lock [nothing-locked]',
      { 'pyproject.toml': '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\nsix = "*"\n', 'uv.lock': UV }],
    ['a group of Poetry without a lock', 'the project has no poetry.lock, and its requirements are in [tool.poetry] of pyproject.toml, got "<folder>/pyproject.toml"; lock it: poetry lock [nothing-locked]',
      { 'pyproject.toml': requiring('six') + '[tool.poetry.group.extra.dependencies]\nidna = "*"\n' }, { groups: ['extra'] }],
    ['dynamic dependencies of Poetry', 'dependencies of the project are dynamic: its build would have to be run, got "<folder>/pyproject.toml"; lock it: poetry lock [requirements-dynamic]',
      { 'pyproject.toml': project('dynamic = ["dependencies"]\n[tool.poetry.dependencies]\nsix = "*"\n') }],
    ['a variable that is not set', 'line 2 of requirements.txt has a variable that is not set, got "${LAYER_LOCK_NONE}"; set it in environment, or in the environment of this process [variable-unset]',
      requirementsTxt('# ${LAYER_LOCK_COMMENT}\n--index-url=https://${LAYER_LOCK_NONE}@example.com/simple\na')],
    ['a variable in a source of a Pipfile.lock', 'a source of Pipfile.lock has a variable that is not set, got "$LAYER_LOCK_NONE"; set it in environment, or in the environment of this process [variable-unset]',
      { 'Pipfile.lock': pipfile({ a: { version: '==1.0' } }, { 'pipfile-spec': 6, 'sources': [{ url: 'https://$LAYER_LOCK_NONE/simple' }] }) }],
    ['no such file', 'the requirements file does not exist, got "<folder>/uv.lock"; set requirements to a lock file or a requirements file [requirements-file-missing]',
      {}, { file: 'uv.lock' }],
    ['a folder instead of a file', 'requirements is a folder, got "<folder>/uv.lock"; set requirements to a lock file or a requirements file [requirements-is-folder]',
      { 'uv.lock/x': '' }, { file: 'uv.lock' }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: a damaged lock', () => {
  test.each<Case>([
    ['uv.lock in the middle of a merge', ['uv.lock is not valid TOML at line 3, column 1, got "<folder>/uv.lock"; restore the file, or lock anew (uv lock):', '', '2:  requires-python = ">=3.9"', '3:  <<<<<<< HEAD', '    ^', '4:  [[package]]', '', 'hint: illegal character in key\n\n[toml-invalid]'].join('\n'),
      { 'uv.lock': `${UV}<<<<<<< HEAD\n[[package]]\n` }],
    ['poetry.lock', ['poetry.lock is not valid TOML at line 1, column 11, got "<folder>/poetry.lock"; restore the file, or lock anew (poetry lock):', '', '1:  [[package]', '              ^', '2:  name = "a"', '', 'hint: expected end of table array declaration\n\n[toml-invalid]'].join('\n'),
      { 'poetry.lock': '[[package]\nname = "a"' }],
    ['pyproject.toml', ['pyproject.toml is not valid TOML at line 1, column 5, got "<folder>/pyproject.toml"; correct it:', '', '1:  x = ', '        ^', '', 'hint: invalid value\n\n[toml-invalid]'].join('\n'),
      { 'pyproject.toml': 'x = ', 'uv.lock': UV }],
    ['uv.lock without a version', 'uv.lock is damaged: it does not say the version of its format; restore the file, or lock anew (uv lock) [lock-damaged]',
      { 'uv.lock': 'x = 1' }],
    ['uv.lock of a newer uv', 'the format of uv.lock is newer than this library, got 2; update cdk-pip-source-artifact, or lock with a version of the tool that writes 1 [lock-format-newer]',
      { 'uv.lock': 'version = 2' }],
    ['a newer pylock.toml', 'the format of pylock.toml is newer than this library, got "2.0"; update cdk-pip-source-artifact, or lock with a version of the tool that writes 1 [lock-format-newer]',
      { 'pylock.toml': 'lock-version = "2.0"' }],
    ['poetry.lock of a newer Poetry', 'the format of poetry.lock is newer than this library, got "3.0"; update cdk-pip-source-artifact, or lock with a version of the tool that writes 2 [lock-format-newer]',
      { 'poetry.lock': '[metadata]\nlock-version = "3.0"' }],
    ['poetry.lock from before 1.0', 'poetry.lock is damaged: it does not say the version of its format; restore the file, or lock anew (poetry lock) [lock-damaged]',
      { 'poetry.lock': '[metadata]\ncontent-hash = "x"' }],
    ['a newer Pipfile.lock', 'the format of Pipfile.lock is newer than this library, got 7; update cdk-pip-source-artifact, or lock with a version of the tool that writes 6 [lock-format-newer]',
      { 'Pipfile.lock': pipfile({}, { 'pipfile-spec': 7 }) }],
    ['uv.lock without a package', 'uv.lock is damaged: it lacks a package that another requires, got "b"; restore the file, or lock anew (uv lock) [lock-damaged]',
      { 'uv.lock': uvLock(uvPackage('a', 'dependencies = [{ name = "b" }]')) }],
    ['uv.lock with too many', 'uv.lock is damaged: it does not tell which version of a package another requires, got "a"; restore the file, or lock anew (uv lock) [lock-damaged]',
      { 'uv.lock': uvLock(uvPackage('a'), uvPackage('a').replace('1.0', '2.0')) }],
    ['a malformed marker', 'uv.lock is damaged: expected a comparison such as ">=" or "in" at column 14 of "sys_platform = \'linux\'"; restore the file, or lock anew (uv lock) [lock-damaged]',
      { 'uv.lock': uvLock(uvPackage('a', 'dependencies = [{ name = "a", marker = "sys_platform = \'linux\'" }]')) }],
    ['pylock.toml without a name', 'pylock.toml is damaged: a package has no name, got "1"; restore the file, or lock anew (uv export --format pylock.toml, or pip lock with the Python of the target) [lock-damaged]',
      { 'pylock.toml': `${PYLOCK}[[packages]]\nversion = "1"` }],
    ['pylock.toml without a version', 'pylock.toml is damaged: package a has no version; restore the file, or lock anew (uv export --format pylock.toml, or pip lock with the Python of the target) [lock-damaged]',
      { 'pylock.toml': `${PYLOCK}[[packages]]\nname = "a"` }],
    ['poetry.lock without a version of a package', 'poetry.lock is damaged: a package has no name or no version, got "a"; restore the file, or lock anew (poetry lock) [lock-damaged]',
      { 'poetry.lock': `${POETRY}[[package]]\nname = "a"` }],
    ['Pipfile.lock without a version', 'Pipfile.lock is damaged: it does not pin a, got "*"; restore the file, or lock anew (pipenv lock) [lock-damaged]',
      { 'Pipfile.lock': pipfile({ a: { version: '*' } }) }],
    ['a malformed specifier', 'pylock.toml is damaged: expected a version specifier at column 1 of "3.9"; restore the file, or lock anew (uv export --format pylock.toml, or pip lock with the Python of the target) [lock-damaged]',
      { 'pylock.toml': `${PYLOCK}requires-python = "3.9"` }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

// the hint is in the words of V8, which change with the version of Node.js
test.each([
  ['a comma too many', '{\n  "_meta": {},\n  "default": {,}\n}\n', 3, 15],
  ['a merge', '{\n<<<<<<< HEAD\n  "_meta": {}\n}\n', 2, 1],
  ['an end that is missing', '{\n  "_meta": {},\n  "def', 3, 6],
  ['something behind the end', '{\n  "_meta": {}\n}\n}\n', 4, 1],
  ['single quotes', '{\n  \'_meta\': {}\n}\n', 2, 3],
])('fails: a Pipfile.lock that is no JSON: %s', (_, text, line, column) => {
  const [headline, hint, ...reference] = refusal({ 'Pipfile.lock': text }).split('\n\n');
  expect(headline).toBe(`Pipfile.lock is not valid JSON at line ${line}, column ${column}, got "<folder>/Pipfile.lock"; restore the file, or lock anew (pipenv lock)`);
  expect(hint).toMatch(/^hint: .+ JSON/);
  expect(reference).toEqual(['[json-invalid]']);
});

describe('fails: a lock that does not fit', () => {
  test.each<Case>([
    ['uv.lock lacks a package', 'uv.lock lacks what pyproject.toml requires, got "b>=2; sys_platform == \\"linux\\""; lock anew (uv lock) [lock-incomplete]',
      { 'pyproject.toml': requiring('a', 'b>=2; sys_platform == "linux"'), 'uv.lock': uvLock(uvPackage('a')) }],
    ['uv.lock has another version', 'uv.lock has a 1.0, which pyproject.toml does not allow, got "a>=2"; lock anew (uv lock) [lock-outdated]',
      { 'pyproject.toml': requiring('a>=2'), 'uv.lock': uvLock(uvPackage('a')) }],
    ['pylock.toml lacks a package', 'pylock.toml lacks what pyproject.toml requires, got "b"; lock anew (uv export --format pylock.toml, or pip lock with the Python of the target) [lock-incomplete]',
      { 'pyproject.toml': requiring('a', 'b'), 'pylock.toml': `${PYLOCK}[[packages]]\nname = "a"\nversion = "1"` }],
    ['poetry.lock has another version', 'poetry.lock has a 1, which pyproject.toml does not allow, got "a ^2"; lock anew (poetry lock) [lock-outdated]',
      { 'pyproject.toml': '[tool.poetry.dependencies]\na = "^2"\n', 'poetry.lock': `${POETRY}[[package]]\nname = "a"\nversion = "1"\ngroups = ["main"]` }],
    ['poetry.lock lacks a package', 'poetry.lock lacks what pyproject.toml requires, got "b ^2"; lock anew (poetry lock) [lock-incomplete]',
      { 'pyproject.toml': '[tool.poetry.dependencies]\nb = "^2"\n', 'poetry.lock': `${POETRY}[[package]]\nname = "a"\nversion = "1"\ngroups = ["main"]` }],
    ['Pipfile.lock lacks what the Pipfile names', 'Pipfile.lock lacks what Pipfile requires, got "B"; lock anew (pipenv lock) [lock-incomplete]',
      { 'Pipfile': '[packages]\na = "*"\nB = "*"\n', 'Pipfile.lock': pipfile({ a: { version: '==1' } }) }],
    ['Pipfile.lock has another version', 'Pipfile.lock has a 1, which pyproject.toml does not allow, got "a>1"; lock anew (pipenv lock) [lock-outdated]',
      { 'pyproject.toml': requiring('a>1'), 'Pipfile.lock': pipfile({ a: { version: '==1' } }) }],
    ['requirements.txt with hashes lacks a package', 'requirements.txt lacks what pyproject.toml requires, got "b"; lock anew (uv export --format requirements.txt, or pip-compile --generate-hashes) [lock-incomplete]',
      { 'pyproject.toml': requiring('a', 'b'), ...requirementsTxt('a==1 --hash=sha256:a') }],
    ['uv.lock of another folder', 'uv.lock has no package in the project\'s folder, got "<folder>"; set entry to the folder of one that it has (x, y), or lock anew (uv lock) [lock-of-other-project]',
      { 'pyproject.toml': requiring('a'), 'uv.lock': UV + uvPackage('x', '', 'virtual = "x"') + uvPackage('y', '', 'editable = "y"') }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: a requirement on the project itself', () => {
  test.each<Case>([
    ['in pyproject.toml', 'pyproject.toml requires the project itself, got "My_App"; remove it, or name the extras that it is for: a layer holds what the project requires [requires-itself]',
      { 'pyproject.toml': requiring('My_App') }],
    ['beside a lock', 'pyproject.toml requires the project itself, got "my-app>=1"; remove it, or name the extras that it is for: a layer holds what the project requires [requires-itself]',
      { 'pyproject.toml': requiring('my-app>=1', 'a'), 'uv.lock': uvLock(uvPackage('a')) }],
    ['in requirements.txt', 'requirements.txt requires the project itself, got "my-app"; remove it, or name the extras that it is for: a layer holds what the project requires [requires-itself]',
      { 'pyproject.toml': project(), ...requirementsTxt('a\nmy-app==1.0') }],
    ['in requirements.txt with hashes', 'line 1 of requirements.txt requires the project itself, got "my-app==1.0"; remove it, or name the extras that it is for: a layer holds what the project requires [requires-itself]',
      { 'pyproject.toml': project(), ...requirementsTxt('my-app==1.0 --hash=sha256:a') }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: extras and groups that there are not', () => {
  test.each<Case>([
    ['an extra of pyproject.toml', 'pyproject.toml has no such extra, got "faster"; set extras to some of fast, slow [extra-unknown]',
      { 'pyproject.toml': project('optional-dependencies = { fast = ["a"], Slow = ["b"] }') }, { extras: ['faster'] }],
    ['several extras of none', 'pyproject.toml has no such extra, got ["a","b"]; it has none: leave extras out [extra-unknown]',
      { 'pyproject.toml': project() }, { extras: ['a', 'b'] }],
    ['a group of pyproject.toml', 'pyproject.toml has no such group, got "docs"; set groups to some of dev [group-unknown]',
      { 'pyproject.toml': `${requiring('a')}[dependency-groups]\ndev = ["a"]` }, { groups: ['docs'] }],
    ['an extra of uv.lock', 'uv.lock has no such extra, got "x"; it has none: leave extras out [extra-unknown]',
      { 'uv.lock': uvLock(uvPackage('a')) }, { extras: ['x'] }],
    ['a group of poetry.lock', 'poetry.lock has no such group, got "dev"; set groups to some of docs, main [group-unknown]',
      { 'pyproject.toml': '[tool.poetry.group.docs]\n', 'poetry.lock': `${POETRY}[[package]]\nname = "a"\nversion = "1"\ngroups = ["main"]` }, { groups: ['dev'] }],
    ['an extra of poetry.lock', 'poetry.lock has no such extra, got "dev"; set extras to some of fast [extra-unknown]',
      { 'poetry.lock': `${POETRY}[extras]\nfast = ["a"]` }, { extras: ['dev'] }],
    ['a group of pylock.toml', 'pylock.toml has no such group, got "dev"; it has none: leave groups out [group-unknown]',
      { 'pylock.toml': PYLOCK }, { groups: ['dev'] }],
    ['a category of Pipfile.lock', 'Pipfile.lock has no such group, got "dev"; set groups to some of develop [group-unknown]',
      { 'Pipfile.lock': JSON.stringify({ _meta: { 'pipfile-spec': 6 }, default: {}, develop: {} }) }, { groups: ['dev'] }],
    ['an extra of requirements.txt', 'requirements.txt has no such extra, got "dev"; it has none: leave extras out [extra-unknown]',
      requirementsTxt('a'), { extras: ['dev'] }],
    ['an included group', '[dependency-groups].dev of pyproject.toml has an item that is no requirement, got {"include-group":"x"}; write "<package>", or { include-group = "<group>" } in a group [requirement-not-text]',
      { 'pyproject.toml': `${requiring('a')}[dependency-groups]\ndev = [{ include-group = "x" }]` }, { groups: ['dev'] }],
    ['a text instead of a list', '[project].dependencies of pyproject.toml is not a list, got "a"; write it as ["<package>", …] [requirements-not-list]',
      { 'pyproject.toml': project('dependencies = "a"') }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: another Python or system', () => {
  test.each<Case>([
    ['pyproject.toml', 'pyproject.toml is not for python3.13, got ">=3.14"; set another runtime, or change requires-python [python-excluded]',
      { 'pyproject.toml': project('requires-python = ">=3.14"\ndependencies = ["a"]') }],
    ['uv.lock', 'uv.lock is not for python3.13, got ">=3.14"; set another runtime, or change requires-python and lock anew (uv lock) [python-excluded]',
      { 'uv.lock': 'version = 1\nrequires-python = ">=3.14"' }],
    ['poetry.lock', 'poetry.lock is not for python3.13, got ">=3.11,<3.12 || >=3.14,<4"; set another runtime, or change requires-python and lock anew (poetry lock) [python-excluded]',
      { 'poetry.lock': '[metadata]\nlock-version = "2.1"\npython-versions = "~3.11 || ^3.14"' }],
    ['a package of pylock.toml', 'a in pylock.toml is not for python3.13, got "<3.9"; set another runtime, or change requires-python and lock anew (uv export --format pylock.toml, or pip lock with the Python of the target) [python-excluded]',
      { 'pylock.toml': `${PYLOCK}[[packages]]\nname = "a"\nversion = "1"\nrequires-python = "<3.9"` }],
    ['environments of uv.lock', 'uv.lock is not for python3.13 on Linux, x86_64, got ["sys_platform == \'darwin\'"]; add an environment such as "sys_platform == \'linux\'" to the tool\'s settings, and lock anew (uv lock) [lock-for-other-environment]',
      { 'uv.lock': `${UV}supported-markers = ["sys_platform == 'darwin'"]` }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: what is no wheel, or not there', () => {
  test.each<Case>([
    ['git in uv.lock', 'a is not a wheel in uv.lock, and a layer is made of wheels, got "https://****@github.com/a/a?rev=1#2"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      { 'uv.lock': uvLock(uvPackage('a', '', 'git = "https://token@github.com/a/a?rev=1#2"')) }],
    ['an sdist in uv.lock', 'a is not a wheel in uv.lock, and a layer is made of wheels, got "https://example.com/a-1.0.tar.gz"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      { 'uv.lock': uvLock(uvPackage('a', '', 'url = "https://example.com/a-1.0.tar.gz"')) }],
    ['git in pylock.toml', 'a is not a wheel in pylock.toml, and a layer is made of wheels, got "https://github.com/a/a"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      { 'pylock.toml': `${PYLOCK}[[packages]]\nname = "a"\nvcs = { type = "git", url = "https://github.com/a/a" }` }],
    ['git in poetry.lock', 'a is not a wheel in poetry.lock, and a layer is made of wheels, got "https://github.com/a/a"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      { 'poetry.lock': `${POETRY}[[package]]\nname = "a"\nversion = "1"\ngroups = ["main"]\n[package.source]\ntype = "git"\nurl = "https://github.com/a/a"` }],
    ['git in Pipfile.lock', 'a is not a wheel in Pipfile.lock, and a layer is made of wheels, got "https://github.com/a/a"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      { 'Pipfile.lock': pipfile({ a: { git: 'https://github.com/a/a', ref: '1' } }) }],
    ['git in requirements.txt', 'git+https://github.com/a/a is not a wheel in requirements.txt, and a layer is made of wheels, got "git+https://github.com/a/a"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      requirementsTxt('-e git+https://github.com/a/a#egg=a')],
    ['git in requirements.txt, with a name', 'a is not a wheel in requirements.txt, and a layer is made of wheels, got "git+https://github.com/a/a"; publish a wheel of it, or copy its source into a folder and make that a path dependency [not-a-wheel]',
      requirementsTxt('a @ git+https://github.com/a/a')],
    ['a folder of uv.lock', 'uv.lock has a in a folder that is not there, got "<folder>/gone"; restore the folder, or lock anew (uv lock) [local-folder-missing]',
      { 'uv.lock': uvLock(uvPackage('a', '', 'directory = "gone"')) }],
    ['a folder of requirements.txt', 'a path that is required is not there: <folder>/gone, got "./gone"; correct it: it is relative to the project\'s folder [path-missing]',
      requirementsTxt('./gone')],
    ['a source that only uv knows', 'only uv knows where a requirement comes from, by [tool.uv.sources] of pyproject.toml, got "a"; lock it: uv lock [uv-sources-unlocked]',
      { 'pyproject.toml': `${requiring('a')}[tool.uv.sources]\na = { git = "https://github.com/a/a" }` }],
    ['a folder with setup.py alone', 'what the project requires is in setup.py, which would have to be run, got "<folder>/shared"; lock it: uv lock, poetry lock or pip lock [setup-py-unlocked]',
      { ...requirementsTxt('./shared'), 'shared/setup.py': '' }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: requirements.txt', () => {
  test.each<Case>([
    ['a malformed requirement', 'line 3 of requirements.txt has a malformed requirement, got "b=>1"; correct it: expected ";" or the end at column 2 of "b=>1" [requirement-malformed]',
      requirementsTxt('a\n\nb=>1')],
    ['a malformed requirement of pyproject.toml', 'pyproject.toml has a malformed requirement, got "a b"; correct it: expected ";" or the end at column 3 of "a b" [requirement-malformed]',
      { 'pyproject.toml': requiring('a b') }],
    ['--no-binary', 'line 1 of requirements.txt has an option that a layer cannot follow, got "--no-binary=a"; remove it: a layer is made of wheels, found on indexes or in folders [requirements-option]',
      requirementsTxt('--no-binary a\na')],
    ['an unknown option', 'line 1 of requirements.txt has an option that a layer cannot follow, got "--nope=1"; remove it: a layer is made of wheels, found on indexes or in folders [requirements-option]',
      requirementsTxt('a --nope=1')],
    ['hashes for some', 'line 2 of requirements.txt has no hash, but others have hashes, got "b==1"; lock anew (uv export --format requirements.txt, or pip-compile --generate-hashes) [hash-missing]',
      requirementsTxt('a==1 --hash=sha256:a\nb==1\n')],
    ['hashes without a version', 'line 2 of requirements.txt has no pinned version, but others have hashes, got "a>1"; lock anew (uv export --format requirements.txt, or pip-compile --generate-hashes) [hash-missing]',
      requirementsTxt('--require-hashes\na>1 --hash=sha256:a\n')],
    ['a file that includes itself', 'requirements.txt includes itself, got "<folder>/more.txt"; remove the -r or -c that makes the circle [requirements-circle]',
      { 'requirements.txt': '-r more.txt', 'more.txt': '-r requirements.txt' }],
    ['an included file that is not there', 'a requirements file that requirements.txt includes is not there, got "<folder>/more.txt"; correct the -r or -c [requirements-include-missing]',
      requirementsTxt('-r more.txt')],
    ['an included URL', 'line 1 of requirements.txt includes a file from elsewhere, got "https://example.com/constraints.txt"; copy it beside the requirements file: what it says must not change unnoticed [requirements-include-remote]',
      requirementsTxt('-c https://example.com/constraints.txt')],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

describe('fails: several versions', () => {
  test.each<Case>([
    ['of pylock.toml', 'pylock.toml has more than one a for the target, got ["1","2"]; leave out one of the extras or groups that require them, or lock anew (uv export --format pylock.toml, or pip lock with the Python of the target) [lock-ambiguous]',
      { 'pylock.toml': `${PYLOCK}[[packages]]\nname = "a"\nversion = "1"\n[[packages]]\nname = "a"\nversion = "2"` }],
    ['of an old poetry.lock', 'poetry.lock, of Poetry 1, does not tell which version of a package is for the target, got ["a"]; lock it with Poetry 2: poetry lock [poetry-1-ambiguous]',
      { 'pyproject.toml': '[tool.poetry.dependencies]\nb = "*"\na = ">=3"\n', 'poetry.lock': `${OLD_POETRY}${['a" # 1\nversion = "1', 'a" # 2\nversion = "2', 'b"\nversion = "1'].map((x) => `[[package]]\nname = "${x}"\n${x.startsWith('b') ? 'dependencies = { a = "*" }\n' : ''}`).join('')}` }],
    ['an old poetry.lock without pyproject.toml', 'poetry.lock is of Poetry 1, and [tool.poetry].dependencies of pyproject.toml, which it goes with, is empty or not there, got "<folder>/poetry.lock"; lock it with Poetry 2: poetry lock [poetry-1-without-project]',
      { 'poetry.lock': `${OLD_POETRY}[[package]]\nname = "a"\nversion = "1"` }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });
});

test('fails: nothing is given, or not a folder', () => {
  const folder = writeFiles(temporaryFolder(), { 'uv.lock': '' });
  const platform = platformOf({ runtime: 'python3.13', architecture: 'x86_64' });
  expect(() => readRequirements({}, platform)).toThrow('neither a project nor a file of requirements is given; set entry or requirements');
  expect(() => readRequirements({ entry: `${folder}/none` }, platform)).toThrow(`the project folder does not exist, got "${folder}/none"; set entry to the folder that holds pyproject.toml`);
  expect(() => readRequirements({ entry: `${folder}/uv.lock` }, platform)).toThrow(`entry is a file, got "${folder}/uv.lock"; set requirements to it, or entry to its folder, "${folder}"`);
});

test('fails: extras that exclude each other', () => {
  expect(refusalOf(copyFixture('locked/conflict'), { extras: ['old', 'all'] })).toBe([
    'what is asked for excludes each other, by [tool.uv].conflicts of pyproject.toml, got [{"package":"conflict-app","extra":"all"},{"package":"conflict-app","extra":"old"}]',
    'ask for one of them [uv-conflict]',
  ].join('; '));
});

describe('fails: no wheel for the target', () => {
  const wheels = (...tags: string[]) => `wheels = [${tags.map((tag) => `{ url = "https://files.pythonhosted.org/a/b-1.0-${tag}.whl", hash = "sha256:b" }`).join(', ')}]\n`;
  const b = (text: string) => ({ 'uv.lock': uvLock(uvPackage('a', 'dependencies = [{ name = "b" }]\nwheels = [{ url = "https://files.pythonhosted.org/a/a-1.0-py3-none-any.whl" }]'), uvPackage('b', text)).replace('dependencies = [{ name = "a" }, { name = "b" }]', 'dependencies = [{ name = "a" }]') });

  test.each<Case>([
    ['a newer glibc, another machine', ['b 1.0, which a requires, has no wheel for python3.11 on x86_64 in uv.lock, got ["cp311-cp311-manylinux_2_28_x86_64","cp311-cp311-manylinux_2_28_aarch64","cp311-cp311-win_amd64","cp313-cp313-manylinux_2_28_x86_64"]; lock a version that has one: pure, or cp311 or abi3 for manylinux up to 2.26, x86_64', '', 'hint: there is one for python3.13 on x86_64\n\n[locked-without-wheel]'].join('\n'),
      b(wheels('cp311-cp311-manylinux_2_28_x86_64', 'cp311-cp311-manylinux_2_28_aarch64', 'cp313-cp313-manylinux_2_28_x86_64', 'cp311-cp311-win_amd64')), { runtime: 'python3.11' }],
    ['another Python', ['b 1.0, which a requires, has no wheel for python3.13 on x86_64 in uv.lock, got ["cp39-abi3-win_amd64","cp312-cp312-manylinux_2_17_x86_64","pp310-pypy310_pp73-manylinux_2_17_x86_64","cp312-cp312-macosx_11_0_arm64","cp312-cp312-manylinux_2_17_aarch64","2 more"]; lock a version that has one: pure, or cp313 or abi3 for manylinux up to 2.34, x86_64', '', 'hint: there is one for python3.12 on x86_64\n\n[locked-without-wheel]'].join('\n'),
      b(wheels('cp312-cp312-manylinux_2_17_x86_64', 'cp312-cp312-manylinux_2_17_aarch64', 'cp312-cp312-win_amd64', 'cp312-cp312-macosx_11_0_arm64', 'cp312-cp312-musllinux_1_2_x86_64', 'cp39-abi3-win_amd64', 'pp310-pypy310_pp73-manylinux_2_17_x86_64'))],
    ['another machine', ['b 1.0, which a requires, has no wheel for python3.13 on arm64 in uv.lock, got ["cp39-abi3-manylinux_2_17_x86_64"]; lock a version that has one: pure, or cp313 or abi3 for manylinux up to 2.34, aarch64', '', 'hint: there is one for python3.13 on x86_64\n\n[locked-without-wheel]'].join('\n'),
      b(wheels('cp39-abi3-manylinux_2_17_x86_64')), { architecture: 'arm64' }],
    ['Windows alone', 'b 1.0, which a requires, has no wheel for python3.13 on x86_64 in uv.lock, got ["py3-none-win_amd64"]; lock a version that has one: pure, or cp313 or abi3 for manylinux up to 2.34, x86_64 [locked-without-wheel]',
      b(wheels('py3-none-win_amd64'))],
    ['an sdist alone', 'b 1.0, which a requires, has only a source distribution in uv.lock; lock a version that has a wheel, or build one (pip wheel) and name its folder with --find-links in pipArgs [locked-only-source]',
      b('sdist = { url = "https://files.pythonhosted.org/a/b-1.0.tar.gz" }')],
    ['several', ['a 1.0 has only a source distribution in uv.lock; lock a version that has a wheel, or build one (pip wheel) and name its folder with --find-links in pipArgs', '', 'hint: the same goes for b 1.0, c 1.0\n\n[locked-only-source]'].join('\n'),
      { 'uv.lock': uvLock(uvPackage('a'), uvPackage('b', wheels('py2-none-any')), uvPackage('c')) }],
  ])('%s', (_, message, files, asked) => {
    expect(refusal(files, asked)).toBe(message);
  });

  test('of what pip lock has listed', () => {
    expect(refusalOf(copyFixture('locked/app'), { file: 'pylock.pip.toml', architecture: 'arm64' })).toBe([
      'markupsafe 3.0.4 has no wheel for python3.13 on arm64 in pylock.pip.toml, got ["cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64"]; lock a version that has one: pure, or cp313 or abi3 for manylinux up to 2.34, aarch64',
      '',
      'hint: the same goes for wcwidth 0.9.4',
      'there is one for python3.13 on x86_64',
      'pip lock lists the wheel of the Python and the machine that run it; uv export --format pylock.toml lists all',
      '',
      '[locked-without-wheel]',
    ].join('\n'));
  });

  test('what is excluded may lack one, and so may what is not known', () => {
    const platform = platformOf({ runtime: 'python3.13', architecture: 'x86_64' });
    const requirements = { file: '/project/uv.lock', format: 'uv.lock' as const, unlocked: [], constraints: [], local: [], indexes: [], args: [], isOpen: false, direct: [], exempt: [], redefined: [], locked: [{ name: 'a', version: '1.0', hashes: [], wheels: [] }, { name: 'b', version: '1.0', hashes: [] }] };
    expect(() => refuseWithoutWheel(requirements, platform, ['a'])).not.toThrow();
    expect(() => refuseWithoutWheel(requirements, platform)).toThrow('a 1.0 has only a source distribution in uv.lock; lock a version that has a wheel, or build one (pip wheel) and name its folder with --find-links in pipArgs');
  });
});
