import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { compileLibrary } from './setup/compiled';
import { temporaryFolder, writeFiles } from './setup/projects';

/** A project whose backend writes down when it starts and ends; with the content 2 it waits for another one to start. */
function watchedProject(name: string, log: string): string {
  return writeFiles(path.join(temporaryFolder(), name), {
    'pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "${name}"\nversion = "1.0"\n`,
    'backend.py': `
import os, time, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open(${JSON.stringify(log)}, "a") as log:
        log.write("start ${name}\\n")
    if os.path.exists("broken"):
        raise RuntimeError("${name} is broken")
    content, patience = open("content").read(), 500
    while content == "2" and patience > 0 and open(${JSON.stringify(log)}).read().count("start") < 2:
        time.sleep(0.02)
        patience -= 1
    with zipfile.ZipFile(os.path.join(wheel_directory, "${name}-1.0-py3-none-any.whl"), "w") as z:
        z.writestr("${name}/__init__.py", content)
        z.writestr("${name}-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: ${name}\\nVersion: 1.0\\n")
        z.writestr("${name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: backend 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("${name}-1.0.dist-info/RECORD", "")
    with open(${JSON.stringify(log)}, "a") as log:
        log.write("end ${name}\\n")
    return "${name}-1.0-py3-none-any.whl"
`,
    'content': '1',
  });
}

let library: string;

beforeAll(async () => {
  library = await compileLibrary();
});

function runApp(entries: readonly string[], more: Record<string, string> = {}, program = path.join(__dirname, 'setup', 'app.mjs')) {
  const { JEST_WORKER_ID: _, ...env } = process.env; // this is an app
  const { stdout, stderr } = spawnSync(process.execPath, [program, library, ...entries], {
    encoding: 'utf8', env: { ...env, PIP_SOURCE_ARTIFACT_CACHE_DIR: path.join(inject('temporary'), 'parallel-cache'), ...more },
  });
  return { digests: stdout === '' ? [] : JSON.parse(stdout) as string[], stderr };
}

