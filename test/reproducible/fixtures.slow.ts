import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { buildElsewhere, differences, digestOfPip, type Conditions, type Outcome } from './build-elsewhere';
import { copyFixture, gitInit, temporaryFolder, writeFiles } from '../setup/projects';

const FIXTURES = [
  'setuptools-flat', 'setuptools-src', 'package-data', 'setup-py', 'hatchling', 'flit', 'poetry-core', 'pdm-backend', 'uv-build', 'git-version', 'hatch-vcs',
] as const;
// written on top of a fixture
const MORE: Partial<Record<Fixture, Record<string, string>>> = {
  // setuptools-scm has data files installed because git knows them
  'git-version': { 'git_version_app/prices.json': '{}' },
  // asked for by get_requires_for_build_wheel
  'setuptools-src': { 'setup.py': 'from setuptools import setup\nsetup(setup_requires=["packaging"])\n' },
};
type Fixture = typeof FIXTURES[number];
type Projects = Record<Fixture, string>;

const machine = inject('machine');

/** A checkout of every fixture. */
function checkout(into = temporaryFolder()): Projects {
  return Object.fromEntries(FIXTURES.map((name): [Fixture, string] => {
    const folder = writeFiles(copyFixture(name, path.join(into, name)), MORE[name] ?? {});
    if (name === 'git-version' || name === 'hatch-vcs') gitInit(folder, 'v2.3.4');
    return [name, folder];
  })) as Projects;
}

let reference: Record<Fixture, Outcome>;
beforeAll(async () => {
  reference = await buildElsewhere(checkout());
  // all of it is compared to the byte below
  for (const [name, { files }] of Object.entries(reference)) expect(Object.keys(files).filter((file) => file.endsWith('.pyc')), name).not.toEqual([]);
});

/** One content, one archive. */
function expectTheSame<Name extends Fixture>(outcome: Record<Name, Outcome>) {
  expect(differences(outcome, reference)).toEqual({});
  for (const name of Object.keys(outcome) as Name[]) expect(outcome[name], name).toEqual(reference[name]);
}

const LATIN = machine.locales.find((name) => /8859|latin/i.test(name));

describe('another machine', () => {
  const elsewhere = () => path.join(temporaryFolder(), 'a long way down', 'größe', '日本 語', ...Array.from({ length: 12 }, (_, i) => `level-${i}`));

  test('a checkout far down, with spaces and letters that are not ASCII', async () => {
    expectTheSame(await buildElsewhere(checkout(elsewhere())));
  });

  const inLocale = (LC_ALL: string): Conditions => ({ env: { LC_ALL, LANG: LC_ALL, LANGUAGE: undefined, PYTHONUTF8: undefined } });

  test.each<[string, () => Conditions]>([
    ['a temporary folder with spaces and letters that are not ASCII', () => {
      const TMPDIR = elsewhere();
      fs.mkdirSync(TMPDIR, { recursive: true });
      return { env: { TMPDIR } };
    }],
    ['a time zone far in the east', () => ({ env: { TZ: 'EAST-14' } })],
    ['a time zone far in the west', () => ({ env: { TZ: 'WEST+12' } })],
    ['PYTHONHASHSEED=4242', () => ({ env: { PYTHONHASHSEED: '4242' } })],
    ['PYTHONHASHSEED=random', () => ({ env: { PYTHONHASHSEED: 'random' } })],
    ['another user with another HOME', () => ({ env: { HOME: temporaryFolder(), XDG_CACHE_HOME: undefined, XDG_CONFIG_HOME: undefined, USER: 'else', LOGNAME: 'else', HOSTNAME: 'else' } })],
    ['an environment with hardly a variable in it', () => {
      const others = Object.keys(process.env).filter((name) => !/^PATH$|CERT|_CA_|^PIP_|PROXY/i.test(name));
      return { env: Object.fromEntries(others.map((name) => [name, undefined])) };
    }],
    ...machine.locales.filter((name) => name !== LATIN).map((name): [string, () => Conditions] => [`the locale ${name}`, () => inLocale(name)]),
  ])('%s', async (_, conditions) => {
    expectTheSame(await buildElsewhere(checkout(), conditions()));
  });

  test.skipIf(!LATIN)(`a locale that is not UTF-8: ${LATIN ?? 'this machine has none'}`, async () => {
    expectTheSame(await buildElsewhere(checkout(), inLocale(LATIN!)));
  });

  test.each([['077', 'go='], ['002', 'g=u'], ['000', 'go=u']])('umask %s, of the checkout and of the build', async (umask, mode) => {
    const projects = checkout();
    execFileSync('chmod', ['-R', mode, ...Object.values(projects)]);
    expectTheSame(await buildElsewhere(projects, { umask }));
  });

  test.each([['before zips began', '1971-06-01'], ['in the future', '2100-01-01']])('file times %s', async (_, date) => {
    const projects = checkout();
    for (const folder of Object.values(projects)) {
      for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) fs.utimesSync(path.join(folder, name), new Date(date), new Date(date));
    }
    expectTheSame(await buildElsewhere(projects));
  });
});

