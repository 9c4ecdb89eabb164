import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { digestFile } from '../../../lib/core/base/tree';
import { build } from '../../../lib/core/build/build';
import { redirectScripts } from '../../../lib/core/build/environment/scripts';
import { temporaryFolder as workFolder } from '../../../lib/core/process/temporary-folder';
import { readProject } from '../../../lib/core/project/project';
import { temporaryFolder, writeFiles } from '../../setup/projects';

// a backend in the project, so that nothing is asked of an index
const BACKEND = `
import os, sys, zipfile
def build_wheel(folder, settings=None, metadata=None):
    if os.path.exists("fail.txt") and not any(name.endswith("_BUILD_BACKEND") for name in os.environ):
        raise SystemExit("not here")
    name = "app-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as z:
        z.writestr("app/__init__.py", "")
        for place in ["lib/x.txt", "l/x.txt", "app/data.txt", "share/app/y.txt"]:
            z.writestr("app-1.0.data/data/" + place, "x")
        if os.path.exists("odd.txt"):
            z.writestr(open("odd.txt").read(), "x")
        z.writestr("app-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: app\\nVersion: 1.0\\n")
        z.writestr("app-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: toy 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("app-1.0.dist-info/RECORD", "app/__init__.py,,\\n")
    return name
`;
const PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "app"\nversion = "1.0"\n';
const project = (files: Readonly<Record<string, string>> = {}) => writeFiles(temporaryFolder(), { 'pyproject.toml': PYPROJECT, 'backend.py': BACKEND, ...files });

let python: string;
beforeAll(() => {
  python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
});

const environments = () => fs.mkdtempSync(path.join(temporaryFolder(), 'environments-'));
const buildIn = (entry: string, folder?: string) => build(readProject(entry), { entry, python }, { environments: folder });

describe.concurrent('a build in the kept environment is that of pip', () => {
  test('data files, and those that pip --target loses', async () => {
    const entry = project();
    const [kept, byPip] = [await buildIn(entry, environments()), await buildIn(entry)];
    expect(kept.detour).toBeUndefined();
    expect(kept.tree.files.map(digestFile)).toEqual(byPip.tree.files.map(digestFile));
    expect(kept.tree.files.map((file) => file.path).filter((name) => !name.includes('dist-info'))).toEqual(['app/__init__.py', 'share/app/y.txt']);
  });

  test('a project that only pip can build is remembered, until it is built in another way', async () => {
    const [entry, folder] = [project({ 'fail.txt': '' }), environments()];
    const shared = fs.readdirSync(folder);
    expect((await buildIn(entry, folder)).detour).toBe('not here');
    const ready = () => fs.readdirSync(folder).map((name) => fs.existsSync(path.join(folder, name, 'ready')));
    expect([shared, ready()], 'the environment is as good as before').toEqual([[], [true]]);
    fs.rmSync(path.join(entry, 'fail.txt'));
    expect((await buildIn(entry, folder)).detour, 'not tried again').toBe('not here');
    fs.appendFileSync(path.join(entry, 'pyproject.toml'), '\n');
    expect((await buildIn(entry, folder)).detour).toBeUndefined();
  });

  test.each(['app/back\\slash.txt', 'app/new\nline.txt'])('a name that an archive or RECORD would change is refused: %j', async (odd) => {
    const error = await buildIn(project({ 'odd.txt': odd }), environments()).catch((reason) => reason);
    expect(error.trouble?.reference, String(error.message ?? error.detour)).toBe('file-name-unfit');
  });

  test('what was left out is told where a build fails', async () => {
    const entry = project({ 'backend.py': 'def build_wheel(folder, settings=None, metadata=None):\n    open("build/made.txt")\n', 'build/made.txt': '' });
    const error = await buildIn(entry).catch((reason) => reason);
    expect(error.message).toContain('these were left out of the copy that was built: build/; an exclude of "!<name>" takes one back in');
  });
});

test.each([
  ['a script of pip', (from: string) => `#!${from}\nimport sys; print(sys.prefix)\n`],
  ['with a long path', (from: string) => `#!/bin/sh\n'''exec' "${from}" "$0" "$@"\n' '''\nimport sys; print(sys.prefix)\n`],
])('%s starts with the Python that has the requirements', (_, script) => {
  const venv = path.join(temporaryFolder(), 'a folder', 'venv');
  execFileSync(python, ['-m', 'venv', '--without-pip', venv]);
  const bin = writeFiles(temporaryFolder(), { tool: script(python), other: '#!/bin/sh\necho other\n' });
  redirectScripts(bin, python, path.join(venv, 'bin', 'python'));
  fs.chmodSync(path.join(bin, 'tool'), 0o755);
  expect(execFileSync(path.join(bin, 'tool'), { encoding: 'utf8' }).trim()).toBe(venv);
  expect(fs.readFileSync(path.join(bin, 'other'), 'utf8')).toBe('#!/bin/sh\necho other\n');
});

test('what killed builds left is removed after an hour, and nothing else', () => {
  const parent = temporaryFolder();
  const gone = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  const names = [`work-${gone}-aaaaaa`, `work-${gone}-bbbbbb`, `work-${process.pid}-cccccc`, `other-${gone}-dddddd`];
  for (const name of names) {
    fs.mkdirSync(path.join(parent, name));
    if (!name.endsWith('bbbbbb')) fs.utimesSync(path.join(parent, name), 1, 1);
  }
  const made = path.basename(workFolder('work', parent));
  expect(fs.readdirSync(parent).sort()).toEqual([...names.slice(1), made].sort());
});
