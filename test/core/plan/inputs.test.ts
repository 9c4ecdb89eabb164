import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { splitArguments } from '../../../lib/core/plan/inputs/arguments';
import { INPUTS, KEYS, keyOf } from '../../../lib/core/plan/inputs/inputs';
import { layerFingerprint } from '../../../lib/core/plan/layer-key';
import { fingerprint } from '../../../lib/core/plan/source-key';
import type { ArtifactRequest } from '../../../lib/core/plan/source-request';
import { readProject } from '../../../lib/core/project/project';
import { digestSourceTree, listSourceTree } from '../../../lib/core/project/source-tree';
import { layerRequest } from '../../setup/layer-requests';
import { git, gitInit, temporaryFolder, writeFiles } from '../../setup/projects';

type Options = Partial<Pick<ArtifactRequest, 'pipArgs' | 'environment' | 'python' | 'version'>>;

/** What the keys are made of, in folders of its own. */
interface World {
  readonly top: string;
  readonly entry: string;
  readonly home: string;
  readonly python: string;
}

const SETUP = `
import os, subprocess
from tools.numbers import build
NAME = "INDIRECT"
version = os.environ.get("BUILD_NUMBER", "0") + os.getenv('REVISION') + os.environ[NAME] + os.environ[f"APP_{build}"] + "\${SHELL_STYLE}"
`;

function newWorld(): World {
  const top = temporaryFolder();
  const entry = writeFiles(path.join(top, 'services', 'one'), {
    'pyproject.toml': '[build-system]\nrequires = ["setuptools", "acme-stamp>=1"]\n[project]\nname = "app"\ndynamic = ["version"]\n'
      + '[tool.hatch.version]\nsource = "env"\nvariable = "HATCHED"\n[tool.x]\nlabel = "{env:LABEL:none}"\n',
    'setup.py': SETUP,
    'tools/numbers.py': 'import os\nbuild = os.environ["IN_A_MODULE"]\n',
    'app/__init__.py': 'import os\nTABLE = os.environ["AT_RUN_TIME"]\n',
  });
  const home = writeFiles(temporaryFolder(), { 'vendor/acme-1.0-py3-none-any.whl': 'one', 'constraints.txt': '-c more.txt\n', 'more.txt': 'a==1\n' });
  const python = path.join(writeFiles(temporaryFolder(), {
    'bin/python': 'binary', 'pyvenv.cfg': '', 'lib/python3.13/site-packages/hatchling-1.dist-info/RECORD': 'one',
  }), 'bin', 'python');
  return { top, entry, home, python };
}

let world: World;
beforeEach(() => {
  world = newWorld();
  vi.stubEnv('HOME', world.home);
  vi.stubEnv('XDG_CONFIG_HOME', path.join(world.home, '.config'));
});
afterEach(() => void vi.unstubAllEnvs());

const KEY_OF: Readonly<Record<keyof typeof KEYS, (options: Options) => string>> = {
  artifact: (options) => {
    const request = { entry: world.entry, python: world.python, ...options };
    return fingerprint(readProject(world.entry), request, digestSourceTree(listSourceTree(world.entry)));
  },
  layer: ({ pipArgs, environment }) => layerFingerprint(layerRequest(world.home, {
    args: [], unlocked: [`acme @ file://${world.home}/vendor/acme-1.0-py3-none-any.whl`],
  }, { python: world.python, pipArgs, environment })),
  environment: ({ pipArgs = [], environment }) => keyOf('environment', {
    entry: world.home,
    python: world.python,
    pipArgs: splitArguments(pipArgs).places,
    environment: { ...process.env, ...environment },
    options: ['identity', ['acme']],
    requirements: [`acme @ file://${world.home}/vendor/acme-1.0-py3-none-any.whl`],
  }),
};
const ALL = Object.keys(KEYS) as (keyof typeof KEYS)[];

