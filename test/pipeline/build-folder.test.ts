import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { listFolder, tinyProject } from './projects';
import { buildSourceArtifactsUsingPip, type BuildSourceOptions } from '../../lib/pipeline/api';
import { digestFolder, temporaryFolder, writeFiles } from '../setup/projects';

let project: string;
let earlier: string; // a build of ours, to be copied

const options = (more: Partial<BuildSourceOptions> = {}): BuildSourceOptions => ({ pathSetupPyOrPyprojectToml: path.join(project, 'pyproject.toml'), verbose: false, skipPrompt: true, ...more });
const buildInto = async (dirLambdaSourceBuild: string, more: Partial<BuildSourceOptions> = {}) => buildSourceArtifactsUsingPip(options({ dirLambdaSourceBuild, ...more }));

beforeAll(async () => {
  project = tinyProject();
  earlier = path.join(temporaryFolder(), 'earlier');
  await buildInto(earlier);
});

function copyOf(folder: string, more: Readonly<Record<string, string>> = {}): string {
  const copy = path.join(temporaryFolder(), 'build');
  fs.cpSync(folder, copy, { recursive: true });
  return writeFiles(copy, more);
}

const FILES = ['METADATA', 'RECORD', 'WHEEL'].map((name) => `tiny-1.0.dist-info/${name}`).concat('tiny/lambda_function.py');

describe('a folder is replaced', () => {
  test('that is not there, with its parents', async () => {
    const folder = path.join(temporaryFolder(), 'a', 'b');
    await buildInto(folder);
    expect([listFolder(folder), fs.readdirSync(path.dirname(folder))]).toEqual([FILES, ['b']]);
  });

  test('that is empty, without a question', async () => {
    const folder = temporaryFolder();
    await buildInto(folder, { skipPrompt: false });
    expect(listFolder(folder)).toEqual(FILES);
  });

  test('that is an earlier build, tried out and half deleted', async () => {
    const folder = copyOf(earlier, { 'tiny/__pycache__/lambda_function.cpython-311.pyc': '' });
    fs.rmSync(path.join(folder, 'tiny', 'lambda_function.py'));
    await buildInto(folder);
    expect(listFolder(folder)).toEqual(FILES);
    expect(digestFolder(folder)).toBe(digestFolder(earlier));
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['a stale module', { 'tiny/old.py': 'x = 1\n' }],
    ['bytecode, in a package and beside one', { 'tiny/old.pyc': '', 'tiny/deep/__pycache__/a.cpython-311.pyc': '', '__pycache__/b.cpython-311.pyc': '' }],
    ['a file of data, and a folder', { 'tiny/notes.txt': 'mine', 'tiny/deep/data.json': '{}' }],
  ])('that is an earlier build, with %s put into it since', async (_, more) => {
    const folder = copyOf(earlier, more);
    await buildInto(folder);
    expect(listFolder(folder)).toEqual(FILES);
  });

  test('that a link leads to: the link stays', async () => {
    const [folder, link] = [copyOf(earlier), path.join(temporaryFolder(), 'link')];
    fs.symlinkSync(folder, link);
    await buildInto(link);
    expect([fs.lstatSync(link).isSymbolicLink(), listFolder(folder)]).toEqual([true, FILES]);
  });

  test('and what a killed run left beside it goes, when it is old', async () => {
    const folder = copyOf(earlier);
    const [old, young] = ['0123456789ab', 'ba9876543210'].map((id) => path.join(path.dirname(folder), `.build.pip-source-artifact-${id}`));
    for (const remains of [old, young]) fs.mkdirSync(remains);
    fs.utimesSync(old, 0, 0);
    await buildInto(folder);
    expect(fs.readdirSync(path.dirname(folder)).sort()).toEqual([path.basename(young), 'build']);
  });
});

