import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildLayer } from '../../../lib/core/layer/build-layer';
import type { LayerRequirements } from '../../../lib/core/lock/locked';
import { layerFingerprint } from '../../../lib/core/plan/layer-key';
import { readLayerRequest, type LayerOptions, type LayerRequest } from '../../../lib/core/plan/layer-request';
import { ARM, layerRequest, locked, wheelsFolder } from '../../setup/layer-requests';
import { temporaryFolder, writeFiles } from '../../setup/projects';

let python: string;
let folder: string;
beforeAll(async () => {
  python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  folder = await wheelsFolder(
    { name: 'frames', requires: ['arrays', 'dates', 'excel; extra == "excel"'], files: { 'frames/tests/test_frames.py': '#'.repeat(1000), 'frames/core/Tests/x.py': '', 'frames/core/types.pyi': '##' } },
    { name: 'arrays', files: { 'arrays/tests/__init__.py': '###', 'arrays/tests/data/x.bin': '####', 'tests/__init__.py': '' } },
    ...['dates', 'excel', 'web'].map((name) => ({ name })),
    { name: 'api', requires: ['web', 'dates'] },
  );
});

const NAMES = ['api', 'arrays', 'dates', 'excel', 'frames', 'web'];
const all: Partial<LayerRequirements> = { locked: NAMES.map((name) => locked(name)) };
const request = (more: Partial<LayerRequest>) => layerRequest(folder, all, { python, ...more });

describe('parts of one lock', () => {
  const part = async (more: Partial<LayerRequest>) => (await buildLayer(request(more))).packages.map(({ name }) => name);

  test('packages with what they require, extras too, and in another layer the rest', async () => {
    expect(await Promise.all([part({ packages: ['frames'] }), part({ exclude: ['Frames'] })])).toEqual([['arrays', 'dates', 'excel', 'frames'], ['api', 'dates', 'web']]);
  });

  test('fails for a package that is not there', async () => {
    await expect(part({ packages: ['frames', 'numpy'] })).rejects.toThrow(
      'requirements.txt leads to no such package for the target, got ["numpy"]; set packages to some of api, arrays, dates, excel, frames, web [layer-package-unknown]',
    );
  });

  const PROJECT = '[project]\nname = "x"\ndependencies = ["api"]\n[dependency-groups]\nall = [{ include-group = "tables" }]\ntables = ["Frames>=1", "old; python_version < \'3\'"]\n';
  const SOURCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'pyproject.toml': { 'pyproject.toml': PROJECT },
    'uv.lock': {
      'pyproject.toml': PROJECT,
      'uv.lock': `version = 1\n${[
        'name = "x"\nsource = { virtual = "." }\ndependencies = [{ name = "api" }]\n[package.dev-dependencies]\nall = [{ name = "frames" }]\ntables = [{ name = "frames" }]',
        ...NAMES.map((name) => `name = "${name}"\nversion = "1.0"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [{ url = "https://x.org/${name}-1.0-py3-none-any.whl" }]\n${name === 'frames' ? 'dependencies = [{ name = "arrays" }, { name = "dates" }]' : name === 'api' ? 'dependencies = [{ name = "web" }, { name = "dates" }]' : ''}`),
      ].map((item) => `[[package]]\n${item}\n`).join('')}`,
    },
    'poetry.lock': {
      'pyproject.toml': '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\napi = "*"\n[tool.poetry.group.tables.dependencies]\nFrames = "*"\n[tool.poetry.group.all.dependencies]\nframes = { version = ">=1" }\n',
      'poetry.lock': `${NAMES.map((name) => `[[package]]\nname = "${name}"\nversion = "1.0"\ngroups = [${['api', 'web'].includes(name) ? '"main"' : name === 'dates' ? '"main", "tables", "all"' : '"tables", "all"'}]\nfiles = [{ file = "${name}-1.0-py3-none-any.whl" }]\n`).join('')}[metadata]\nlock-version = "2.1"\npython-versions = ">=3.9"\n`,
    },
    'Pipfile.lock': {
      'Pipfile': '[packages]\napi = "*"\n[tables]\nframes = "*"\n[all]\nFrames = "*"\n',
      'Pipfile.lock': JSON.stringify({ _meta: { 'pipfile-spec': 6 }, default: versions('api', 'dates', 'web'), tables: versions('arrays', 'dates', 'frames'), all: versions('arrays', 'dates', 'frames') }),
    },
  };

  test.each(Object.entries(SOURCES))('a dependency group alone: %s', (format, files) => {
    const entry = writeFiles(path.join(folder, `of ${format}`), files);
    const read = (more: Partial<LayerOptions>) => readLayerRequest({ entry, ...ARM, ...more });
    expect(read({ onlyGroups: ['Tables'] }).packages).toEqual(['frames']);
    expect(read({ onlyGroups: ['all'], packages: ['web'] }).packages).toEqual(['frames', 'web']);
    expect(read({ groups: ['tables'] }).packages).toBeUndefined();
    expect(() => read({ onlyGroups: ['none'] })).toThrow(/has no such group, got "none"/);
    expect(layerFingerprint(read({ onlyGroups: ['tables'] }))).not.toBe(layerFingerprint(read({ groups: ['tables'] })));
  });
});