const setVariable = (name: string, value: string) => () => void vi.stubEnv(name, value);
const write = (folder: keyof World, name: string, content: string) => () => void writeFiles(world[folder], { [name]: content });
const config = (text: string) => write('home', '.config/pip/pip.conf', text);

/** What is done, before and between two keys; which of the keys change. */
type Case = readonly [what: string, keys: readonly (keyof typeof KEYS)[], change: () => Options | void, before?: () => Options | void];

const INDEX = (token: string, name = 'PIP_INDEX_URL') => () => ({ environment: { [name]: `https://ci:${token}@example.com/simple?sig=${token}` } });

// by input: what changes the keys that it is in
const CASES: Readonly<Record<Exclude<keyof typeof INPUTS, 'library' | 'options'>, readonly Case[]>> = {
  source: [
    ['a file of the project', ['artifact'], write('entry', 'app/__init__.py', '')],
  ],
  pipArgs: [
    ['an argument', ['artifact', 'layer'], () => ({ pipArgs: ['--pre'] })],
    ['an index', ALL, () => ({ pipArgs: ['--index-url', 'https://example.com/simple'] })],
    ['a password in one', [], () => ({ pipArgs: ['--index-url=https://u:two@example.com/simple'] }), () => ({ pipArgs: ['--index-url=https://u:one@example.com/simple'] })],
  ],
  python: [
    ['another interpreter in its place', ['artifact'], () => fs.writeFileSync(world.python, 'newer')],
  ],
  installed: [
    ['a package beside the Python, with isolation', [], () => void writeFiles(path.dirname(world.python), { '../lib/python3.13/site-packages/hatchling-1.dist-info/RECORD': 'two' })],
    ...[['pipArgs', () => ({ pipArgs: ['--no-build-isolation'] })], ['a variable', setVariable('PIP_NO_BUILD_ISOLATION', '0')],
      ['pip.conf', config('[install]\nno-build-isolation = false\n')], ['uv.toml', write('entry', 'uv.toml', 'no-build-isolation = true\n')]].map(([by, without]): Case => [
      `a package beside the Python, without isolation by ${by as string}`, ['artifact'], () => {
        const options = (without as () => Options | void)();
        writeFiles(path.dirname(world.python), { '../lib/python3.13/site-packages/hatchling-1.dist-info/RECORD': 'two' });
        return options;
      }, without as () => Options | void,
    ]),
  ],
  installer: [
    ...['PIP_PRE', 'PIP_ONLY_BINARY', 'UV_EXCLUDE_NEWER', 'UV_RESOLUTION', 'PIP_CONFIG_SETTINGS', 'UV_NO_BUILD_ISOLATION_PACKAGE', 'PIP_GLOBAL_OPTION'].map((name): Case => [
      name, ALL, setVariable(name, '1'),
    ]),
    ...['PIP_CACHE_DIR', 'PIP_CERT', 'PIP_LOG', 'UV_CACHE_DIR', 'UV_INDEX_ACME_PASSWORD', 'PIP_SOURCE_ARTIFACT_CACHE_DIR', 'PIP_PROXY', 'UV_LINK_MODE', 'PIP_TARGET', 'PIP_GROUP', 'PIP_PLATFORM'].map((name): Case => [
      name, [], setVariable(name, '/somewhere'),
    ]),
    ['an option of pip.conf', ALL, config('[global]\npre = true\n')],
    ['a value of pip.conf over several lines', ALL, config('[global]\nonly-binary =\n  a\n  c\n'), config('[global]\nonly-binary =\n  a\n  b\n')],
    ['a password in pip.conf', [], config('[global]\nextra-index-url = https://u:two@example.com\n'), config('[global]\nextra-index-url = https://u:one@example.com\n')],
    ['what pip.conf says of the network, and its comments', [], config('# mine\n[global]\ntimeout = 60\n')],
    ['an option of a file that PIP_CONFIG_FILE names', ALL, write('home', 'ci.conf', '[install]\npre = 1\n'), setVariable('PIP_CONFIG_FILE', 'HOME/ci.conf')],
    ['an option of uv.toml', ALL, write('home', '.config/uv/uv.toml', 'resolution = "lowest"\n')],
  ],
  places: [
    ['another index', ['layer', 'environment'], setVariable('PIP_INDEX_URL', 'https://example.com/simple')],
    ['another index, in pip.conf', ['layer', 'environment'], config('[global]\nindex-url = https://example.com/simple\n')],
    ['a new token of an index', [], INDEX('two'), INDEX('one')],
    ['a new token of an index of uv', [], INDEX('two', 'UV_DEFAULT_INDEX'), INDEX('one', 'UV_DEFAULT_INDEX')],
  ],
  files: [
    ['a wheel that a requirement names', ['layer', 'environment'], write('home', 'vendor/acme-1.0-py3-none-any.whl', 'two')],
    ['a wheel in a folder of PIP_FIND_LINKS', ALL, write('home', 'vendor/acme-1.0-py3-none-any.whl', 'two'), setVariable('PIP_FIND_LINKS', 'HOME/vendor')],
    ['a wheel in a folder of pip.conf', ALL, write('home', 'vendor/other-1.0.whl', ''), () => config(`[global]\nfind-links = ${world.home}/vendor\n`)()],
    ['a file of constraints', ALL, write('home', 'constraints.txt', 'a==2\n'), setVariable('PIP_CONSTRAINT', 'HOME/constraints.txt')],
    ['a file that a file of constraints includes', ALL, write('home', 'more.txt', 'a==2\n'), setVariable('PIP_CONSTRAINT', 'HOME/constraints.txt')],
    ...[['-c', 'HOME/more.txt'], ['--constraint=HOME/more.txt'], ['-cHOME/more.txt'], ['--find-links', 'HOME/vendor']].map((args): Case => {
      const options = () => ({ pipArgs: args.map((arg) => arg.replace('HOME', world.home)) });
      return [`a file of ${args.join(' ')}`, args.join().includes('more') ? ['artifact', 'layer'] : ALL, () => {
        writeFiles(world.home, { 'more.txt': 'a==2\n', 'vendor/acme-1.0-py3-none-any.whl': args.join().includes('more') ? 'one' : 'two' });
        return options();
      }, options];
    }),
    ['a file that nothing names', [], write('home', 'readme.txt', '')],
  ],
  environment: [
    ['a variable', ['artifact', 'layer'], () => ({ environment: { ANYTHING: '1' } })],
    ['a secret', [], () => ({ environment: { DEPLOY_TOKEN: 'two' } }), () => ({ environment: { DEPLOY_TOKEN: 'one' } })],
    ['a secret that a build file names', ['artifact'], () => ({ environment: { THE_SECRET: 'two' } }), () => {
      fs.appendFileSync(path.join(world.entry, 'setup.py'), 'key = os.environ["THE_SECRET"]\n');
      return { environment: { THE_SECRET: 'one' } };
    }],
  ],
  variables: [
    ...['BUILD_NUMBER', 'REVISION', 'INDIRECT', 'APP_ANYTHING', 'SHELL_STYLE', 'HATCHED', 'LABEL', 'IN_A_MODULE'].map((name): Case => [
      `${name}, which a build file names`, ['artifact'], setVariable(name, '1'),
    ]),
    ...['SOURCE_DATE_EPOCH', 'SETUPTOOLS_SCM_PRETEND_VERSION', 'VCS_VERSIONING_PRETEND_VERSION', 'HATCH_BUILD_NO_HOOKS', 'VERSIONEER_OVERRIDE', 'ACME_STAMP_MODE'].map((name): Case => [
      `${name}, of a backend`, ['artifact'], setVariable(name, '1'),
    ]),
    ...['AT_RUN_TIME', 'UNNAMED', 'TZ', 'LC_ALL', 'USER', '_', 'AWS_SESSION_TOKEN', 'HATCH_INDEX_AUTH_TOKEN'].map((name): Case => [name, [], setVariable(name, 'else')]),
  ],
  version: [
    ['the version, where a plugin is told it', ['artifact'], () => ({ version: '2' }), () => (write('entry', 'setup.cfg', 'setup_requires = setuptools_scm\n')(), { version: '1' })],
    ['the version under which it is published', [], () => ({ version: '2' }), () => ({ version: '1' })],
  ],
  git: [
    ['a commit, where a plugin asks', ['artifact'], () => void git(world.top, 'commit', '--quiet', '--allow-empty', '--message=two'), () => {
      write('entry', 'setup.cfg', 'setup_requires = setuptools_scm\n')();
      gitInit(world.top, 'v1');
    }],
    ['a commit, where none is known to', [], () => void git(world.top, 'commit', '--quiet', '--allow-empty', '--message=two'), () => gitInit(world.top, 'v1')],
  ],
  ignored: [
    ['a .gitignore above the project', ['artifact'], write('top', '.gitignore', '*.env\n'), () => gitInit(world.top, 'v1')],
  ],
};