describe('a folder is not cleaned', () => {
  const ADVICE = 'choose a folder that is empty, not there yet, or an earlier build, such as build/lambda/source/build; or delete it yourself';

  async function refusal(folder: string, more: Partial<BuildSourceOptions> = {}): Promise<string> {
    const before = fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() && folder.startsWith(inject('temporary')) ? digestFolder(folder) : undefined;
    const error: Error = await buildInto(folder, more).then(() => new Error('was built'), (reason) => reason);
    if (before !== undefined) expect(digestFolder(folder)).toBe(before);
    return error.message;
  }

  test.each([
    ['the root', () => '/', 'project'],
    ['the home folder', () => os.homedir(), 'home folder'],
    ['one that holds the home folder', () => path.dirname(os.homedir()), 'home folder'],
    ['the current folder', () => process.cwd(), 'current folder'],
    ['one that holds the current folder', () => path.dirname(process.cwd()), 'current folder'],
    ['the project', () => project, 'project'],
    ['one that holds the project', () => path.dirname(project), 'project'],
  ])('%s', async (_, folder, what) => {
    expect(await refusal(folder())).toMatch(new RegExp(`^buildSourceArtifactsUsingPip: dirLambdaSourceBuild is the (${what}|project), or holds it: it will not be cleaned, got ".*"; ${ADVICE} \\[build-folder-precious\\]$`));
  });

  test('the project by a link to it', async () => {
    const link = path.join(temporaryFolder(), 'link');
    fs.symlinkSync(project, link);
    expect(await refusal(link)).toContain('is the project, or holds it');
  });

  test.each<[string, () => string, string]>([
    ['that holds anything else', () => writeFiles(temporaryFolder(), { 'notes.txt': 'mine' }), 'notes.txt'],
    ['of the project\'s sources', () => path.join(project, 'tiny'), 'lambda_function.py'],
    ['with an earlier build and a file of the user\'s', () => copyOf(earlier, { 'notes.txt': 'mine' }), 'notes.txt'],
    ['with an earlier build and a folder of the user\'s', () => copyOf(earlier, { 'notes/today.txt': 'mine' }), 'notes/today.txt'],
    ['with an earlier build and a file in its metadata', () => copyOf(earlier, { 'tiny-1.0.dist-info/notes.txt': 'mine' }), 'tiny-1.0.dist-info/notes.txt'],
    ['with a package of the build\'s name, and no record of it', () => {
      const folder = copyOf(earlier, { 'tiny/notes.txt': 'mine' });
      fs.rmSync(path.join(folder, 'tiny-1.0.dist-info', 'RECORD'));
      return folder;
    }, 'tiny-1.0.dist-info/METADATA'],
    ['with an earlier build and source.zip', () => copyOf(earlier, { 'source.zip': 'PK' }), 'source.zip'],
    ['that pip made, with all that pip leaves', () => copyOf(earlier, { 'tiny-1.0.dist-info/INSTALLER': 'pip\n' }), 'tiny-1.0.dist-info/INSTALLER'],
    ['that is an unpacked wheel', () => copyOf(earlier, { 'tiny-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: backend 1\n' }), 'tiny-1.0.dist-info/WHEEL'],
    ['with two projects', () => copyOf(earlier, { 'other-1.dist-info/METADATA': 'Name: other\n' }), 'other-1.dist-info/METADATA'],
  ])('%s', async (_, make, stranger) => {
    const folder = make();
    expect(await refusal(folder)).toBe(`buildSourceArtifactsUsingPip: dirLambdaSourceBuild holds what no build of ours put there (${stranger}): it will not be cleaned, got ${JSON.stringify(folder)}; ${ADVICE} [build-folder-not-ours]`);
  });

  test('with a link in it', async () => {
    const folder = copyOf(earlier);
    fs.symlinkSync(project, path.join(folder, 'link'));
    expect(await refusal(folder)).toContain('put there (link)');
  });

  test('a file', async () => {
    const file = path.join(temporaryFolder(), 'file');
    fs.writeFileSync(file, 'mine');
    expect(await refusal(file)).toContain('dirLambdaSourceBuild is a file');
    expect(fs.readFileSync(file, 'utf8')).toBe('mine');
  });

  test('without a question, where there is no terminal', async () => {
    const folder = copyOf(earlier);
    expect(await refusal(folder, { skipPrompt: false })).toBe(
      `buildSourceArtifactsUsingPip: dirLambdaSourceBuild holds an earlier build, and there is no terminal to ask whether it may be cleaned, got ${JSON.stringify(folder)}; clean it without asking with skipPrompt [build-folder-unconfirmed]`,
    );
  });

  test('when the new build fails', async () => {
    const [broken, folder] = [tinyProject({ code: 'x = 1\n' }), copyOf(earlier)];
    expect(await refusal(folder, { pathSetupPyOrPyprojectToml: path.join(broken, 'pyproject.toml') })).toContain('the entry point is missing');
  });

  test('in a dry run', async () => {
    const folder = copyOf(earlier);
    const { dirLambdaSourceBuild } = await buildInto(folder, { dryRun: true, pathSetupPyOrPyprojectToml: path.join(tinyProject({ version: '2.0' }), 'pyproject.toml') });
    expect([dirLambdaSourceBuild, listFolder(folder)]).toEqual([folder, FILES]);
    const absent = path.join(temporaryFolder(), 'a', 'b');
    await buildInto(absent, { dryRun: true });
    expect(fs.existsSync(path.dirname(absent))).toBe(false);
  });
});

test('a folder in the project does not go into the next build', async () => {
  const own = tinyProject();
  const more = { pathSetupPyOrPyprojectToml: path.join(own, 'pyproject.toml') };
  const first = await buildInto(path.join(own, 'tiny', '[out] #1'), more);
  expect(await buildInto(path.join(own, 'tiny', '[out] #1'), more)).toEqual(first);
});

test('a package that is called build is built, without the working files in it', async () => {
  const own = writeFiles(tinyProject(), { 'build/__init__.py': '' });
  const inBackend = path.join(own, 'backend.py');
  fs.writeFileSync(inBackend, fs.readFileSync(inBackend, 'utf8').replace('os.walk("tiny")', 'list(os.walk("tiny")) + list(os.walk("build"))'));
  const request = options({ pathSetupPyOrPyprojectToml: path.join(own, 'pyproject.toml') });
  const first = await buildSourceArtifactsUsingPip(request);
  expect(listFolder(first.dirLambdaSourceBuild)).toEqual(['build/__init__.py', ...FILES]);
  expect(await buildSourceArtifactsUsingPip(request)).toEqual(first);
});

test('modes follow the umask of the user, executable files stay so', async () => {
  const own = tinyProject({ files: { 'run.sh': '#!/bin/sh\n' } });
  fs.chmodSync(path.join(own, 'tiny', 'run.sh'), 0o755);
  const { dirLambdaSourceBuild } = await buildInto(path.join(temporaryFolder(), 'b'), { pathSetupPyOrPyprojectToml: path.join(own, 'pyproject.toml') });
  const modes = execFileSync('stat', ['-c', '%a', dirLambdaSourceBuild, path.join(dirLambdaSourceBuild, 'tiny', 'run.sh'), path.join(dirLambdaSourceBuild, 'tiny', 'lambda_function.py')], { encoding: 'utf8' });
  expect(modes.trim().split('\n')).toEqual(['755', '755', '644']);
});
