import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { build } from '../../../lib/core/build/build';
import { makeArtifact } from '../../../lib/core/build/make-artifact';
import { ArtifactCache } from '../../../lib/core/cache/cache';
import { fingerprint } from '../../../lib/core/plan/source-key';
import { GitReader } from '../../../lib/core/project/git-state';
import { readProject } from '../../../lib/core/project/project';
import { digestSourceTree, listSourceTree } from '../../../lib/core/project/source-tree';
import { digestFolder, environments, git, gitInit, newCache, temporaryFolder, writeFiles } from '../../setup/projects';

/** Code of a backend without requirements; `answer` becomes the content of app/answer.txt. */
const backend = (code: string) => `
import os, subprocess, zipfile
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
${code.split('\n').map((line) => `    ${line}`).join('\n')}
    with zipfile.ZipFile(os.path.join(wheel_directory, "app-1.0-py3-none-any.whl"), "w") as z:
        z.writestr("app/answer.txt", str(answer))
        z.writestr("app-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: app\\nVersion: 1.0\\n")
        z.writestr("app-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: backend 1\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        z.writestr("app-1.0.dist-info/RECORD", "")
    return "app-1.0-py3-none-any.whl"
`;

const run = (command: string) => `answer = subprocess.run(${JSON.stringify(command)}, shell=True, capture_output=True, text=True).stdout.strip()`;

/** A project in `services/one` of a repository with one commit, v1.2.3. */
function project(code: string, more: Record<string, string> = {}) {
  const top = temporaryFolder();
  const entry = writeFiles(path.join(top, 'services', 'one'), {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "app"\nversion = "1.0"\n',
    'backend.py': backend(code),
    'app/__init__.py': '',
    'node_modules/tracked.js': '',
  });
  writeFiles(top, { 'services/two/other.txt': '', ...more });
  gitInit(top, 'v1.2.3');
  return { top, entry };
}

/** What the backend was told; the user's folders are as before. */
async function answerOf(entry: string, environment?: Record<string, string>) {
  const before = digestFolder(entry);
  const built = await build(readProject(entry), { entry, environment }, { environments: environments() });
  expect(digestFolder(entry)).toBe(before);
  return { answer: built.tree.files.find((file) => file.path === 'app/answer.txt')!.content.toString(), asked: built.asked, note: built.note, detour: built.detour };
}

/** Builds as an app does where its cache has no outcome; the number of builds so far. */
function cachedBuilds(entry: string) {
  const cache = new ArtifactCache(newCache());
  const environment = undefined;
  let builds = 0;
  return async () => {
    const reader = new GitReader();
    const base = fingerprint(readProject(entry), { entry, environment }, digestSourceTree(listSourceTree(entry)), reader);
    if (!cache.readContent(cache.keyOf(base, [entry], reader))) {
      const { fingerprint: made } = await makeArtifact(readProject(entry), { entry, environment }, cache);
      expect(cache.read(made)).toBeDefined();
      builds++;
    }
    return builds;
  };
}

describe.concurrent('a build that asks git', () => {
  test.each<[string, string, string, string]>([
    ['the version, by a command', run('git describe --tags --dirty'), 'v1.2.3', 'revision'],
    ['the version, by a shell in a folder below', run('cd app && git describe --tags --dirty'), 'v1.2.3', 'revision'],
    ['the branch, in a file', 'answer = open("../../.git/HEAD").read().strip()', 'ref: refs/heads/main', 'revision'],
    ['its files', run('git ls-files app'), 'app/__init__.py', 'files'],
    ['which are ignored', run('git ls-files --others --ignored --exclude-standard'), '', 'files'],
  ])('%s, is answered as in the checkout', async (_, code, answer, asked) => {
    const { entry } = project(code);
    expect(await answerOf(entry)).toEqual({ answer, asked, note: undefined, detour: undefined });
  });

  test('nothing, is not built again for a commit', async () => {
    const { top, entry } = project('answer = 1');
    const builds = cachedBuilds(entry);
    expect(await builds()).toBe(1);
    git(top, 'commit', '--quiet', '--allow-empty', '--message=two');
    expect(await builds()).toBe(1);
  });

  test.each<[string, (top: string) => void]>([
    ['a commit', (top) => git(top, 'commit', '--quiet', '--allow-empty', '--message=two')],
    ['a tag', (top) => git(top, 'tag', 'v9')],
    ['a branch', (top) => git(top, 'checkout', '--quiet', '-b', 'other')],
    ['a file of the project that is staged', (top) => git(top, 'rm', '--quiet', '--cached', 'services/one/app/__init__.py')],
    ['another remote', (top) => git(top, 'remote', 'add', 'origin', 'https://example.com/app.git')],
    ['more of the history', (top) => fs.writeFileSync(path.join(top, '.git', 'shallow'), `${git(top, 'rev-parse', 'HEAD')}\n`)],
  ])('the commit, is built again after %s, and not else', async (_, change) => {
    const { top, entry } = project(run('git rev-parse HEAD'));
    const builds = cachedBuilds(entry);
    expect([await builds(), await builds()]).toEqual([1, 1]);
    writeFiles(top, { 'services/two/new.txt': '' });
    git(top, 'add', 'services/two');
    git(top, 'status');
    expect(await builds(), 'what is staged elsewhere').toBe(1);
    change(top);
    expect([await builds(), await builds()]).toEqual([2, 2]);
  });

  test('which files it knows, is built again if these change, and not for a commit', async () => {
    const { top, entry } = project(run('git ls-files'));
    const builds = cachedBuilds(entry);
    expect(await builds()).toBe(1);
    git(top, 'commit', '--quiet', '--allow-empty', '--message=two');
    expect(await builds()).toBe(1);
    git(top, 'rm', '--quiet', '--cached', 'services/one/app/__init__.py');
    expect(await builds()).toBe(2);
  });

  test('is not told of a file that is left out, or staged elsewhere, as of a change; of one that is gone it is', async () => {
    const { top, entry } = project(run('git describe --tags --dirty'));
    writeFiles(top, { 'services/two/new.txt': '', 'services/two/other.txt': 'changed' });
    git(top, 'add', 'services/two');
    expect((await answerOf(entry)).answer).toBe('v1.2.3');
    fs.rmSync(path.join(entry, 'app', '__init__.py'));
    expect((await answerOf(entry)).answer).toBe('v1.2.3-dirty');
  });
});

