import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../lib/core/base/tree';
import { buildLayer } from '../../lib/core/layer/build-layer';
import { readLayerRequest, type LayerOptions, type LayerRequest } from '../../lib/core/plan/layer-request';
import { temporaryFolder, writeFiles } from '../setup/projects';
import { writeWheel } from '../setup/wheels';

let python: string;
beforeAll(() => {
  python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
});

// an in-tree backend, so that the build takes nothing from an index
const BACKEND = String.raw`
import os, zipfile
TAG = "%TAG%"
def build_wheel(folder, settings=None, metadata=None):
    if TAG == "broken": raise RuntimeError("gcc: command not found")
    name = "%NAME%-1.0-" + TAG + ".whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("%NAME%/__init__.py", "X = 1\n")
        wheel.writestr("%NAME%-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: %NAME%\nVersion: 1.0\n%REQUIRES%")
        wheel.writestr("%NAME%-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: own 1.%s\nRoot-Is-Purelib: true\nTag: %s\n" % (os.getpid(), TAG))
        wheel.writestr("%NAME%-1.0.dist-info/RECORD", "%NAME%/__init__.py,,\n%NAME%-1.0.dist-info/METADATA,,\n%NAME%-1.0.dist-info/WHEEL,,\n%NAME%-1.0.dist-info/RECORD,,\n")
    return name
`;

/** A source distribution in the folder `wheels`; its hash. */
function writeSource(folder: string, name: string, tag = 'py3-none-any', requires: readonly string[] = []): string {
  const stem = `${name}-1.0`;
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`;
  const backend = BACKEND.replaceAll('%TAG%', tag).replaceAll('%NAME%', name).replace('%REQUIRES%', requires.map((line) => `Requires-Dist: ${line}\\n`).join(''));
  writeFiles(folder, {
    [`${stem}/PKG-INFO`]: metadata,
    [`${stem}/pyproject.toml`]: '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    [`${stem}/backend.py`]: backend,
    'wheels/readme': '',
  });
  const file = path.join(folder, 'wheels', `${stem}.tar.gz`);
  execFileSync('tar', ['-czf', file, '-C', folder, stem]);
  return `sha256:${sha256(fs.readFileSync(file))}`;
}

async function built(folder: string, text: string, more: Partial<LayerOptions> = {}): Promise<string[] | string> {
  writeFiles(folder, { 'requirements.txt': `--no-index\n--find-links wheels\n${text}\n` });
  const options = { requirements: path.join(folder, 'requirements.txt'), runtime: 'python3.13', architecture: 'arm64', python, ...more };
  try {
    const { packages } = await buildLayer(readLayerRequest(options) as LayerRequest);
    return packages.map(({ name, version }) => `${name}==${version}`);
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a package that has only a source distribution', () => {
  test('is built if its wheel is none-any: with hashes, and with what it requires', async () => {
    const folder = temporaryFolder();
    const hash = writeSource(folder, 'pure', 'py3-none-any', ['leaf']);
    await writeWheel(path.join(folder, 'wheels'), { name: 'leaf', version: '1.0' });
    expect(await built(folder, 'pure')).toEqual(['leaf==1.0', 'pure==1.0']);
    expect(await built(folder, `pure==1.0 --hash=${hash}`, { exclude: ['leaf'] })).toEqual(['pure==1.0']);
    const wrong = await built(folder, `pure==1.0 --hash=sha256:${'0'.repeat(64)}`);
    expect(wrong).toMatch(/\[(hash-mismatch|source-build-failed)\]$/);
    expect(await built(folder, 'pure', { onlyBinary: true })).toMatch(/^pure has no wheel for python3.13 on arm64, only a source distribution; .*\[package-only-source\]$/s);
  });

  test('fails: its build is native, or fails', async () => {
    const folder = temporaryFolder();
    const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
    writeSource(folder, 'native', `py3-none-linux_${machine}`);
    writeSource(folder, 'broken', 'broken');
    const native = await built(folder, 'native');
    expect(native).toContain(`its build has native code: that of this machine and not of Lambda, got ["py3-none-linux_${machine}"]; require a version`);
    expect(native).toMatch(/hint: it needs a wheel for cp313, manylinux up to 2.34, aarch64\n\n\[source-native\]$/);
    expect(await built(folder, 'broken')).toMatch(/^broken has only a source distribution, and that could not be built, got "RuntimeError: gcc: command not found"; require a version .*\[source-build-failed\]$/s);
  });

  test('is taken from the folder of one\'s own wheels, whatever the lock says of hashes', async () => {
    const folder = temporaryFolder();
    const hash = writeSource(folder, 'pure', 'broken');
    await writeWheel(path.join(folder, 'own wheels'), { name: 'pure', version: '1.0' });
    const pipArgs = ['--find-links', 'own wheels'];
    expect(await built(folder, `pure==1.0 --hash=${hash}`, { pipArgs })).toEqual(['pure==1.0']);
    writeFiles(folder, {
      'pyproject.toml': '[project]\nname = "my-app"\nversion = "1.0"\ndependencies = ["pure"]\n',
      'uv.lock': `version = 1\n[[package]]\nname = "my-app"\nversion = "1.0"\nsource = { virtual = "." }\ndependencies = [{ name = "pure" }]\n[[package]]\nname = "pure"\nversion = "1.0"\nsource = { registry = "http://127.0.0.1:9/simple" }\nsdist = { url = "http://127.0.0.1:9/pure-1.0.tar.gz", hash = "${hash}" }\n`,
    });
    const request = readLayerRequest({ entry: folder, runtime: 'python3.13', architecture: 'arm64', python, pipArgs });
    expect(request.requirements.locked).toMatchObject([{ name: 'pure', url: expect.stringContaining('own%20wheels/pure-1.0-py3-none-any.whl'), hashes: [expect.not.stringContaining(hash)] }]);
    expect((await buildLayer(request)).packages.map(({ name }) => name)).toEqual(['pure']);
  });
});
