// What is derived while the backend runs: nothing that anybody sees depends on it but time.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test, vi } from 'vitest';
import { sha256 } from '../../../../lib/core/base/tree';
import { deriveAhead } from '../../../../lib/core/build/derive/ahead';
import { KeptModules, readModules } from '../../../../lib/core/build/derive/modules';
import { makeArtifact } from '../../../../lib/core/build/make-artifact';
import { ArtifactCache } from '../../../../lib/core/cache/cache';
import { findInstaller } from '../../../../lib/core/installer/find';
import { listArchive } from '../../../../lib/core/package/read-archive';
import { readProject } from '../../../../lib/core/project/project';
import { digestSourceTree, listSourceTree } from '../../../../lib/core/project/source-tree';
import { newCache, temporaryFolder, writeFiles } from '../../../setup/projects';

/** Installs what is below src, with `@TIME@` replaced by the content of another file, and a module that it makes. */
function newProject(): string {
  return writeFiles(path.join(temporaryFolder(), 'clock'), {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "clock"\nversion = "1.0"\n',
    'backend.py': `
import os, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    time = open("time").read()
    with zipfile.ZipFile(os.path.join(wheel_directory, "clock-1.0-py3-none-any.whl"), "w") as wheel:
        for name in ["__init__.py", "lambda_function.py"]:
            wheel.writestr("clock/" + name, open("src/clock/" + name).read().replace("@TIME@", time))
        wheel.writestr("clock/made.py", "made = " + repr(time))
        wheel.writestr("clock-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: clock\\nVersion: 1.0\\n")
        wheel.writestr("clock-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("clock-1.0.dist-info/RECORD", "")
    return "clock-1.0-py3-none-any.whl"
`,
    'time': 'one',
    'src/clock/__init__.py': 'time = "@TIME@"\n',
    'src/clock/lambda_function.py': 'def lambda_handler(event, context): pass\n',
    'tests/clock/lambda_function.py': 'def other(event, context): pass\n',
  });
}

async function build(entry: string, folder: string) {
  const cache = new ArtifactCache(folder);
  const { fingerprint } = await makeArtifact(readProject(entry), { entry }, cache);
  const { file, ...artifact } = cache.read(fingerprint)!;
  return { artifact, archive: fs.readFileSync(file) };
}

test('the artifact is the same with and without it, where the backend installs something else too', async () => {
  const entry = newProject();
  const folder = newCache();
  await build(entry, folder);
  writeFiles(entry, { 'time': 'two', 'src/clock/lambda_function.py': 'def lambda_handler(event, context):\n    return "@TIME@"\n' });
  const again = await build(entry, folder);
  const anew = await build(entry, newCache());
  expect(again.artifact).toEqual(anew.artifact);
  expect(again.archive.equals(anew.archive)).toBe(true);
  expect((await listArchive(again.archive)).filter(({ path: name }) => name.endsWith('.pyc'))).toHaveLength(3);
  expect(again.artifact.modules['clock.lambda_function'].handlers).toEqual(['lambda_handler']);
});

test('a changed module is read and compiled when the backend has ended; what is only tested is not', async () => {
  const entry = newProject();
  const folder = newCache();
  const { archive } = await build(entry, folder);
  const installer = await findInstaller({ entry }, process.env);
  writeFiles(entry, { 'src/clock/lambda_function.py': 'def renamed(event, context): pass\n', 'tests/clock/lambda_function.py': 'def other2(event, context): pass\n' });
  const source = digestSourceTree(listSourceTree(entry));
  await deriveAhead({ copy: entry, source, installer }, { entry }, folder);

  expect(new KeptModules(folder, entry, installer.identity).read()!.paths).toHaveLength(3);
  const kept = new KeptModules(folder, entry, installer.identity, true).read()!;
  expect(kept.paths).toEqual(['clock/__init__.py', 'clock/lambda_function.py']);
  expect(Object.values(kept.names).flatMap(({ functions }) => functions)).toEqual(['renamed']);
  const files = [{ path: 'clock/lambda_function.py', executable: false, content: fs.readFileSync(path.join(entry, 'src/clock/lambda_function.py')) }];
  const modules = await readModules(files, { ...installer, python: path.join(entry, 'no-python') }, { entry, cacheFolder: folder });
  expect(modules['clock.lambda_function'].functions).toEqual(['renamed']);
  const codes = await Promise.all(fs.readdirSync(path.join(folder, 'bytecode')).map((name) => fs.readFileSync(path.join(folder, 'bytecode', name, 'pack'))));
  expect(codes.some((pack) => pack.includes('/var/task/clock/lambda_function.py') && pack.includes('renamed'))).toBe(true);
  expect(archive.includes('renamed')).toBe(false);
});

