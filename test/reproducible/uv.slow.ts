// What is of uv alone: its own secrets, sources, settings, and source distributions.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { digestFile, digestTree, sha256 } from '../../lib/core/base/tree';
import { build } from '../../lib/core/build/build';
import { buildLayer } from '../../lib/core/layer/build-layer';
import { readProject } from '../../lib/core/project/project';
import { layerRequest, locked, wheelsFolder } from '../setup/layer-requests';
import { temporaryFolder, writeFiles } from '../setup/projects';
import { seeingBackend, seeingProject } from '../setup/seeing-backend';
import { writeWheel } from '../setup/wheels';

const { uvFolder, python: { file: python } } = inject('machine');
const PATH = [uvFolder, process.env.PATH].join(path.delimiter);

const below = (folder: string, files: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
const newEnvironments = () => path.join(temporaryFolder(), 'environments');

async function buildByUv(entry: string, environment: Record<string, string> = {}, environments?: string) {
  const { tree, detour } = await build(readProject(entry), { entry, python, installer: 'uv', environment: { PATH, ...environment } }, { environments });
  const seen = tree.files.find((file) => file.path.endsWith('/seen.json'));
  return { seen: seen && JSON.parse(seen.content.toString()), digest: digestTree(tree.files.map(digestFile)), detour };
}

/** A source distribution in the folder of wheels; its digest. */
function packSource(folder: string, name: string, files: Readonly<Record<string, string>>): string {
  const info = { 'PKG-INFO': `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n` };
  writeFiles(folder, below(`${name}-1.0`, { ...files, ...info }));
  const archive = path.join(folder, 'wheels', `${name}-1.0.tar.gz`);
  execFileSync('tar', ['-czf', archive, `${name}-1.0`], { cwd: folder });
  return sha256(fs.readFileSync(archive));
}

describe('another installer, uv:', () => {
  const SECRETS = ['AWS_SEEN', 'SEEN_TOKEN', 'SEEN_PASSWORD'];
  beforeAll(() => {
    for (const name of [...SECRETS, 'SEEN_PLAIN']) process.env[name] = 'x';
  });
  afterAll(() => {
    for (const name of [...SECRETS, 'SEEN_PLAIN']) delete process.env[name];
  });

  test.each([['in the kept environment', true], ['by uv', false]])('secrets are not for a backend %s, unless they are given to it', async (_, isKept) => {
    const entry = writeFiles(temporaryFolder(), seeingProject('app'));
    const environments = () => isKept ? newEnvironments() : undefined;
    expect(await buildByUv(entry, {}, environments())).toMatchObject({ seen: ['SEEN_PLAIN'], detour: undefined });
    expect(await buildByUv(entry, { SEEN_TOKEN: 'x' }, environments())).toMatchObject({ seen: ['SEEN_PLAIN', 'SEEN_TOKEN'] });
  });

  test('secrets are there for a keyring, and the user\'s own sitecustomize is run', async () => {
    const bin = writeFiles(temporaryFolder(), {
      'keyring': `#!/bin/sh\nexec "${python}" "$(dirname "$0")/keyring_main.py" "$@"\n`,
      'keyring_main.py': 'import os\nopen(os.environ["ASKED"], "w").write(os.environ.get("AWS_SEEN", "nothing") + " " + os.environ.get("CUSTOM", ""))\n',
      'site/sitecustomize.py': 'import os\nos.environ["CUSTOM"] = "run"\n',
    });
    fs.chmodSync(path.join(bin, 'keyring'), 0o755);
    const entry = writeFiles(temporaryFolder(), seeingProject('app', '["absent"]'));
    const ASKED = path.join(bin, 'asked');
    const environment = {
      ASKED, PATH: [bin, PATH].join(path.delimiter), PYTHONPATH: path.join(bin, 'site'), UV_KEYRING_PROVIDER: 'subprocess', UV_DEFAULT_INDEX: 'http://me@127.0.0.1:9/simple',
    };
    await expect(buildByUv(entry, environment)).rejects.toThrow();
    expect(fs.readFileSync(ASKED, 'utf8')).toBe('x run');
  });

  test('a requirement of the build comes from where [tool.uv.sources] says, and pip names uv for it', async () => {
    const folder = temporaryFolder();
    const sources = '[tool.uv.sources]\nHelper = { path = "../helper" }\nother_one = { workspace = true }\n';
    writeFiles(folder, {
      'uv.lock': '',
      ...below('helper', seeingProject('helper')),
      ...below('app', seeingProject('app', '["helper"]', `dependencies = ["other-one"]\n${sources}`)),
    });
    const entry = path.join(folder, 'app');
    fs.writeFileSync(path.join(entry, 'backend.py'), `import helper\n${seeingBackend('app')}`);
    for (const environments of [newEnvironments(), undefined]) {
      expect(await buildByUv(entry, { UV_OFFLINE: '1' }, environments)).toMatchObject({ seen: ['SEEN_PLAIN'] });
    }
    const byPip = await build(readProject(entry), { entry, python, environment: { PIP_NO_INDEX: '1' } }).catch((error) => error);
    expect(byPip.message).toContain('hint: [tool.uv.sources] says where Helper is, which uv alone reads: set installer to uv');
    fs.writeFileSync(path.join(entry, 'pyproject.toml'), fs.readFileSync(path.join(entry, 'pyproject.toml'), 'utf8').replace('{ path = "../helper" }', '{ workspace = true }'));
    await expect(buildByUv(entry)).rejects.toThrow(
      'the build requires members of a uv workspace, and the project is built from a copy, outside of it, got ["Helper"]; '
      + 'name their folders in [tool.uv.sources], as in { path = "../name" }, or publish them to an index [build-requirement-workspace]',
    );
  });

  const SETTINGS = 'target = "/nowhere/target"\nprefix = "/nowhere/prefix"\nsystem = true\nno-deps = true\nrequire-hashes = true\ndry-run = true\npython = "/nowhere/python"\npython-version = "3.8"\npython-platform = "windows"\n';
  test.each<[string, Record<string, string>]>([
    ['uv.toml', { 'uv.toml': `[pip]\n${SETTINGS.replace(/dry-run.*\n/, '')}` }],
    ['[tool.uv]', {}],
  ])('what %s says of other installations changes nothing', async (_, files) => {
    const wheels = path.join(temporaryFolder(), 'wheels');
    await writeWheel(wheels, { name: 'helper', version: '1.0' });
    const environment = { UV_NO_INDEX: '1', UV_FIND_LINKS: wheels };
    const plain = await buildByUv(writeFiles(temporaryFolder(), seeingProject('app', '["helper"]')), environment);
    const more = 'uv.toml' in files ? '' : `[tool.uv.pip]\n${SETTINGS.replace(/dry-run.*\n/, '')}`;
    const entry = () => writeFiles(temporaryFolder(), { ...seeingProject('app', '["helper"]', more), ...files });
    expect(await buildByUv(entry(), environment)).toEqual(plain);
    expect(await buildByUv(entry(), environment, newEnvironments())).toEqual(plain);
  });

  test('a source distribution becomes a part of a layer, locked and not, the same as by pip', async () => {
    const folder = await wheelsFolder({ name: 'top', requires: ['leaf'] });
    const hash = packSource(folder, 'leaf', seeingProject('leaf'));
    const layers = [
      layerRequest(folder, { unlocked: ['top'] }),
      layerRequest(folder, { locked: [locked('leaf', { hashes: [`sha256:${hash}`], isSource: true })] }),
      layerRequest(folder, { locked: [locked('leaf', { hashes: [`sha256:${hash}`], isSource: true, url: `file://${folder}/wheels/leaf-1.0.tar.gz` })] }),
      layerRequest(folder, { locked: [locked('leaf', { hashes: [`sha256:${'0'.repeat(64)}`], isSource: true })] }),
      layerRequest(folder, { locked: [locked('leaf', { hashes: [`sha256:${'0'.repeat(64)}`], isSource: true, url: `file://${folder}/wheels/leaf-1.0.tar.gz` })] }),
    ];
    const digestOf = async (i: number, more: object) => buildLayer({ ...layers[i], python, ...more })
      .then(({ files }) => digestTree(files.map(digestFile)), (error) => error.trouble?.reference ?? String(error));
    const byUv = { installer: 'uv', environment: { PATH } };
    const all = (more: object) => Promise.all(layers.map((_, i) => digestOf(i, more)));
    const [resolved, known, atUrl, ...others] = await all(byUv);
    expect([resolved, known]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect([atUrl, others]).toEqual([known, ['source-build-failed', 'source-build-failed']]);
    expect(await all({})).toEqual([resolved, known, atUrl, ...others]);
  });
});
