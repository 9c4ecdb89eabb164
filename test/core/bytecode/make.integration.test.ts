// Real Pythons compile; those that a machine lacks are skipped by name.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { sha256, type TreeFile } from '../../../lib/core/base/tree';
import type { Compiler } from '../../../lib/core/bytecode/compiler';
import { makeBytecode, type BytecodeOrder } from '../../../lib/core/bytecode/make';
import { ArtifactStore } from '../../../lib/core/cache/store';
import { identifyPython } from '../../../lib/core/project/interpreter';
import { temporaryFolder, unpack, writeFiles } from '../../setup/projects';

afterEach(() => void vi.unstubAllEnvs());

const file = (name: string, content: string | Buffer): TreeFile => ({ path: name, executable: false, content: Buffer.from(content) });
const FILES = [
  file('app/__init__.py', '"""An app."""\nNAMES = {"b", "a", None, 3}\n'),
  file('app/fails.py', 'def fail():\n    assert False, "on purpose"\n'),
  file('app/latin.py', Buffer.from('# -*- coding: latin-1 -*-\nNAME = "caf\xe9"\n', 'latin1')),
  file('app/template.py', 'name = {% name %}\n'),
  file('app/null.py', 'x = 1\0\n'),
  file('app/warns.py', 'if 1 is 1: x = "\\d"\n'),
  file('app/deep.py', `x = ${'('.repeat(60)}1${')'.repeat(60)}\n`),
  file('six.py', ''),
  file('app/data.txt', 'text'),
];
const COMPILED = ['__pycache__/six', 'app/__pycache__/__init__', 'app/__pycache__/deep', 'app/__pycache__/fails', 'app/__pycache__/latin', 'app/__pycache__/warns'];

/** The real interpreters of this machine, by their minor version. */
const PYTHONS = new Map<number, string>();
for (const minor of [8, 9, 10, 11, 12, 13, 14]) {
  for (const name of [`python3.${minor}`, ...installed(minor)]) {
    try {
      const python = execFileSync(name, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8', stdio: 'pipe' }).trim();
      PYTHONS.set(minor, PYTHONS.get(minor) ?? python);
    } catch { /* it is not there, or is a shim of nothing */ }
  }
}

function installed(minor: number): string[] {
  const folder = path.join(process.env.PYENV_ROOT ?? path.join(process.env.HOME ?? '', '.pyenv'), 'versions');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.startsWith(`3.${minor}.`)) : [];
  return names.map((name) => path.join(folder, name, 'bin', 'python3'));
}

let entry: string;
beforeAll(() => {
  entry = temporaryFolder();
});

const order = (more: Partial<BytecodeOrder> = {}, request: Partial<BytecodeOrder['request']> = {}): BytecodeOrder => (
  { request: { mode: 'required', entry, ...request }, files: FILES, kind: 'project', ...more }
);
const bytesOf = (files: readonly TreeFile[]) => Object.fromEntries(files.map(({ path: name, content }) => [name, content.toString('base64')]));