test('of one changed module no other is read or compiled again, those that the backend makes neither', async () => {
  const entry = newProject();
  const folder = newCache();
  await build(entry, folder);
  const read = () => new KeptModules(folder, entry, identity).read()!;
  const { identity } = await findInstaller({ entry }, process.env);
  for (const [i, name] of ['src/clock/__init__.py', 'src/clock/lambda_function.py'].entries()) {
    const before = read();
    writeFiles(entry, { [name]: `def changed${i}(): pass\n` });
    const { archive } = await build(entry, folder);
    expect(archive.equals((await build(entry, newCache())).archive)).toBe(true);
    const news = Object.keys(read().names).filter((digest) => !(digest in before.names));
    expect(news).toEqual([sha256(`def changed${i}(): pass\n`)]);
    const ahead = new KeptModules(folder, entry, identity, true).read()!;
    expect(Object.keys(ahead.names)).toEqual(expect.arrayContaining(news));
  }
});

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ['below src', { 'src/a/__init__.py': '', 'src/a/b/c.py': '', 'src/d.py': '', 'tests/a/test_c.py': '', 'setup.py': '' }, ['a/__init__.py', 'a/b/c.py', 'd.py']],
  ['packages at the top', { 'a/__init__.py': '', 'a/b/c.py': '', 'tests/__init__.py': '', 'tests/test_c.py': '', 'scripts/run.py': '', 'setup.py': '' }, ['a/__init__.py', 'a/b/c.py']],
  ['nothing that is likely', { 'app.py': '', 'setup.py': '' }, []],
])('at the first build, those that are likely are taken: %s', async (_, files, paths) => {
  const entry = writeFiles(temporaryFolder(), files);
  const installer = await findInstaller({ entry }, process.env);
  const folder = newCache();
  await deriveAhead({ copy: entry, source: digestSourceTree(listSourceTree(entry)), installer }, { entry }, folder);
  expect(new KeptModules(folder, entry, installer.identity, true).read()?.paths ?? []).toEqual(paths);
  expect(new KeptModules(folder, entry, installer.identity).read()).toBeUndefined();
});

test('nothing is done where nothing has changed', async () => {
  const entry = newProject();
  const folder = newCache();
  await build(entry, folder);
  const installer = { ...await findInstaller({ entry }, process.env), python: path.join(entry, 'no-python') };
  const kept = () => new KeptModules(folder, entry, installer.identity, true).read();
  const before = kept();
  await deriveAhead({ copy: entry, source: digestSourceTree(listSourceTree(entry)), installer }, { entry }, folder);
  expect(kept()).toEqual(before);
});

test('a build that fails has no more to wait for', async () => {
  const entry = newProject();
  const folder = newCache();
  await build(entry, folder);
  writeFiles(entry, { 'src/clock/lambda_function.py': 'x = 1\n', 'backend.py': 'def build_wheel(*args, **kwargs): raise RuntimeError("broken")\n' });
  vi.stubEnv('PIP_NO_INDEX', '1');
  await expect(build(entry, folder)).rejects.toThrow('broken');
  vi.unstubAllEnvs();
  expect(sha256(fs.readFileSync(path.join(entry, 'src/clock/lambda_function.py')))).toBe(sha256('x = 1\n'));
});
