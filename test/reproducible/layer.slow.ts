// Real packages with native code, for every target, on this machine: what pip and uv choose runs there, and is the same.
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { readElf } from './elf';
import { digestFile, digestTree } from '../../lib/core/base/tree';
import { ArtifactCache } from '../../lib/core/cache/cache';
import { platformOf, type LayerTarget } from '../../lib/core/lambda/target';
import { buildLayer } from '../../lib/core/layer/build-layer';
import { readLayerRequest, type LayerOptions, type LayerRequest } from '../../lib/core/plan/layer-request';
import type { BuilderAnswer, BuilderQuestion } from '../../lib/core/synth/builder-protocol';
import { layerRequest, locked, wheelsFolder } from '../setup/layer-requests';
import { temporaryFolder } from '../setup/projects';

const { python: { file: python }, otherPythons, pips, uvFolder } = inject('machine');
const BUILDER = path.join(__dirname, '..', '..', 'lib', 'bundled', 'builder', 'index.mjs');

const WITH_PIP = { python };
const WITH_UV = { python, installer: 'uv', environment: { PATH: [uvFolder, process.env.PATH].join(path.delimiter) } } as const;

/** From PyPI. */
function request(target: LayerTarget, requirements: Partial<LayerRequest['requirements']>, options: Partial<LayerRequest>): LayerRequest {
  return layerRequest(temporaryFolder(), { args: [], ...requirements }, { target, ...options });
}

async function digestOf(wanted: LayerRequest): Promise<string> {
  return digestTree((await buildLayer(wanted)).files.map(digestFile));
}

/** What both tell of a layer: uv keeps no wheel, whose digest pip's download has. */
function toldOf({ files, packages }: Awaited<ReturnType<typeof buildLayer>>): unknown {
  return [files.map(digestFile), packages.map(({ wheelSha256: _, ...item }) => item)];
}

const NATIVE = ['numpy', 'pandas', 'pydantic', 'cryptography', 'pillow', 'psycopg[binary]'];
const TARGETS = [11, 12, 13, 14].flatMap((minor) => ['x86_64', 'arm64'].map((architecture): LayerTarget => ({ runtime: `python3.${minor}`, architecture })));

describe.each(TARGETS)('$runtime on $architecture', (target) => {
  test(`${NATIVE.join(', ')}: machine and glibc fit, and uv brings the same as pip`, async () => {
    const { files, packages } = await buildLayer(request(target, { unlocked: NATIVE }, WITH_PIP));

    const libraries = files.filter((file) => /\.so(\.|$)/.test(file.path)).map((file) => ({ path: file.path, ...readElf(file.content) }));
    for (const name of ['numpy', 'pandas', 'pydantic_core', 'cryptography', 'PIL', 'psycopg_binary']) {
      expect(libraries.some((library) => library.path.startsWith(`python/${name}/`)), name).toBe(true);
    }
    const { machine, glibc } = platformOf(target);
    expect(libraries.filter((library) => library.glibc > 0).length).toBeGreaterThan(50);
    expect(libraries.filter((library) => library.machine !== machine || library.glibc > glibc)).toEqual([]);

    const versions = packages.map(({ name, version }) => locked(name, { version }));
    expect(await digestOf(request(target, { locked: versions }, WITH_UV))).toBe(digestTree(files.map(digestFile)));
  });
});