describe('files that git ignores', () => {
  const IGNORED = run('git ls-files --others --ignored --exclude-standard');

  test('by a file above the project, and not by the user\'s own', async () => {
    const home = writeFiles(temporaryFolder(), { '.config/git/ignore': '*.mine\n' });
    const { entry } = project(IGNORED, { '.gitignore': '*.env\n', 'services/.gitignore': '*.log\n' });
    writeFiles(entry, { 'app/a.env': '', 'app/b.log': '', 'app/c.mine': '' });
    expect((await answerOf(entry, { HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') })).answer).toBe('app/a.env\napp/b.log');
  });

  test('the files that say so are there for a backend that reads them, and in the key', async () => {
    const { top, entry } = project('answer = open("../../.gitignore").read().strip()', { '.gitignore': '*.env\n' });
    expect((await answerOf(entry)).answer).toBe('*.env');
    const builds = cachedBuilds(entry);
    expect(await builds()).toBe(1);
    fs.writeFileSync(path.join(top, '.gitignore'), '*.log\n');
    expect(await builds()).toBe(2);
  });
});

describe.skipIf(process.getuid?.() !== 0)('a repository of another user', () => {
  const ran = () => path.join(temporaryFolder(), 'ran');

  function foreignProject(code: string, mark: string) {
    const { top, entry } = project(code, { '.gitignore': '*.env\n' });
    writeFiles(entry, { 'app/a.env': '' });
    const script = path.join(writeFiles(temporaryFolder(), { monitor: `#!/bin/sh\ntouch ${mark}\n` }), 'monitor');
    fs.chmodSync(script, 0o755);
    git(top, 'config', 'core.fsmonitor', script);
    execFileSync('chown', ['-R', '65534', top]);
    return { top, entry };
  }

  test('runs no command, and is not asked for the commit', async () => {
    const mark = ran();
    const { top, entry } = foreignProject(run('git ls-files --others --ignored --exclude-standard'), mark);
    expect(await answerOf(entry)).toEqual({
      answer: 'app/a.env',
      asked: 'files',
      detour: undefined,
      note: `git does not trust ${top}, which belongs to another user: the commit is not recorded. To trust it: git config --global --add safe.directory ${top}`,
    });
    expect(fs.existsSync(mark)).toBe(false);
  });

  test('a build that wants the commit fails, and says why', async () => {
    const mark = ran();
    const { top, entry } = foreignProject(run('git rev-parse HEAD'), mark);
    await expect(answerOf(entry)).rejects.toThrow(
      `the build asks git, which does not trust the repository, as it belongs to another user, got "${top}"; make git trust it: git config --global --add safe.directory ${top} [repository-not-trusted]`);
    expect(fs.existsSync(mark)).toBe(false);
  });
});

test('a machine without git says so, where a build asks for the commit', async () => {
  const { top, entry } = project('try:\n    answer = subprocess.check_output(["git", "rev-parse", "HEAD"])\nexcept OSError:\n    answer = "unknown"');
  const bin = temporaryFolder();
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  for (const name of ['sh', 'env', 'ls']) fs.symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), path.join(bin, name));
  const before = process.env.PATH;
  onTestFinished(() => void (process.env.PATH = before));
  process.env.PATH = bin;
  await expect(build(readProject(entry), { entry, python }, { environments: environments() })).rejects.toThrow(
    `the build asks git, which was not found on the PATH, got "${top}"; install git, or set version where it asks for the version alone [git-not-found]`);
});
