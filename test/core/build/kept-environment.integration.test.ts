import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { digestFile, type TreeFile } from '../../../lib/core/base/tree';
import { buildWheel } from '../../../lib/core/build/backend';
import { build } from '../../../lib/core/build/build';
import { BuildMemory } from '../../../lib/core/build/environment/memory';
import { keepEnvironment } from '../../../lib/core/build/kept-environment';
import { findInstaller, type FoundInstaller } from '../../../lib/core/installer/find';
import { packageTree } from '../../../lib/core/package/write-archive';
import { readProject } from '../../../lib/core/project/project';
import { tinyProject } from '../../pipeline/projects';
import { temporaryFolder, writeFiles } from '../../setup/projects';

// a build backend that says in the wheel what it saw
const TOY_BACKEND = `
import importlib.util, json, os, sys, toy_helper, zipfile
def get_requires_for_build_wheel(settings=None):
    return open("more.txt").read().split() if os.path.exists("more.txt") else []
def build_wheel(folder, settings=None, metadata=None):
    seen = {name: importlib.util.find_spec(name) is not None for name in ("toy_more", "users_own", "pip", "setuptools")}
    seen["script"] = any(os.path.exists(os.path.join(p, "toy-script")) for p in os.environ["PATH"].split(os.pathsep))
    name = "app-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as z:
        z.writestr("app/__init__.py", "VALUE = 1\\n")
        z.writestr("app/seen.json", json.dumps(seen))
        z.writestr("app-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: app\\nVersion: 1.0\\n")
        z.writestr("app-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: toy 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("app-1.0.dist-info/RECORD", "")
    return name
`;
const TOYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'toy-backend': { 'toy_backend.py': TOY_BACKEND, 'toy_helper/__init__.py': '', 'toy_helper/version.py': 'VERSION = 1\n' },
  'toy-more': { 'toy_more.py': '' },
};

let python: string;
let toys: string;
beforeAll(() => {
  python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  toys = temporaryFolder();
  for (const [name, files] of Object.entries(TOYS)) writeFiles(path.join(toys, name), files);
  writeFiles(path.join(toys, 'toy-backend'), { 'bin/toy-script': '' });
});

/** In place of pip, which needs a second: copies the toys that it is asked for, and writes down each of its starts. */
function toyInstaller(interpreter = python): FoundInstaller & { readonly starts: () => number; readonly log: () => string } {
  const folder = writeFiles(temporaryFolder(), {
    install: `#!/bin/sh
echo "$@ PIP_CONSTRAINT=$PIP_CONSTRAINT UV_CONSTRAINT=$UV_CONSTRAINT" >> "$0.log"
while [ $# -gt 0 ]; do
  case $1 in
    --target) shift; target=$1 ;;
    toy-*) cp -R "${toys}/$1/." "$target" || exit 1 ;;
  esac
  shift
done
`,
  });
  const file = path.join(folder, 'install');
  fs.chmodSync(file, 0o755);
  const log = () => fs.existsSync(`${file}.log`) ? fs.readFileSync(`${file}.log`, 'utf8') : '';
  return { kind: 'pip', python: interpreter, file, args: ['install'], identity: interpreter, pythonVersion: '3', config: new Map(), starts: () => log().split('\n').length - 1, log };
}

const ENV = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/CONSTRAINT$/.test(name)));
const PROJECT = {
  'pyproject.toml': '[build-system]\nrequires = ["toy-backend"]\nbuild-backend = "toy_backend"\n[project]\nname = "app"\nversion = "1.0"\n',
};

interface Options { readonly environments?: string; readonly installer?: FoundInstaller; readonly project?: string; readonly env?: NodeJS.ProcessEnv }

const toyProject = (files: Record<string, string> = {}) => writeFiles(temporaryFolder(), { ...PROJECT, ...files });

/** In a cache of its own. */
function newEnvironments(): string {
  const folder = path.join(temporaryFolder(), 'environments');
  fs.mkdirSync(folder);
  return folder;
}

/** Build a toy project by its backend; what the backend saw. */
async function seenByBackend({ environments = newEnvironments(), installer = toyInstaller(), project = toyProject(), env = ENV }: Options = {}) {
  const read = readProject(project);
  const memory = new BuildMemory(environments, read);
  const tree = await buildWheel({ project, target: temporaryFolder(), buildSystem: read.buildSystem!, installer, environments, memory, env });
  return JSON.parse(tree.find((file) => file.path === 'app/seen.json')!.content.toString());
}

const namesIn = (folder: string) => fs.readdirSync(folder).sort();