describe('of a lock that tells what each package requires, a part reads no more than it needs', () => {
  const uv = (apiVersion: string) => ({
    'pyproject.toml': '[project]\nname = "x"\ndependencies = ["api", "frames"]\n',
    'uv.lock': `version = 1\n${[
      'name = "x"\nsource = { virtual = "." }\ndependencies = [{ name = "api" }, { name = "frames" }]',
      ...NAMES.map((name) => `name = "${name}"\nversion = "${name === 'api' ? apiVersion : '1.0'}"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [{ url = "https://x.org/${name}-1.0-py3-none-any.whl" }]\n${{
        frames: 'dependencies = [{ name = "arrays" }, { name = "dates", marker = "sys_platform == \'win32\'" }]\n[package.optional-dependencies]\nexcel = [{ name = "excel" }]',
        api: 'dependencies = [{ name = "web" }, { name = "dates" }, { name = "excel" }]',
      }[name] ?? ''}`),
    ].map((item) => `[[package]]\n${item}\n`).join('')}`,
  });
  const read = (files: Readonly<Record<string, string>>, more: Partial<LayerOptions>) => readLayerRequest({ entry: writeFiles(temporaryFolder(), files), ...ARM, ...more });
  const namesOf = ({ requirements }: LayerRequest) => requirements.locked.map(({ name }) => name);

  test('for any target, and any extra', () => {
    expect(namesOf(read(uv('1.0'), { packages: ['Frames'] }))).toEqual(['arrays', 'dates', 'excel', 'frames']);
    expect(namesOf(read(uv('1.0'), { packages: ['web'] }))).toEqual(['web']);
    expect(namesOf(read(uv('1.0'), { exclude: ['frames'] })), 'the rest is known when all is there').toEqual(NAMES);
  });

  test('its key does not depend on the rest', () => {
    const key = (apiVersion: string, name: string) => layerFingerprint(read(uv(apiVersion), { packages: [name] }));
    expect(key('2.0', 'frames')).toBe(key('1.0', 'frames'));
    expect(key('2.0', 'api')).not.toBe(key('1.0', 'api'));
  });

  test('and all of a lock that does not tell', () => {
    const lines = NAMES.map((name) => `${name}==1.0 --hash=sha256:${'a'.repeat(64)}\n`).join('');
    expect(namesOf(read({ 'requirements.txt': lines }, { packages: ['frames'] }))).toEqual(NAMES);
  });
});

function versions(...names: string[]) {
  return Object.fromEntries(names.map((name) => [name, { version: '==1.0' }]));
}

describe('files of packages', () => {
  test('stay out by patterns, and RECORD knows nothing of them; metadata stays', async () => {
    const { files, packages, saved } = await buildLayer(request({ packages: ['frames'], exclude: ['excel', 'frames/**/tests/**', 'arrays/tests', '*.pyi', '**/METADATA', '/nothing/'] }));
    expect(files.map((file) => file.path).filter((name) => !name.includes('dist-info'))).toEqual([
      'python/arrays/__init__.py', 'python/dates/__init__.py', 'python/frames/__init__.py', 'python/frames/core/Tests/x.py', 'python/tests/__init__.py',
    ]);
    expect(saved).toBe(1000 + 3 + 4 + 2);
    expect(packages.map(({ name }) => name)).toEqual(['arrays', 'dates', 'frames']);
    const record = files.find((file) => file.path === 'python/frames-1.0.dist-info/RECORD')!.content.toString();
    expect(record.split('\n').map((line) => line.split(',')[0])).toEqual([
      'frames-1.0.dist-info/METADATA', 'frames-1.0.dist-info/WHEEL', 'frames/__init__.py', 'frames/core/Tests/x.py', 'frames-1.0.dist-info/RECORD', '',
    ]);
  });
});
