import { execFileSync } from 'node:child_process';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLayer } from '../../../lib/core/layer/build-layer';
import { readLayerRequest, type LayerOptions, type LayerRequest } from '../../../lib/core/plan/layer-request';
import { ARM, layerRequest, locked } from '../../setup/layer-requests';
import { temporaryFolder, writeFiles } from '../../setup/projects';

const MIB = 1024 * 1024;

describe('by the sizes of a lock', () => {
  const WHEELS = { torch: ['cp313-cp313-manylinux_2_28_aarch64', 200], cudnn: ['py3-none-any', 60], small: ['py3-none-any', 1] } as const;
  const FILES: Readonly<Record<string, string>> = {
    'uv.lock': `version = 1\n[[package]]\nname = "x"\nsource = { virtual = "." }\ndependencies = [{ name = "torch" }, { name = "small" }]\n${Object.entries(WHEELS).map(([name, [tag, size]]) => `
[[package]]
name = "${name}"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
${name === 'torch' ? 'dependencies = [{ name = "cudnn" }]' : ''}
wheels = [{ url = "https://x.org/${name}-1.0-${tag}.whl", size = ${size * MIB} }, { url = "https://x.org/${name}-1.0-cp313-cp313-win_amd64.whl", size = 9000000000 }]
`).join('')}`,
    'pylock.toml': `lock-version = "1.0"\n${Object.entries(WHEELS).map(([name, [tag, size]]) => `
[[packages]]
name = "${name}"
version = "1.0"
wheels = [{ name = "${name}-1.0-${tag}.whl", url = "https://x.org/y.whl", size = ${size * MIB}, hashes = { sha256 = "0" } }]
`).join('')}`,
  };

  test.each(Object.keys(FILES))('%s', (name) => {
    const entry = writeFiles(temporaryFolder(), { [name]: FILES[name], 'pyproject.toml': '[project]\nname = "x"\ndependencies = []\n' });
    const read = (more: Partial<LayerOptions> = {}) => () => readLayerRequest({ entry, ...ARM, ...more });
    expect(read()).toThrow(`the wheels of the layer are larger than Lambda's 250.0 MiB unzipped, before they are unpacked, got "261.0 MiB"; exclude packages that the function does not import, or that the runtime brings

hint: the largest wheels, by ${name}: torch 1.0 (200.0 MiB), cudnn 1.0 (60.0 MiB), small 1.0 (1.0 MiB)

[wheels-too-large]`);
    expect(read({ packages: ['torch', 'cudnn'] })).toThrow('got "260.0 MiB"');
    expect(read({ exclude: ['torch'] }), 'what only torch requires may go with it').not.toThrow();
    expect(read({ exclude: ['torch/lib/**'] }), 'the files may be the large ones').not.toThrow();
    expect(read({ packages: ['small'] })).not.toThrow();
  });
});

describe('by what the index says of a wheel', () => {
  const asked: string[] = [];
  const server = http.createServer(({ url = '', method }, response) => {
    asked.push(`${method} ${url}`);
    const name = /([^/]+)\/$/.exec(url)?.[1].replaceAll('-', '_');
    if (name !== undefined) return response.setHeader('Content-Type', 'text/html').end(`<a href="/files/${name}-1.0-py3-none-any.whl">${name}-1.0-py3-none-any.whl</a>`);
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': 300 * MIB });
    return response.write('PK'); // and no more
  });
  beforeAll(async () => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('it is not fetched', async () => {
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    const folder = writeFiles(temporaryFolder(), { 'requirements.txt': '' });
    const args = ['--index-url', `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, '--no-cache-dir'];
    const build = async (more: Partial<LayerRequest['requirements']>) => buildLayer(layerRequest(folder, { args, ...more }, { python }));
    const message = 'a wheel is larger than Lambda\'s 250.0 MiB unzipped, before it is unpacked, got "big_one-1.0-py3-none-any.whl, 300.0 MiB"; exclude packages that the function does not import, or that the runtime brings [wheels-too-large]';
    await expect(build({ unlocked: ['big_one'] })).rejects.toThrow(message);
    await expect(build({ locked: [locked('big_one')] })).rejects.toThrow(message);
    expect(asked.filter((line) => line.endsWith('.whl'))).toHaveLength(2);
  });
});