describe('other tools', () => {
  test.each(machine.pips.map(({ name, file }) => [name, file]))('%s, in its own isolation', async (_, python) => {
    expectTheSame(await buildElsewhere(checkout(), { python, isolated: true }));
  });

  test('pip on its own, in the user\'s tree', () => {
    for (const [name, folder] of Object.entries(checkout())) expect(digestOfPip(folder), name).toBe(reference[name as Fixture].sourceSha256);
  });

  test('uv, in its own isolation, in an environment without pip', async () => {
    expectTheSame(await buildElsewhere(checkout(), { python: machine.uv.file, isolated: true, env: { PATH: withUv() } }));
  });

  test('uv, which makes the kept environments', async () => {
    const environments = temporaryFolder();
    expectTheSame(await buildElsewhere(checkout(), { python: machine.uv.file, env: { PATH: withUv() }, environments }));
    expect(fs.readdirSync(environments, { recursive: true, encoding: 'utf8' }).some((name) => /setuptools.*\.pyc$/.test(name)), 'compiled').toBe(true);
  });

  test('uv, on request, although there is pip', async () => {
    expectTheSame(await buildElsewhere(checkout(), { request: { installer: 'uv' }, isolated: true, env: { PATH: withUv() } }));
  });

  test.skipIf(machine.otherPythons.length === 0)(`another Python: ${machine.otherPythons.map(({ name }) => name).join(', ') || 'this machine has none'}`, async () => {
    const content = (outcomes: Record<Fixture, Outcome>) => Object.fromEntries(Object.entries(outcomes).map(([name, { files, sourceSha256, metadata }]) => {
      return [name, { sourceSha256, metadata, files: Object.fromEntries(Object.entries(files).filter(([file]) => !file.endsWith('.pyc'))) }];
    }));
    for (const { file } of machine.otherPythons) {
      const outcomes = await buildElsewhere(checkout(), { python: file });
      expect(content(outcomes), 'bytecode is another Python\'s, and no content').toEqual(content(reference));
      expect(outcomes.flit.codeSha256).not.toBe(reference.flit.codeSha256);
    }
  });
});

function withUv(): string {
  return [machine.uvFolder, process.env.PATH].join(path.delimiter);
}

describe('two versions of a backend', () => {
  // the lines of METADATA that they write otherwise; RECORD then differs too, and nothing else
  const NO_DIFFERENCE: Record<string, string[]> = {};

  test.each<[string, string, Fixture[], Record<string, string[]>]>([
    ['setuptools==77.0.3', 'setuptools==84.2.1', ['setuptools-flat', 'setuptools-src', 'package-data'], NO_DIFFERENCE],
    ['flit_core==3.11.0', 'flit_core==4.2.0', ['flit'], { flit: ['-Metadata-Version: 2.4', '+Metadata-Version: 2.5', '+Import-Name: flit_app'] }],
    ['hatchling==1.27.0', 'hatchling==1.33.0', ['hatchling'], { hatchling: ['-Metadata-Version: 2.4', '+Metadata-Version: 2.5'] }],
    ['poetry-core==2.0.0', 'poetry-core==2.5.0', ['poetry-core'], {
      'poetry-core': ['-Metadata-Version: 2.3', '+Metadata-Version: 2.4', '+Classifier: Programming Language :: Python :: 3.14', '+Classifier: Programming Language :: Python :: 3.15'],
    }],
    ['pdm-backend==2.4.0', 'pdm-backend==2.5.0', ['pdm-backend'], NO_DIFFERENCE],
    ['uv_build==0.9.0', 'uv_build==0.13.6', ['uv-build'], NO_DIFFERENCE],
  ])('%s and %s', async (older, newer, names, known) => {
    const projects = Object.fromEntries(names.map((name) => [name, copyFixture(name)]));
    const build = async (requirement: string) => {
      for (const folder of Object.values(projects)) {
        const file = path.join(folder, 'pyproject.toml');
        fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^requires = .*$/m, `requires = ["${requirement}"]`));
      }
      return buildElsewhere(projects);
    };
    const [one, other] = [await build(older), await build(newer)];
    const differing = differences(one, other);
    expect(Object.values(differing).flat().filter((file) => !/\.dist-info\/(METADATA|RECORD)$/.test(file))).toEqual([]);
    const lines = (a: Outcome, b: Outcome, sign: string) => a.metadata.filter((line) => !b.metadata.includes(line)).map((line) => sign + line);
    expect(Object.fromEntries(Object.keys(differing).map((name) => [name, [...lines(one[name], other[name], '-'), ...lines(other[name], one[name], '+')]]))).toEqual(known);
  });
});

test('with the version given that it has anyway', async () => {
  const { 'git-version': one, 'hatch-vcs': two } = checkout();
  expectTheSame(await buildElsewhere({ 'git-version': one, 'hatch-vcs': two }, { request: { version: '2.3.4' } }));
});

describe('a developer\'s tree', () => {
  let projects: Projects;
  beforeAll(() => {
    projects = checkout();
    for (const folder of Object.values(projects)) {
      execFileSync(machine.developer.file, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--editable', '.'], { cwd: folder, stdio: 'ignore' });
      execFileSync(machine.developer.file, ['-m', 'build', '--sdist', '--wheel', '--installer', 'uv'], { cwd: folder, stdio: 'ignore', env: { ...process.env, PATH: withUv() } });
    }
  });

  test('after pip install --editable and python -m build', async () => {
    expect(fs.readdirSync(projects['setuptools-flat'])).toEqual(expect.arrayContaining(['build', 'dist', 'flat_app.egg-info']));
    expectTheSame(await buildElsewhere(projects));
  });

  test('a source distribution that was unpacked', async () => {
    const unpacked = Object.fromEntries(Object.entries(projects).map(([name, folder]) => {
      const target = temporaryFolder();
      const [archive] = fs.readdirSync(path.join(folder, 'dist')).filter((file) => file.endsWith('.tar.gz'));
      execFileSync('tar', ['-xzf', path.join(folder, 'dist', archive), '-C', target]);
      return [name, path.join(target, fs.readdirSync(target)[0])];
    })) as Projects;
    expect(differences(await buildElsewhere(unpacked), reference)).toEqual({});
  });
});