test('changed projects of an app are built at the same time, each once, and an error is that of its construct', () => {
  const log = path.join(temporaryFolder(), 'log');
  const takeLog = () => {
    const lines = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : [];
    fs.rmSync(log, { force: true });
    return lines;
  };
  const [one, two] = ['one', 'two'].map((name) => watchedProject(name, log));

  const first = runApp([one, two, one]);
  expect(first.digests, first.stderr).toHaveLength(3);
  expect(takeLog(), 'in the first synth nothing is known of the second project').toEqual(['start one', 'end one', 'start two', 'end two']);

  for (const entry of [one, two]) fs.writeFileSync(path.join(entry, 'content'), '2');
  const second = runApp([one, two, one]);
  expect(second.digests.every((digest, i) => digest !== first.digests[i])).toBe(true);
  const lines = takeLog();
  expect([lines.slice(0, 2).sort(), lines.slice(2).sort()]).toEqual([['start one', 'start two'], ['end one', 'end two']]);
  expect(runApp([one, two, one])).toEqual({ digests: second.digests, stderr: '' });
  expect(takeLog()).toEqual([]);

  fs.writeFileSync(path.join(one, 'content'), '3');
  writeFiles(two, { broken: '' });
  expect(runApp([one, two]).stderr).toMatch(/Stack\/Source1: pip could not install the project, got \"RuntimeError: two is broken\";/);
  expect(runApp([one]), 'the other was built all the same, and stays').toEqual({ digests: [expect.any(String)], stderr: '' });
});

test('what is kept is for its user alone, and has no secrets of pip\'s options and variables', () => {
  const cache = path.join(temporaryFolder(), 'cache');
  const entry = watchedProject('secretive', path.join(temporaryFolder(), 'log'));
  const { JEST_WORKER_ID: _, ...env } = process.env;
  const props = { pipArgs: ['--extra-index-url', 'https://ci:hunter2@pypi.example/simple'], environment: { PIP_TIMEOUT: '7', TOKEN: 'hunter2' } };
  for (const given of [props, { pipArgs: ['--config-settings=token=hunter2'] }, {}]) {
    const { status, stderr } = spawnSync(process.execPath, [path.join(__dirname, 'setup', 'app.mjs'), library, entry], {
      encoding: 'utf8', env: { ...env, PIP_SOURCE_ARTIFACT_CACHE_DIR: cache, APP_PROPS: JSON.stringify(given) },
    });
    expect(status, stderr).toBe(0);
    expect(stderr).not.toContain('hunter2');
  }
  const names = fs.readdirSync(cache, { recursive: true, encoding: 'utf8' });
  const items = names.map((name) => path.join(cache, name)).filter((item) => !item.includes(`${path.sep}environments${path.sep}`));
  expect(items.filter((item) => item.includes('apps')).length).toBeGreaterThan(1);
  const isOpen = (item: string) => (fs.statSync(item).mode & 0o077) !== 0; // eslint-disable-line no-bitwise
  expect([cache, ...items].filter(isOpen)).toEqual([]);
  expect(items.filter((item) => fs.statSync(item).isFile() && fs.readFileSync(item).includes('hunter2'))).toEqual([]);
});

test('an app in another language foresees too, though jsii starts it from another place each time; nothing is kept that may be a password', () => {
  const log = path.join(temporaryFolder(), 'log');
  const entries = ['three', 'four'].map((name) => watchedProject(name, log));
  const cache = temporaryFolder();
  const run = (content: string, token: string) => {
    for (const entry of entries) fs.writeFileSync(path.join(entry, 'content'), content);
    fs.rmSync(log, { force: true });
    const program = path.join(temporaryFolder(), 'app.mjs');
    fs.copyFileSync(path.join(__dirname, 'setup', 'app.mjs'), program);
    const outcome = runApp(entries, {
      JSII_AGENT: 'Python/3.13', PIP_SOURCE_ARTIFACT_CACHE_DIR: cache, APP_PROPS: JSON.stringify({ environment: { PIP_INDEX_URL: `https://ci:${token}@example.com/simple` } }),
    }, program);
    expect(outcome.digests, outcome.stderr).toHaveLength(2);
    return fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : [];
  };
  expect(run('1', 'secret-one')).toEqual(['start three', 'end three', 'start four', 'end four']);
  expect(run('1', 'secret-two'), 'a new token builds nothing').toEqual([]);
  expect(run('2', 'secret-three').slice(0, 2).sort()).toEqual(['start four', 'start three']);
  const [file, ...others] = fs.readdirSync(path.join(cache, 'apps')).map((name) => path.join(cache, 'apps', name));
  expect(others).toEqual([]);
  expect(fs.readFileSync(file, 'utf8')).not.toMatch(/secret-|example/);
  expect([fs.statSync(file).mode % 0o1000, fs.statSync(path.dirname(file)).mode % 0o1000]).toEqual([0o600, 0o700]);
});

test.each([
  ['what another version of the library wrote', JSON.stringify([{ entry: '/somewhere' }, { named: { kind: 'source' } }, null, 'text', { named: { kind: 'other', request: {}, where: 'x' } }])],
  ['a request that nobody can read', JSON.stringify([{ named: { kind: 'source', request: { entry: 1 }, where: 'x' } }, { named: { kind: 'layer', request: {}, where: 'x' } }])],
  ['half of it', '[{"named":'],
])('of the last synth there is %s: nothing is foreseen', (_, text) => {
  const cache = temporaryFolder();
  const project = watchedProject('five', path.join(temporaryFolder(), 'log'));
  const run = () => runApp([project], { PIP_SOURCE_ARTIFACT_CACHE_DIR: cache });
  expect(run().digests).toHaveLength(1);
  const [name] = fs.readdirSync(path.join(cache, 'apps'));
  fs.writeFileSync(path.join(cache, 'apps', name), text);
  fs.writeFileSync(path.join(project, 'content'), '1 # changed');
  const { digests, stderr } = run();
  expect(digests, stderr).toHaveLength(1);
  expect(JSON.parse(fs.readFileSync(path.join(cache, 'apps', name), 'utf8'))).toHaveLength(1);
});