describe.each([...PYTHONS])('Python 3.%i', (minor, python) => {
  test('unchecked-hash bytecode beside each module that compiles, which this Python takes', async () => {
    const { files, record } = await makeBytecode(order({ python }));
    expect(files.map(({ path: name, executable }) => [name, executable])).toEqual(COMPILED.map((name) => [`${name}.cpython-3${minor}.pyc`, false]));
    expect(record).toEqual({ python: expect.stringMatching(`^3\\.${minor}\\.`), runtime: `python3.${minor}`, size: files.reduce((sum, { content }) => sum + content.length, 0) });

    const folder = unpack([...FILES, ...files]);
    fs.writeFileSync(path.join(folder, 'app', 'latin.py'), 'NAME = "not looked at"'); // unchecked
    const code = `
import app.latin, app.fails, json, marshal
with open(app.fails.__cached__, "rb") as file:
    kept = marshal.loads(file.read()[16:])
names = {code.co_filename for code in [kept, *(item for item in kept.co_consts if hasattr(item, "co_filename"))]}
print(json.dumps([app.latin.NAME, app.fails.__cached__, sorted(names)]))`;
    const told = JSON.parse(execFileSync(python, ['-B', '-c', code], { cwd: folder, encoding: 'utf8' }));
    // where Lambda has the file; anywhere else, Python puts another name into each code object as it imports it
    expect(told).toEqual(['café', path.join(fs.realpathSync(folder), 'app', '__pycache__', `fails.cpython-3${minor}.pyc`), ['/var/task/app/fails.py']]);
  });

  test('the same bytes whatever the order, the number of processes, the folder, the variables and the hash seed; one by one too', async () => {
    const library = path.dirname(execFileSync(python, ['-c', 'import json; print(json.__file__)'], { encoding: 'utf8' }).trim());
    const real = ['json', 'asyncio', 'email'].flatMap((name) => fs.readdirSync(path.join(library, '..', name)).filter((item) => item.endsWith('.py'))
      .map((item) => file(`${name}/${item}`, fs.readFileSync(path.join(library, '..', name, item)))));
    const files = [...FILES, ...real];
    expect(files.length).toBeGreaterThan(60);
    const { files: first } = await makeBytecode(order({ python, files }));

    vi.stubEnv('PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS', '3');
    vi.stubEnv('TMPDIR', temporaryFolder());
    vi.stubEnv('PYTHONHASHSEED', '7');
    vi.stubEnv('PYTHONOPTIMIZE', '2');
    vi.stubEnv('PYTHONPATH', writeFiles(temporaryFolder(), { 'sitecustomize.py': 'print("hello")', 'marshal.py': 'boom', 'usercustomize.py': 'boom' }));
    vi.stubEnv('LONG', 'x'.repeat(5000));
    const { files: second } = await makeBytecode(order({ python, files: [...files].reverse() }));
    expect(bytesOf(second)).toEqual(bytesOf(first));

    const some = files.filter((_, i) => i % 7 === 0);
    const { files: third } = await makeBytecode(order({ python, files: some }));
    expect(bytesOf(first)).toMatchObject(bytesOf(third));
  });
});

test('only what changed is compiled; a damaged memory of it does no harm', async () => {
  const cacheFolder = temporaryFolder();
  const python = path.join(inject('venv'), 'bin', 'python');
  const counting = temporaryFolder();
  const log = path.join(counting, 'log');
  fs.writeFileSync(path.join(counting, 'python'), `#!/bin/sh\necho run >> ${log}\nexec ${python} "$@"\n`, { mode: 0o755 });
  const runs = () => fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('\n').length - 1 : 0;
  const { files: first } = await makeBytecode(order({ python: path.join(counting, 'python'), cacheFolder }));
  expect(runs()).toBe(1); // is asked what it is; sys.executable compiles
  const changed = FILES.map((item) => item.path === 'six.py' ? file('six.py', 'x = 1\n') : item);
  const { files: second } = await makeBytecode(order({ python, cacheFolder, files: changed }));
  const others = ({ path: name }: TreeFile) => !name.includes('six');
  expect(bytesOf(second.filter(others))).toEqual(bytesOf(first.filter(others)));
  expect(bytesOf(second)).toEqual(bytesOf((await makeBytecode(order({ python, files: changed }))).files));

  for (const name of fs.readdirSync(path.join(cacheFolder, 'bytecode'))) fs.truncateSync(path.join(cacheFolder, 'bytecode', name, 'pack'), 100);
  expect(bytesOf((await makeBytecode(order({ python, cacheFolder, files: changed }))).files)).toEqual(bytesOf(second));
});