describe.concurrent('a build environment', () => {
  test('is made once, and reused', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const first = await keepEnvironment(environments, installer, ['toy-backend', 'toy-more'], { env: ENV });
    expect(await keepEnvironment(environments, installer, ['toy-more', 'toy-backend'], { env: ENV }), 'in whatever order').toEqual(first);
    expect(installer.starts()).toBe(1);
    expect(namesIn(environments)).toEqual([path.basename(first.folder)]);
  });

  test('is made once by builds at the same time', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const seen = await Promise.all([1, 2, 3].map(() => seenByBackend({ environments, installer })));
    expect(seen[2]).toEqual(seen[0]);
    expect(installer.starts()).toBe(1);
  });

  test('is another one for other requirements, another Python, other constraints', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const constraints = path.join(writeFiles(temporaryFolder(), { 'constraints.txt': 'toy-backend==1\n' }), 'constraints.txt');
    const folderOf = async (requires: string[], more: Partial<FoundInstaller> = {}, env = {}) => {
      return (await keepEnvironment(environments, { ...installer, ...more }, requires, { env: { ...ENV, ...env } })).folder;
    };
    const folders = [
      await folderOf(['toy-backend']),
      await folderOf(['toy-backend', 'toy-more']),
      await folderOf(['toy-backend'], { identity: 'another' }),
      await folderOf(['toy-backend'], {}, { PIP_CONSTRAINT: constraints }),
    ];
    fs.writeFileSync(constraints, 'toy-backend==2\n');
    folders.push(await folderOf(['toy-backend'], {}, { PIP_CONSTRAINT: constraints }));
    expect(new Set(folders).size).toBe(5);
    expect(installer.starts()).toBe(5);
  });

  test('is made anew with PIP_SOURCE_ARTIFACT_REFRESH', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const keep = async (env = {}) => keepEnvironment(environments, installer, ['toy-backend'], { env: { ...ENV, ...env } });
    const first = await keep();
    expect(await keep({ PIP_SOURCE_ARTIFACT_REFRESH: '0' })).toEqual(first);
    const second = await keep({ PIP_SOURCE_ARTIFACT_REFRESH: '1' });
    expect(installer.starts()).toBe(2);
    expect(await keep({ PIP_SOURCE_ARTIFACT_REFRESH: '1' }), 'once in a process').toEqual(second);
    expect(await keep(), 'the newest one from now on').toEqual(second);
    expect(installer.starts()).toBe(2);
  });

  test('is made anew beside one in which another process builds', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const first = await keepEnvironment(environments, installer, ['toy-backend'], { env: ENV });
    const code = 'import sys; print("ready", flush=True); sys.stdin.readline(); import toy_backend, toy_helper.version, wave; print(sys.prefix)';
    const child = spawn(first.python, ['-c', code], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const second = await keepEnvironment(environments, installer, ['toy-backend'], { env: { ...ENV, PIP_SOURCE_ARTIFACT_REFRESH: '1' } });
    child.stdin.end('\n');
    expect((await textOf(child.stdout)).trim()).toBe(first.folder);
    expect([second.folder === first.folder, namesIn(environments).length]).toEqual([false, 2]);
  });

  test('is made anew when it is 30 days old, beside the old one, and is the one from then on', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const keep = () => keepEnvironment(environments, installer, ['toy-backend'], { env: ENV });
    const first = await keep();
    const age = (days: number) => {
      const ready = path.join(first.folder, 'ready');
      fs.writeFileSync(ready, JSON.stringify({ ...JSON.parse(fs.readFileSync(ready, 'utf8')), made: Date.now() - days * 24 * 60 * 60 * 1000 }));
    };
    age(29);
    expect(await keep()).toEqual(first);
    age(31);
    const second = await keep();
    expect([second.folder === first.folder, fs.existsSync(first.python), installer.starts()]).toEqual([false, true, 2]);
    expect(await keep()).toEqual(second);
    expect(installer.starts()).toBe(2);
  });

  // what pip and uv do for an isolated build
  test.each<[string, Partial<FoundInstaller>, NodeJS.ProcessEnv, string]>([
    ['those of builds', { pipVersion: '26.2' }, { PIP_CONSTRAINT: 'a', PIP_BUILD_CONSTRAINT: 'b' }, 'PIP_CONSTRAINT=b UV_CONSTRAINT='],
    ['those of builds, for an old pip too', { pipVersion: '23.2.1' }, { PIP_CONSTRAINT: 'a', PIP_BUILD_CONSTRAINT: 'b' }, 'PIP_CONSTRAINT=b UV_CONSTRAINT='],
    ['those of installs, for an old pip', { pipVersion: '26.1' }, { PIP_CONSTRAINT: 'a' }, 'PIP_CONSTRAINT=a UV_CONSTRAINT='],
    ['those of installs, not for a new pip', { pipVersion: '26.2' }, { PIP_CONSTRAINT: 'a' }, 'PIP_CONSTRAINT= UV_CONSTRAINT='],
    ['those of builds, for uv', { kind: 'uv' }, { UV_CONSTRAINT: 'a', UV_BUILD_CONSTRAINT: 'b' }, 'PIP_CONSTRAINT= UV_CONSTRAINT=b'],
  ])('heeds constraints: %s', async (_, more, env, bound) => {
    const installer = toyInstaller();
    await keepEnvironment(newEnvironments(), { ...installer, ...more }, ['toy-backend'], { env: { ...ENV, ...env } });
    expect(installer.log()).toMatch(new RegExp(` ${bound}\n$`));
  });

  test('is filled from where the arguments say, without passwords on the command line', async () => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    const keep = async (...args: string[]) => (await keepEnvironment(environments, installer, ['toy-backend'], { env: ENV, args })).folder;
    const folders = [await keep(), await keep('--index-url', 'https://one.example/simple'), await keep('--index-url', 'https://two.example/simple')];
    expect(new Set(folders).size).toBe(3);
    expect(installer.log()).toContain(' toy-backend --index-url https://two.example/simple ');
    expect(await keep('--index-url', 'https://me:token@two.example/simple'), 'a new token').toBe(folders[2]);
  });

  test('is compiled by uv too, as pip does it: Python may not, when it builds', async () => {
    const installer = toyInstaller();
    await keepEnvironment(newEnvironments(), { ...installer, kind: 'uv' }, ['toy-backend'], { env: ENV });
    expect(installer.log()).toMatch(/^install --compile-bytecode --target /);
  });

  test('that cannot be made leaves nothing', async () => {
    const environments = newEnvironments();
    await expect(keepEnvironment(environments, toyInstaller(), ['toy-missing'], { env: ENV })).rejects.toThrow();
    expect(namesIn(environments)).toEqual([]);
  });

  test('goes when there are more than 20 and it was not used for longest, as do those that were never finished', async () => {
    const environments = newEnvironments();
    const old = Array.from({ length: 25 }, (_old, i) => path.join(environments, `old-${i}`));
    const half = path.join(environments, 'writing-half');
    for (const [i, folder] of [...old, half].entries()) {
      fs.mkdirSync(folder);
      const time = new Date(Date.now() - (i + 2) * 3_600_000);
      fs.utimesSync(folder, time, time);
    }
    const { folder } = await keepEnvironment(environments, toyInstaller(), [], { env: ENV });
    expect(namesIn(environments)).toEqual([...old.slice(0, 19), folder].map((item) => path.basename(item)).sort());
  });
});

