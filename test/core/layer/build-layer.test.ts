import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256, type TreeFile } from '../../../lib/core/base/tree';
import { buildLayer } from '../../../lib/core/layer/build-layer';
import type { LayerRequirements } from '../../../lib/core/lock/locked';
import type { LayerRequest } from '../../../lib/core/plan/layer-request';
import { layerRequest, locked, wheelsFolder } from '../../setup/layer-requests';
import { temporaryFolder, writeFiles } from '../../setup/projects';

let python: string;
beforeAll(() => {
  python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(); // and not a shim, which is slow
});

const request = (folder: string, requirements: Partial<LayerRequirements>, more: Partial<LayerRequest> = {}) => layerRequest(folder, requirements, { python, ...more });
const hashOf = (folder: string, wheel: string) => `sha256:${sha256(fs.readFileSync(path.join(folder, 'wheels', wheel)))}`;
const asText = (files: readonly TreeFile[]) => files.map((file) => `${file.executable ? '755' : '644'} ${file.path}`);

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'no error', (error) => error.message);
}

describe.concurrent('by pip', () => {
  test('resolved for the target and not for this machine, each file at its place', async () => {
    const folder = await wheelsFolder(
      {
        name: 'top',
        files: {
          'top/_speedups.cpython-313-aarch64-linux-gnu.so': '\x7fELF',
          'top/program': '\x7fELF',
          'top/start': '#!/bin/sh\n',
          'top/__pycache__/x.cpython-313.pyc': '',
          'bin/__init__.py': '',
          'bin/tool.py': '#!/usr/bin/env python\n',
          'top-1.0.data/scripts/top': '#!python\n',
          'top-1.0.data/headers/top.h': '',
          'top-1.0.data/purelib/pure.py': '',
          'top-1.0.data/platlib/plat.py': '',
          'top-1.0.data/data/share/top.txt': 'text',
          'top-1.0.data/data/bin/top-data': '',
          'top-1.0.data/data/include/top.h': '',
          'top-1.0.dist-info/direct_url.json': '{}',
          'top-1.0.dist-info/entry_points.txt': '[console_scripts]\ntop = top:main\n',
        },
        requires: [
          'native',
          'only-arm; platform_machine == "aarch64"',
          'only-x86; platform_machine == "x86_64"',
          'only-new; python_version >= "3.13"',
          'only-old; python_full_version < "3.13"',
          'not-chosen; extra == "more"',
        ],
      },
      ...['only-arm', 'only-x86', 'only-new', 'only-old', 'not-chosen'].map((name) => ({ name })),
      ...['manylinux_2_28_aarch64', 'manylinux_2_17_aarch64'].map((platform) => ({ name: 'native', tag: `cp313-cp313-${platform}` })),
      { name: 'native', version: '2.0', tag: 'cp313-cp313-manylinux_2_35_aarch64' }, // glibc is too old
      { name: 'native', version: '3.0', tag: 'cp313-cp313-manylinux_2_28_x86_64' },
      { name: 'native', version: '4.0' }, // against the constraint
    );
    writeFiles(folder, { 'logging.py': 'raise SystemExit("a file of the user was imported")' });

    const { files, packages } = await buildLayer(request(folder, { unlocked: ['top', 'only-old; sys_platform == "win32"'], constraints: ['native<4'] }));

    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['native 1.0', 'only-arm 1.0', 'only-new 1.0', 'top 1.0']);
    expect(packages[3]).toMatchObject({ requires: expect.arrayContaining(['native', 'not-chosen; extra == "more"']) });
    expect(packages.reduce((sum, { size }) => sum + size, 0)).toBe(files.reduce((sum, { content }) => sum + content.length, 0));
    expect(files.find((file) => file.path === 'python/native-1.0.dist-info/WHEEL')?.content.toString()).toContain('Tag: cp313-cp313-manylinux_2_28_aarch64\n');
    expect(asText(files).filter((line) => !/(native|only)/.test(line))).toEqual([
      '644 python/bin/__init__.py',
      '644 python/plat.py',
      '644 python/pure.py',
      '644 python/share/top.txt',
      '644 python/top-1.0.dist-info/METADATA',
      '644 python/top-1.0.dist-info/RECORD',
      '644 python/top-1.0.dist-info/WHEEL',
      '644 python/top-1.0.dist-info/entry_points.txt',
      '644 python/top/__init__.py',
      '644 python/top/_speedups.cpython-313-aarch64-linux-gnu.so',
      '755 python/top/program',
      '755 python/top/start',
    ]);
    expect(files.find((file) => file.path.endsWith('top-1.0.dist-info/RECORD'))?.content.toString().split('\n').slice(0, 3)).toEqual([
      'bin/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0',
      'plat.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0',
      'pure.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0',
    ]);
  });

  test('for a runtime in preview', async () => {
    const folder = await wheelsFolder(
      ...['cp315-cp315-manylinux_2_34_aarch64', 'cp314-cp314-manylinux_2_34_aarch64'].map((tag, i) => ({ name: 'native', version: `${i + 1}.0`, tag })),
      { name: 'only-new', requires: ['native'] },
    );
    const target = { runtime: 'python3.15', architecture: 'arm64' };
    const { packages } = await buildLayer(request(folder, { unlocked: ['only-new; python_version >= "3.15"'] }, { target }));
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['native 1.0', 'only-new 1.0']);
  });

  test('locked: those with hashes and those without, nothing that they require, and nothing of what is excluded and has no wheel', async () => {
    const folder = await wheelsFolder({ name: 'one', requires: ['left-out', 'six'] }, { name: 'two' }, { name: 'three', tag: 'cp313-cp313-win_amd64' });
    const hashes = [hashOf(folder, 'one-1.0-py3-none-any.whl')];
    const url = `file://${folder}/wheels/two-1.0-py3-none-any.whl`;
    const packages = [locked('one', { hashes }), locked('three'), locked('two', { url })];
    expect((await buildLayer(request(folder, { locked: packages }, { exclude: ['Three', 'Left_out'] }))).packages.map(({ name }) => name)).toEqual(['one', 'two']);
  });

  test('a package that is built from its folder', async () => {
    const folder = await wheelsFolder({ name: 'required' });
    writeFiles(folder, {
      'own/pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "own"\nversion = "1.0"\n',
      'own/backend.py': IN_TREE_BACKEND,
    });
    const local = [{ name: 'own', folder: path.join(folder, 'own') }];
    const { files, packages } = await buildLayer(request(folder, { local, unlocked: ['required'] }), { environments: path.join(temporaryFolder(), 'environments') });
    expect(packages.map(({ name }) => name)).toEqual(['own', 'required']);
    expect(asText(files)).toContain('644 python/own.py');
  });

  test('fails for what cannot be built from its folder, and names it', async () => {
    const folder = await wheelsFolder();
    const broken = path.join(folder, 'broken');
    expect(await messageOf(buildLayer(request(folder, { local: [{ folder: broken }] })))).toBe(
      `the package in ${broken}: the project folder does not exist, got ${JSON.stringify(broken)}; set entry to the folder that holds pyproject.toml or setup.py [entry-missing]`,
    );
  });

  test('fails for a package without a wheel for the target, and says which there are', async () => {
    const folder = await wheelsFolder(
      { name: 'a', requires: ['native==2.0'] },
      { name: 'native', tag: 'cp313-cp313-manylinux_2_28_aarch64' },
      { name: 'native', version: '2.0', tag: 'cp313-cp313-win_arm64' },
      { name: 'native', version: '2.0', tag: 'cp313-cp313-manylinux_2_35_aarch64' },
      { name: 'native', version: '3.0', tag: 'cp313-abi3-manylinux2014_aarch64' },
    );
    expect(await messageOf(buildLayer(request(folder, { unlocked: ['a'] })))).toBe(
      'native 2.0 has no wheel for python3.13 on arm64 (cp313, manylinux up to 2.34, aarch64), '
      + 'got ["cp313-cp313-manylinux_2_35_aarch64","cp313-cp313-win_arm64"]; require native 3.0, the next version that has one\n\n'
      + 'hint: native is required by a\n\n[package-without-wheel]',
    );
  });

  test('fails for another file than the one that was locked', async () => {
    const folder = await wheelsFolder({ name: 'one' });
    const hashes = [`sha256:${'0'.repeat(64)}`];
    const parts = (await messageOf(buildLayer(request(folder, { locked: [locked('one', { hashes })] })))).split(/\n\n+/);
    expect(parts[0]).toBe('a file is not the one that was locked, got ["one==1.0"]; find out who changed it before anything else; if it is right, lock the requirements again');
    expect(parts[1]).toMatch(/^\$ \S+ \S+\/download_locked\.py download .* --platform manylinux_2_34_aarch64 … --no-deps --require-hashes --requirement \S+ --no-index --find-links wheels\n\(exit code 1\)\n/);
    expect(parts.slice(-2)).toEqual(['hint: the hash tells a file that was locked from one that was tampered with, or is of another index', '[hash-mismatch]']);
  });

  test('fails with a pip that cannot be told about the target', async () => {
    const folder = await wheelsFolder({ name: 'one' });
    writeFiles(folder, {
      'other/pip/__init__.py': '__version__ = "99"\n',
      'other/pip/_vendor/packaging/markers.py': 'class Marker:\n    def __init__(self, text): pass\n    def evaluate(self): return False\n',
    });
    const environment = { PYTHONPATH: path.join(folder, 'other') };
    expect(await messageOf(buildLayer(request(folder, { unlocked: ['one'] }, { environment })))).toMatch(
      /^this pip cannot resolve requirements for another machine; lock the requirements, or set installer to uv\n\n\$ .*\n\(exit code 1\)\n.*\n\nhint: pip 21 to 26 can: this one is inside another than those\n\n\[pip-unknown\]$/,
    );
  });

  test('fails for a damaged wheel', async () => {
    const folder = await wheelsFolder({ name: 'one', files: { 'one.txt': 'x'.repeat(1000) } });
    const file = path.join(folder, 'wheels', 'one-1.0-py3-none-any.whl');
    const archive = fs.readFileSync(file);
    archive[archive.indexOf('one.txt') + 10] = 255;
    fs.writeFileSync(file, archive);
    expect(await messageOf(buildLayer(request(folder, { locked: [locked('one')] })))).toMatch(
      /^a wheel is damaged, got "one-1\.0-py3-none-any\.whl"; download it anew \(pip cache purge\), or renew it where it comes from\n\nhint: \S/,
    );
  });
});