describe('which Python compiles', () => {
  test('one of the minor version, from the PATH, pyenv or uv, past those that are broken, print, or are another version', async () => {
    const python = PYTHONS.get(13) ?? PYTHONS.get(12)!;
    const minor = PYTHONS.has(13) ? 13 : 12;
    const bin = writeFiles(temporaryFolder(), { readme: '' });
    const script = (folder: string, name: string, text: string) => {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    };
    script(bin, `python3.${minor}`, 'echo broken >&2; exit 1');
    script(bin, 'python3', 'echo hello; exit 0');
    vi.stubEnv('PATH', `${bin}:/bin`);
    const home = temporaryFolder();
    vi.stubEnv('HOME', home);
    vi.stubEnv('PYENV_ROOT', path.join(home, '.pyenv'));
    vi.stubEnv('UV_PYTHON_INSTALL_DIR', undefined);
    vi.stubEnv('XDG_DATA_HOME', undefined);
    const failure = await makeBytecode(order({}, { minor })).catch((error: Error) => error.message);
    expect(failure).toContain(`no Python 3.${minor} was found that compiles for the runtime, got "python3.${minor}"; install one (uv python install 3.${minor}, or pyenv install 3.${minor}), set python to it, or set bytecode to auto`);
    expect(failure).toContain('python3 on the PATH: does not start');
    expect(failure).toContain(`python3.${minor} on the PATH: does not start (broken)`);
    expect(failure).toContain('pyenv: not found; uv python: not found');
    expect(failure).toMatch(/\[bytecode-python-missing\]$/);
    const { files, record } = await makeBytecode(order({}, { minor, mode: 'auto' }));
    expect([files, record!.size, record!.lacking]).toEqual([[], 0, expect.stringContaining(`no Python 3.${minor} was found`)]);

    const other = PYTHONS.get(11)!;
    script(path.join(home, '.local', 'share', 'uv', 'python', `cpython-3.${minor}.9-linux-x86_64-gnu`, 'bin'), 'python3', `exec ${other} "$@"`);
    expect(await makeBytecode(order({}, { minor })).catch((error: Error) => error.message)).toContain('uv python: is 3.11.');
    script(path.join(home, '.pyenv', 'versions', `3.${minor}.1`, 'bin'), 'python3', `exec ${python} "$@"`);
    expect((await makeBytecode(order({}, { minor }))).record!.runtime).toBe(`python3.${minor}`);
  });

  test('one that crashes or writes something else when it compiles is named, and where it need not be, it is left', async () => {
    const python = path.join(temporaryFolder(), 'python');
    const cacheFolder = temporaryFolder();
    // what is known of it: an interpreter that is asked would be itself
    const known = (text: string) => {
      fs.writeFileSync(python, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      const compiler: Compiler = { file: python, version: '3.13.1', build: '3.13.1 (main)', minor: 13 };
      new ArtifactStore<Compiler>(path.join(cacheFolder, 'compilers'), {}).write(sha256(identifyPython([{ source: '', file: python }])), compiler, {});
    };
    const fail = async () => makeBytecode(order({ python, cacheFolder })).catch((error: Error) => error.message);
    known('echo "Fatal Python error" >&2; exit 134');
    expect(await fail()).toMatch(/^the CPython that is here cannot compile; mend it, set python to another, or set bytecode to none\n\n\$ .*python -S -s -B -c '…'\n\(exit code 134\)\nFatal Python error\n\nhint: looked for: .*\n\n\[bytecode-failed\]$/);
    known('echo "hello"');
    expect(await fail()).toContain('it is another Python than before: it wrote nothing');
    known(`exec ${path.join(inject('venv'), 'bin', 'python')} "$@"`);
    expect(await fail()).toContain('it is another Python than before: 3.');
    const { record } = await makeBytecode(order({ python, cacheFolder }, { mode: 'auto' }));
    expect(record!.lacking).toContain('the CPython that is here cannot compile');
  });
});

test('what does not fit is left out: of tests first, then the largest package; required, it is an error', async () => {
  const python = path.join(inject('venv'), 'bin', 'python');
  const module = (size: number) => `x = """${'x'.repeat(size)}"""\n`;
  const files = [
    file('python/big/__init__.py', module(3000)), file('python/big/tests/test_all.py', module(2000)),
    file('python/small/__init__.py', module(500)), file('python/small/test/x.py', module(100)),
  ];
  const content = files.reduce((sum, { content: { length } }) => sum + length, 0);
  const made = async (room: number, mode: 'auto' | 'required' = 'auto') => makeBytecode(order({ python, files, kind: 'layer' }, { mode }), content + room);
  const names = async (room: number) => (await made(room)).files.map(({ path: name }) => name.replace(/^python\/|__pycache__\/|\.cpython.*/g, ''));
  expect(await names(8000)).toEqual(['big/__init__', 'big/tests/test_all', 'small/__init__', 'small/test/x']);
  expect(await names(5000)).toEqual(['big/__init__', 'small/__init__', 'small/test/x']);
  expect(await names(1000)).toEqual(['small/__init__']);
  expect(await names(0)).toEqual([]);
  expect((await made(1000)).record).toMatchObject({ leftOut: ['tests of big', 'tests of small', 'big'] });
  await expect(made(5000, 'required')).rejects.toThrow(/with bytecode it is larger than Lambda's 250\.0 MiB unzipped, of which .* are left.*\[bytecode-too-large\]$/);
});