describe.concurrent('a damaged build environment is made anew', () => {
  const markerOf = (folder: string) => path.join(folder, namesIn(folder).find((name) => name.startsWith('ready'))!);
  let whole: string; // to be copied
  beforeAll(async () => {
    whole = newEnvironments();
    await keepEnvironment(whole, toyInstaller(), ['toy-backend'], { env: ENV });
  });

  test.each<[string, (folder: string, site: string) => void]>([
    ['gone', (folder) => fs.rmSync(folder, { recursive: true })],
    ['a file', (folder) => {
      fs.rmSync(folder, { recursive: true });
      fs.writeFileSync(folder, '');
    }],
    ['empty', (folder) => namesIn(folder).forEach((name) => fs.rmSync(path.join(folder, name), { recursive: true }))],
    ['without its marker', (folder) => fs.rmSync(markerOf(folder))],
    ['with an empty marker', (folder) => fs.truncateSync(markerOf(folder), 0)],
    ['without its Python', (folder) => fs.rmSync(path.join(folder, 'bin'), { recursive: true })],
    ['whose Python was removed from the machine', (folder) => {
      for (const name of namesIn(path.join(folder, 'bin')).filter((other) => /^python/.test(other))) {
        fs.rmSync(path.join(folder, 'bin', name));
        fs.symlinkSync('/nowhere/python', path.join(folder, 'bin', name));
      }
    }],
    ['without pyvenv.cfg', (folder) => fs.rmSync(path.join(folder, 'pyvenv.cfg'))],
    ['without its packages', (_folder, site) => fs.rmSync(site, { recursive: true })],
    ['without a module', (_folder, site) => fs.rmSync(path.join(site, 'toy_helper', '__init__.py'))],
    ['without a module that this build does not need', (_folder, site) => fs.rmSync(path.join(site, 'toy_helper', 'version.py'))],
    ['with a package cut off', (_folder, site) => fs.truncateSync(path.join(site, 'toy_backend.py'), 200)],
  ])('%s', async (_name, damage) => {
    const [environments, installer] = [newEnvironments(), toyInstaller()];
    fs.cpSync(whole, environments, { recursive: true, verbatimSymlinks: true });
    const kept = await keepEnvironment(environments, installer, ['toy-backend'], { env: ENV });
    expect(installer.starts(), 'as long as it is whole').toBe(0);
    damage(kept.folder, path.dirname(kept.bin));
    const wasThere = fs.existsSync(kept.folder);
    expect(await seenByBackend({ environments, installer })).toMatchObject({ script: true });
    const made = await keepEnvironment(environments, installer, ['toy-backend'], { env: ENV });
    expect(made.folder === kept.folder, 'another process may be using what is left of it').toBe(!wasThere);
    expect(installer.starts(), 'and kept').toBe(1);
  });
});