const IN_TREE_BACKEND = `
import zipfile
def build_wheel(folder, settings=None, metadata=None):
    with zipfile.ZipFile(folder + "/own-1.0-py3-none-any.whl", "w") as z:
        z.writestr("own.py", "")
        z.writestr("own-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: own\\nVersion: 1.0\\nRequires-Dist: required\\n")
        z.writestr("own-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        z.writestr("own-1.0.dist-info/RECORD", "")
    return "own-1.0-py3-none-any.whl"
`;

test('leaves nothing behind when it is interrupted', async () => {
  const folder = await wheelsFolder({ name: 'one' });
  const [temporary, usual] = [temporaryFolder(), process.env.TMPDIR];
  const interruption = new AbortController();
  const timer = setInterval(() => {
    const inside = fs.readdirSync(temporary).flatMap((name) => fs.readdirSync(path.join(temporary, name)));
    if (inside.some((name) => name.startsWith('pip-'))) interruption.abort(); // pip is at work
  }, 1);
  try {
    process.env.TMPDIR = temporary;
    await expect(buildLayer(request(folder, { unlocked: ['one'] }), { signal: interruption.signal })).rejects.toThrow('aborted');
  } finally {
    clearInterval(timer);
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
  }
  expect(fs.readdirSync(temporary)).toEqual([]);
});