describe.each(Object.entries(CASES))('the input %s', (_, cases) => {
  const named = cases.map(([what, keys, change, before]) => ({ what, keys, change, before }));
  test.each(named)('$what: changes the keys $keys', ({ keys, change, before }) => {
    const resolve = () => ['PIP_CONFIG_FILE', 'PIP_FIND_LINKS', 'PIP_CONSTRAINT'].forEach((name) => process.env[name]?.startsWith('HOME/')
      && vi.stubEnv(name, process.env[name]!.replace('HOME', world.home)));
    const given = before?.() ?? {};
    resolve();
    const first = Object.fromEntries(ALL.map((kind) => [kind, KEY_OF[kind](given)]));
    expect(Object.fromEntries(ALL.map((kind) => [kind, KEY_OF[kind](given)])), 'left as it is').toEqual(first);
    const changed = change() ?? given;
    expect(ALL.filter((kind) => KEY_OF[kind](changed) !== first[kind])).toEqual(keys);
  });
});

describe('which Python', () => {
  const venv = (version: string, pip = true) => {
    return writeFiles(temporaryFolder(), { 'bin/python': version, 'pyvenv.cfg': `version = ${version}\n`, 'lib/python3.9/site-packages/x': '', ...pip && { 'lib/python3.9/site-packages/pip/x': '' } });
  };
  const key = () => KEY_OF.artifact({ python: undefined });
  beforeEach(() => vi.stubEnv('PATH', ''));

  test('an active environment does not matter to a project whose own fits', () => {
    fs.cpSync(venv('3.9.1'), path.join(world.entry, '.venv'), { recursive: true });
    const before = key();
    vi.stubEnv('VIRTUAL_ENV', venv('3.13.0'));
    expect(key()).toBe(before);
  });

  test.each([['is too old', '3.9.1', true], ['has no installer', '3.12.0', false]])('it does where the project\'s own %s', (_, version, pip) => {
    fs.appendFileSync(path.join(world.entry, 'pyproject.toml'), '[tool.poetry.dependencies]\npython = ">=3.11"\n');
    fs.cpSync(venv(version, pip), path.join(world.entry, '.venv'), { recursive: true });
    const before = key();
    const active = venv('3.13.0');
    vi.stubEnv('VIRTUAL_ENV', active);
    const after = key();
    fs.writeFileSync(path.join(active, 'bin', 'python'), 'newer');
    expect(new Set([before, after, key()]).size).toBe(3);
  });
});

test('each input is in a key, and has a case that changes all keys that it is in', () => {
  expect(Object.keys(INPUTS).filter((input) => !ALL.some((kind) => (KEYS[kind] as readonly string[]).includes(input)))).toEqual([]);
  for (const [input, cases] of Object.entries(CASES)) {
    const kinds = ALL.filter((kind) => (KEYS[kind] as readonly string[]).includes(input));
    expect(kinds.filter((kind) => !cases.some(([, keys]) => keys.includes(kind))), input).toEqual([]);
  }
});
