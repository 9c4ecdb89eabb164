// What surrounds a build on the user's machine: secrets in variables, and settings of pip that are meant for something else.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { digestFile, digestTree } from '../../../lib/core/base/tree';
import { build } from '../../../lib/core/build/build';
import { buildLayer } from '../../../lib/core/layer/build-layer';
import type { ArtifactRequest } from '../../../lib/core/plan/source-request';
import { readProject } from '../../../lib/core/project/project';
import { layerRequest, locked, wheelsFolder } from '../../setup/layer-requests';
import { temporaryFolder, writeFiles } from '../../setup/projects';
import { seeingBackend, seeingProject } from '../../setup/seeing-backend';
import { writeWheel } from '../../setup/wheels';

const python = path.join(inject('venv'), 'bin', 'python');

const newEnvironments = () => path.join(temporaryFolder(), 'environments');

describe('secrets of the machine', () => {
  const SECRETS = ['AWS_SEEN', 'SEEN_TOKEN', 'SEEN_SECRET_1', 'SEEN_PASSWORD'];
  beforeAll(() => {
    for (const name of [...SECRETS, 'SEEN_PLAIN']) process.env[name] = 'x';
  });
  afterAll(() => {
    for (const name of [...SECRETS, 'SEEN_PLAIN']) delete process.env[name];
  });

  async function seen(request: Partial<ArtifactRequest>, environments?: string): Promise<unknown> {
    const entry = writeFiles(temporaryFolder(), seeingProject('app'));
    const { tree, detour } = await build(readProject(entry), { entry, python, ...request }, { environments });
    return [JSON.parse(tree.files.find((file) => file.path === 'app/seen.json')!.content.toString()), detour];
  }

  const environment = { SEEN_TOKEN: 'given', SEEN_OTHER_SECRET: 'given' };
  test.each<[string, Partial<ArtifactRequest>, boolean]>([
    ['in the kept environment', {}, true],
    ['by pip', {}, false],
    ['by pip, without isolation', { pipArgs: ['--no-build-isolation'] }, false],
  ])('are not for a backend %s, unless they are given to it', async (_, request, isKept) => {
    const environments = () => isKept ? newEnvironments() : undefined;
    expect(await seen(request, environments())).toEqual([['SEEN_PLAIN'], undefined]);
    expect(await seen({ ...request, environment }, environments())).toEqual([['SEEN_OTHER_SECRET', 'SEEN_PLAIN', 'SEEN_TOKEN'], undefined]);
  });

  test('are not for the build of a source distribution that a build requires, nor of one in a layer', async () => {
    const folder = await wheelsFolder();
    for (const name of ['helper', 'leaf']) writeFiles(folder, Object.fromEntries(Object.entries(seeingProject(name)).map(([file, text]) => [`${name}-1.0/${file}`, text])));
    for (const name of ['helper', 'leaf']) {
      writeFiles(folder, { [`${name}-1.0/PKG-INFO`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n` });
      execFileSync('tar', ['-czf', path.join(folder, 'wheels', `${name}-1.0.tar.gz`), `${name}-1.0`], { cwd: folder });
    }
    const code = 'import helper, json, os\n_seen = json.load(open(os.path.join(os.path.dirname(helper.__file__), "seen.json")))\n';
    const entry = writeFiles(temporaryFolder(), {
      ...seeingProject('app', '["helper"]'),
      'backend.py': code + seeingBackend('app').replace('json.dumps(sorted(name for name in os.environ if "SEEN" in name))', 'json.dumps(_seen)'),
    });
    const index = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: path.join(folder, 'wheels') };
    for (const environments of [newEnvironments(), undefined]) {
      const { tree } = await build(readProject(entry), { entry, python, environment: index }, { environments });
      expect(tree.files.find((file) => file.path === 'app/seen.json')!.content.toString()).toBe('["SEEN_PLAIN"]');
    }
    const { files } = await buildLayer(layerRequest(folder, { unlocked: ['leaf'] }, { python }));
    expect(files.find((file) => file.path === 'python/leaf/seen.json')!.content.toString()).toBe('["SEEN_PLAIN"]');
  });
});

describe('what pip is told of other installations', () => {
  /** A project with a requirement of its build, and another one that must not get into it. */
  async function setUp() {
    const wheels = path.join(temporaryFolder(), 'wheels');
    for (const name of ['helper', 'stray']) await writeWheel(wheels, { name, version: '1.0' });
    const entry = writeFiles(temporaryFolder(), seeingProject('app', '["helper"]'));
    const index = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels };
    const stray = path.join(writeFiles(temporaryFolder(), { 'stray.txt': 'stray\n' }), 'stray.txt');
    const other = writeFiles(temporaryFolder(), seeingProject('other'));
    const options = {
      'target': '/nowhere/target',
      'prefix': '/nowhere/prefix',
      'root': '/nowhere/root',
      'user': '1',
      'src': '/nowhere/src',
      'python': '/nowhere/python',
      'report': '/nowhere/report.json',
      'editable': other,
      'requirement': stray,
      'dry-run': '1',
      'no-deps': '1',
      'require-virtualenv': '1',
      'quiet': '3',
      'platform': 'win_amd64',
      'python-version': '3.8',
    };
    return { wheels, entry, index, options };
  }
  const pipConf = (sections: Readonly<Record<string, Readonly<Record<string, string>>>>) => {
    const text = Object.entries(sections).map(([name, options]) => `[${name}]\n${Object.entries(options).map(([option, value]) => `${option} = ${value}\n`).join('')}`).join('');
    return { PIP_CONFIG_FILE: path.join(writeFiles(temporaryFolder(), { 'pip.conf': text }), 'pip.conf') };
  };

  test.each(['in a pip.conf', 'by variables'])('changes nothing %s: in the kept environment, and by pip', async (where) => {
    const { wheels, entry, index, options } = await setUp();
    const variables = Object.fromEntries(Object.entries(options).map(([option, value]) => [`PIP_${option.replaceAll('-', '_').toUpperCase()}`, value]));
    const inFile = () => ({ PIP_FIND_LINKS: wheels, ...pipConf({ global: { 'no-index': '1' }, install: options }) });
    const environment = where === 'by variables' ? { ...index, ...variables } : inFile();
    const buildIn = async (more: ArtifactRequest['environment'], environments?: string) => {
      const { tree, detour } = await build(readProject(entry), { entry, python, environment: more }, { environments });
      return { digest: digestTree(tree.files.map(digestFile)), detour };
    };
    const plain = await buildIn(index);
    expect(await buildIn(environment, newEnvironments())).toEqual(plain);
    expect(await buildIn(environment)).toEqual(plain);
  });

  test('does not hide why a build fails', async () => {
    const { entry, index } = await setUp();
    fs.appendFileSync(path.join(entry, 'backend.py'), 'raise OSError("broken on purpose")\n');
    const environment = { ...index, ...pipConf({ install: { quiet: '3', prefix: '/nowhere' } }), PIP_QUIET: '2' };
    const error = await build(readProject(entry), { entry, python, environment }).catch((reason) => reason);
    expect(error.message).toContain('broken on purpose');
  });

  test('changes no layer, resolved or locked', async () => {
    const { options } = await setUp();
    const folder = await wheelsFolder({ name: 'top', requires: ['leaf'] }, { name: 'leaf' }, { name: 'stray' });
    const environment = pipConf({ global: { ...options, constraint: path.join(writeFiles(temporaryFolder(), { 'c.txt': 'leaf==2.0\n' }), 'c.txt') }, download: { dest: '/nowhere', platform: 'win_amd64' } });
    const namesOf = async (requirements: Parameters<typeof layerRequest>[1]) =>
      (await buildLayer(layerRequest(folder, requirements, { python, environment }))).packages.map(({ name }) => name);
    expect(await namesOf({ locked: [locked('top'), locked('leaf')] })).toEqual(['leaf', 'top']);
    await expect(namesOf({ unlocked: ['top'] }), 'a constraint holds').rejects.toThrow(/leaf/);
    fs.writeFileSync(environment.PIP_CONFIG_FILE, fs.readFileSync(environment.PIP_CONFIG_FILE, 'utf8').replace(/^constraint.*$/m, ''));
    expect(await namesOf({ unlocked: ['top'] })).toEqual(['leaf', 'top']);
  });
});

test('a package in a folder of a layer is built with what comes from where the packages of the layer do', async () => {
  const folder = await wheelsFolder({ name: 'helper' });
  writeFiles(folder, Object.fromEntries(Object.entries(seeingProject('own', '["helper"]')).map(([file, text]) => [`own/${file}`, text])));
  fs.appendFileSync(path.join(folder, 'own', 'backend.py'), 'import helper\n');
  const local = [{ name: 'own', folder: path.join(folder, 'own') }];
  const places = ['--no-index', '--find-links', path.join(folder, 'wheels')];
  for (const [args, pipArgs] of [[places, undefined], [[], places]]) {
    const { packages } = await buildLayer(layerRequest(folder, { local, args }, { python, pipArgs }), { environments: newEnvironments() });
    expect(packages.map(({ name }) => name)).toEqual(['own']);
  }
});