describe.concurrent('a build in it', () => {
  test('sees the requirements, their scripts and nothing else: not the user\'s environment, not PYTHONPATH', async () => {
    const venv = path.join(temporaryFolder(), 'venv');
    execFileSync(python, ['-m', 'venv', '--without-pip', venv]);
    const own = path.join(venv, 'bin', 'python');
    const site = execFileSync(own, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { encoding: 'utf8' }).trim();
    writeFiles(site, { 'users_own.py': '' });
    const env = { ...ENV, VIRTUAL_ENV: venv, PYTHONPATH: site };
    expect(await seenByBackend({ installer: toyInstaller(own), env })).toEqual({ toy_more: false, users_own: false, pip: false, setuptools: false, script: true });
  });

  test('has what the backend asks for besides (get_requires_for_build_wheel), as long as it does', async () => {
    const [environments, installer, project] = [newEnvironments(), toyInstaller(), toyProject({ 'more.txt': 'toy-more' })];
    expect(await seenByBackend({ environments, installer, project })).toMatchObject({ toy_more: true });
    const before = installer.starts();
    expect(await seenByBackend({ environments, installer, project })).toMatchObject({ toy_more: true });
    expect(installer.starts()).toBe(before);
    fs.rmSync(path.join(project, 'more.txt'));
    expect(await seenByBackend({ environments, installer, project })).toMatchObject({ toy_more: false });
    expect(installer.starts()).toBe(before);
  });
});

describe('with pip itself', () => {
  let index: Record<string, string>;
  beforeAll(async () => {
    const wheels = temporaryFolder();
    for (const [name, version] of [['toy-backend', 1], ['toy-more', 1], ['toy-more', 2]] as const) {
      const wheel = `${name.replace('-', '_')}-${version}`;
      const info = `${wheel}.dist-info`;
      const metadata = {
        [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
        [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: toy 1\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        [`${info}/RECORD`]: '',
      };
      const tree = Object.entries({ ...TOYS[name], ...metadata }).map(([to, text]): TreeFile => ({ path: to, executable: false, content: Buffer.from(text) }));
      fs.writeFileSync(path.join(wheels, `${wheel}-py3-none-any.whl`), await packageTree(tree));
    }
    index = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels };
  });

  async function buildWith(environments: string, entry: string, environment: Record<string, string> = {}) {
    const { tree, detour } = await build(readProject(entry), { entry, python, environment: { ...index, ...environment } }, { environments });
    return { tree: tree.files.map(digestFile), detour };
  }

  test('a broken environment does not fail the build: it is the same, in the isolation of pip; and is mended', async () => {
    const [environments, entry] = [newEnvironments(), toyProject()];
    const kept = await buildWith(environments, entry);
    expect(kept).toEqual({ tree: expect.arrayContaining([expect.objectContaining({ path: 'app/seen.json' })]), detour: undefined });

    const [backend] = fs.readdirSync(environments, { recursive: true, encoding: 'utf8' }).filter((name) => path.basename(name) === 'toy_backend.py');
    const file = path.join(environments, backend);
    fs.writeFileSync(file, 'raise SystemExit("broken")\n'.padEnd(fs.statSync(file).size)); // else it is told at a glance
    expect(await buildWith(environments, entry)).toEqual({ tree: kept.tree, detour: 'broken' });
    expect(await buildWith(environments, entry)).toEqual(kept);
  });

  test('where environments cannot be kept, pip builds', async () => {
    const file = path.join(writeFiles(temporaryFolder(), { environments: '' }), 'environments');
    const entry = tinyProject();
    const { detour, tree } = await buildWith(file, entry);
    expect(detour).toMatch(/EEXIST|ENOTDIR/);
    expect(await buildWith(file, entry, { PIP_SOURCE_ARTIFACT_ISOLATED: '1' }), 'asked for, it is no detour').toEqual({ tree, detour: undefined });
  });

  test('the constraints of builds bind the requirements', async () => {
    const constraints = path.join(writeFiles(temporaryFolder(), { 'constraints.txt': 'toy-more==1\n' }), 'constraints.txt');
    const installer = await findInstaller({ entry: toys, python }, ENV);
    const { bin } = await keepEnvironment(newEnvironments(), installer, ['toy-more'], { env: { ...ENV, ...index, PIP_BUILD_CONSTRAINT: constraints } });
    expect(namesIn(path.dirname(bin))).toContain('toy_more-1.dist-info');
  });
});
