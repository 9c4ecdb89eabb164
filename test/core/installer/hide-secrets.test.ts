// Everybody on the machine sees the arguments of all processes.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hideSecrets } from '../../../lib/core/installer/hide-secrets';
import { buildLayer } from '../../../lib/core/layer/build-layer';
import type { LayerRequest } from '../../../lib/core/plan/layer-request';
import { findOnPath } from '../../../lib/core/project/interpreter';
import { layerRequest, wheelsFolder } from '../../setup/layer-requests';
import { temporaryFolder } from '../../setup/projects';

const PASSWORD = 'swordfish-p%40ss';
const hide = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => hideSecrets({ file: 'uv', args, env }, 'uv', temporaryFolder());

describe('of an index that wants a password', () => {
  let folder: string;
  let python: string;
  let seen: string[];
  const server = http.createServer(({ url = '', headers }, response) => {
    seen.push(...commandLines());
    const { port } = server.address() as AddressInfo;
    const [, credentials = ''] = / (.*)/.exec(headers.authorization ?? '') ?? [];
    if (Buffer.from(credentials, 'base64').toString() !== 'me:swordfish-p@ss') return response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end();
    const wheel = path.join(folder, 'wheels', path.basename(url));
    if (url.endsWith('.whl')) return response.end(fs.readFileSync(wheel));
    if (!url.endsWith('/leaf/')) return response.writeHead(404).end();
    return response.setHeader('Content-Type', 'text/html').end(`<a href="http://127.0.0.1:${port}/leaf-1.0-py3-none-any.whl">leaf-1.0-py3-none-any.whl</a>`);
  });

  beforeAll(async () => {
    folder = await wheelsFolder({ name: 'leaf' });
    python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Of the processes that have come from this one. */
  function commandLines(): string[] {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
      try {
        return [fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return []; // it has ended
      }
    });
  }

  const kinds = ['pip', 'uv'] as const;
  test.skipIf(process.platform !== 'linux').for(kinds)('%s downloads, and shows none; nor does a message', async (installer, { skip }) => {
    if (installer === 'uv' && !findOnPath('uv', process.env)) return skip();
    seen = [];
    const { port } = server.address() as AddressInfo;
    const url = `http://me:${PASSWORD}@127.0.0.1:${port}/simple`;
    const build = async (unlocked: string, args: string[], more: Partial<LayerRequest> = {}) => buildLayer(layerRequest(folder, { unlocked: [unlocked], args }, { python, installer, environment: { PIP_NO_CACHE_DIR: '1', UV_NO_CACHE: '1' }, ...more }));
    const nowhere = `--index-url=http://127.0.0.1:${port}/nowhere`;
    for (const { packages } of [await build('leaf', [nowhere, `--extra-index-url=${url}`]), await build('leaf', [], { pipArgs: ['--index-url', url] })]) {
      expect(packages.map(({ name }) => name)).toEqual(['leaf']);
    }
    const message = installer === 'uv' ? '' : await build('absent', [`--index-url=${url}`]).then(() => 'no error', (error) => error.message as string); // uv takes 20 s to look for Pythons
    if (installer === 'pip') expect(message).toContain('absent');
    expect(seen.some((line) => line.includes(installer)), 'it was looked').toBe(true);
    expect([...seen, message].filter((line) => line.includes('swordfish-p'))).toEqual([]);
  });
});

test('a command without secrets stays as it is', () => {
  for (const kind of ['pip', 'uv'] as const) {
    const command = { file: kind, args: ['install', '--index-url', 'https://example.com/simple', '--find-links=wheels'] };
    expect(hideSecrets(command, kind, '/nowhere')).toBe(command);
  }
});

test('pip has them from a file that is for its user alone', () => {
  const folder = temporaryFolder();
  const { args: [file, ...args] } = hideSecrets({ file: 'python', args: ['-m', 'pip', 'install', '-i', 'https://me:pw@example.com/simple', '.'] }, 'pip', folder);
  expect(args).toEqual(['-m', 'pip', 'install', '-i', 'https://****@example.com/simple', '.']);
  expect(fs.statSync(file).mode.toString(8).slice(-3)).toBe('600');
});

test('uv has them from variables, which replace those of the user as options do; all of a kind stay in their order', () => {
  const [one, two, plain] = ['https://me:1@example.com/a', 'https://me:2@example.com/b', 'https://example.com/c'];
  expect(hide(['pip', 'install', '--extra-index-url', plain, '.', `--extra-index-url=${one}`], { UV_EXTRA_INDEX_URL: 'https://other.example.com', HOME: '/h' })).toMatchObject({
    args: ['pip', 'install', '.'], env: { UV_EXTRA_INDEX_URL: `${plain} ${one}`, HOME: '/h' },
  });
  expect(hide([`-i${one}`, '--index-url', two, '--index', `own=${one}`, '--default-index', two, '-f', 'https://me:1@example.com/x,y', '--find-links=wheels', '--no-deps'])).toMatchObject({
    args: ['--no-deps'],
    env: { UV_INDEX_URL: two, UV_INDEX: `own=${one}`, UV_DEFAULT_INDEX: two, UV_FIND_LINKS: 'https://me:1@example.com/x%2Cy,wheels' },
  });
  expect(hide(['--index-url', one, '--extra-index-url', plain]).args).toEqual(['--extra-index-url', plain]);
});