describe('the same layer', () => {
  const TARGET = { runtime: 'python3.11', architecture: 'arm64' };
  const SOME = {
    // scripts, headers, a program, what one platform or another requires; numpy's newest is for a newer glibc
    unlocked: ['numpy>=2.2', 'jmespath==1.0.1', 'greenlet==3.1.1', 'ruff==0.9.0', 'redis==5.0.8', 'colorama==0.4.6; sys_platform == "win32"', 'uvloop==0.21.0; platform_machine == "aarch64"'],
  };
  let reference: string;
  beforeAll(async () => {
    reference = await digestOf(request(TARGET, SOME, WITH_PIP));
  });

  test.each([...pips, ...otherPythons].map(({ name, file }) => [name, file]))('with %s', async (_, file) => {
    expect(await digestOf(request(TARGET, SOME, { python: file }))).toBe(reference);
  });

  test('with uv, which resolves it too', async () => {
    expect(await digestOf(request(TARGET, SOME, WITH_UV))).toBe(reference);
  });

  test('with uv, where packages overwrite files of each other', async () => {
    const brings = (name: string) => ({ name, files: { 'tests/__init__.py': name, 'LICENSE': name, [`shared/${name}.py`]: '', 'shared/__init__.py': '', [`${name}-1.0.data/headers/x.h`]: '' } });
    const folder = await wheelsFolder(brings('one'), brings('two'), brings('three'));
    const [byPip, byUv] = await Promise.all([WITH_PIP, WITH_UV].map((options) => buildLayer(layerRequest(folder, { unlocked: ['one', 'two', 'three'] }, options))));
    expect(toldOf(byUv)).toEqual(toldOf(byPip));
    expect(byPip.files.find((file) => file.path === 'python/LICENSE')?.content.toString()).toBe('two');
  });

  test('with uv, of a version that was withdrawn: both tell so', async () => {
    const [byPip, byUv] = await Promise.all([WITH_PIP, WITH_UV].map((options) => buildLayer(request(TARGET, { unlocked: ['requests==2.32.0', 'urllib3==2.2.3', 'certifi==2024.8.30', 'idna==3.10', 'charset-normalizer==3.4.0'] }, options))));
    expect(toldOf(byUv)).toEqual(toldOf(byPip));
    expect(byPip.packages.flatMap(({ name, yanked }) => yanked === undefined ? [] : [[name, yanked]])).toEqual([['requests', expect.stringMatching(/CVE-2024-35195/)]]);
  });

  test.each<[string, Partial<LayerRequest>]>([['pip', WITH_PIP], ['uv', WITH_UV]])('with %s, in another time zone, locale and home, under another umask', (_, options) => {
    const env = { TZ: 'Pacific/Kiritimati', LC_ALL: 'C', HOME: temporaryFolder() };
    expect(digestElsewhere(request(TARGET, SOME, options), '077', env)).toBe(reference);
  });
});

test('one project, locked by uv, poetry, Pipenv, as pylock.toml and as requirements, is one layer', async () => {
  const entry = path.join(__dirname, '..', 'fixtures', 'locked', 'app');
  const sources: Record<string, Partial<LayerOptions>> = {
    'uv.lock': { extras: ['tables'] }, 'pylock.toml': {}, 'poetry.lock': { extras: ['tables'] }, 'Pipfile.lock': { groups: ['tables'] }, 'requirements.txt': {},
  };
  const digests: Record<string, string> = {};
  for (const [format, source] of Object.entries(sources)) {
    const wanted = readLayerRequest({ entry, requirements: path.join(entry, format), runtime: 'python3.13', architecture: 'arm64', ...source });
    for (const [installer, options] of Object.entries({ pip: WITH_PIP, uv: WITH_UV })) digests[`${format} with ${installer}`] = await digestOf({ ...wanted, ...options });
  }
  expect(Object.keys(digests)).toHaveLength(10);
  expect(new Set(Object.values(digests)).size, JSON.stringify(digests, null, 2)).toBe(1);
});

/** In a builder process of its own, as an app does. */
function digestElsewhere(wanted: LayerRequest, umask: string, env: NodeJS.ProcessEnv): string {
  const question: BuilderQuestion = { tasks: [{ kind: 'layer', where: 'it', request: wanted, fingerprint: 'it' }], cacheFolder: temporaryFolder() };
  const { stdout, stderr } = spawnSync('sh', ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, BUILDER], {
    input: JSON.stringify(question), env: { ...process.env, ...env }, encoding: 'utf8',
  });
  const [answer]: BuilderAnswer[] = JSON.parse(stdout || '[{}]');
  if (!('fingerprint' in answer)) throw new Error(`${stderr}\n${JSON.stringify(answer, null, 2)}`);
  return new ArtifactCache(question.cacheFolder).readLayer(answer.fingerprint)!.layerSha256;
}
