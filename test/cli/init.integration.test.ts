import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { command } from './command';
import { compileLibrary } from '../setup/compiled';
import { digestFolder, git, gitInit, newCache, temporaryFolder, writeFiles } from '../setup/projects';

const env = { PIP_SOURCE_ARTIFACT_CACHE_DIR: newCache() };
const handler = (name = 'lambda_handler') => `def ${name}(event, context):\n    return 1\n`;

function folder(files: Readonly<Record<string, string>>, name = 'greeter'): string {
  return writeFiles(path.join(temporaryFolder(), name), files);
}

async function json(...args: string[]): Promise<any> {
  const { exitCode, stdout, stderr } = await command([...args, '--json'], { env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('a folder with modules, a package, data and requirements becomes a project that builds with all of it', async () => {
  const project = folder({ 'lambda_function.py': `import utils\n${handler()}`, 'utils.py': 'X = 1\n', 'shared/__init__.py': '', 'config.json': '{}', 'requirements.txt': 'six==1.16.0\n' });
  const { exitCode, stdout, stderr } = await command(['init', project], { env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(/^handler +lambda_function\.lambda_handler$/m);
  expect(stdout).toContain('npx cdk-pip-source-artifact layer');

  const built = await json('build', project);
  expect(built).toMatchObject({ name: 'greeter', sourceVersion: '0.1.0', handlers: ['lambda_function.lambda_handler'], unpackagedFiles: [] });
  for (const name of ['lambda_function.py', 'utils.py', 'shared/__init__.py', 'config.json']) expect(fs.existsSync(path.join(built.dirLambdaSourceBuild, name)), name).toBe(true);
  expect(fs.readFileSync(path.join(built.dirLambdaSourceBuild, 'greeter-0.1.0.dist-info', 'METADATA'), 'utf8')).toContain('Requires-Dist: six==1.16.0');
});

// of the test projects of SAM, Serverless, terraform-aws-lambda and others
test.each<[string, Record<string, string>, readonly string[]]>([
  ['index.lambda_handler, with a constant', { 'index.py': `A = 1\n${handler()}`, 'requirements.txt': 'colorful\n' }, ['index.lambda_handler']],
  ['handler.hello, of serverless.yml', { 'handler.py': `${handler('hello')}${handler('other')}`, 'serverless.yml': 'provider: {runtime: python3.12}\nfunctions:\n  hello: {handler: handler.hello}\n', 'fn2/__init__.py': '', 'vendor/x.py': '' }, ['handler.hello']],
  ['main.handler of two modules', { 'main.py': handler('handler'), 'helper.py': 'def load(event, context): ...\n' }, ['main.handler']],
  ['src.fnone.main.handler', { 'src/__init__.py': '', 'src/fnone/__init__.py': '', 'src/fnone/main.py': `from src.lib import x\n${handler('handler')}`, 'src/lib.py': 'x = 1\n' }, ['src.fnone.main.handler']],
  ['src as a root', { 'src/app/__init__.py': '', 'src/app/main.py': handler('handle_event'), 'src/app/data.json': '{}' }, ['app.main.handle_event']],
  ['several', { 'functions/api.py': handler('get'), 'functions/jobs.py': handler('run') }, ['functions.api.get', 'functions.jobs.run']],
  ['app.run, where the file has chosen setuptools', { 'app.py': `import util\n${handler('run')}`, 'util.py': '', 'shared/__init__.py': '', 'pyproject.toml': '[build-system]\nrequires = ["setuptools"]\n' }, ['app.run']],
  ['none', { 'library.py': 'X = 1\n' }, []],
])('%s', async (_, files, handlers) => {
  const project = folder(files);
  const made = await json('init', project);
  expect(made).toMatchObject({ handlers, missingFiles: [] });
  if (handlers.length > 0) expect((await json('build', project, '--dry-run')).handlers).toEqual(handlers);
});

test('a template above the folder tells the handler, which is written down', async () => {
  const root = folder({
    'template.yaml': 'Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties: { CodeUri: hello_world/, Handler: app.second, Runtime: python3.12, Role: !GetAtt R.Arn }\n',
    'hello_world/app.py': `${handler('first')}${handler('second')}`,
  });
  gitInit(root, 'v1');
  const project = path.join(root, 'hello_world');
  expect(await json('init', project)).toMatchObject({ name: 'hello-world', handlers: ['app.second'] });
  expect(fs.readFileSync(path.join(project, 'pyproject.toml'), 'utf8')).toMatch(/\n\[tool\.pip-source-artifact\]\nhandler = "app\.second"\n$/);
  expect((await json('build', project, '--dry-run')).handlers).toEqual(['app.second']);
});

test('--dry-run prints the file, and writes nothing', async () => {
  const project = folder({ 'app.py': handler() });
  const before = digestFolder(project);
  const { exitCode, stdout } = await command(['init', project, '--dry-run', '--name', 'mine', '--source-version', '3.0', '--runtime', 'python3.11'], { env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\[build-system\]\n[^]*^name = "mine"\nversion = "3\.0"\nrequires-python = ">=3\.11"$[^]*^dry run: nothing was written\n$/m);
  expect(digestFolder(project)).toBe(before);
  expect((await json('init', project, '--dry-run')).handlers).toEqual(['app.lambda_handler']);
});

test('tables of tools stay byte for byte', async () => {
  const text = '# ours\r\n[tool.black]\r\nline-length = 79';
  const project = folder({ 'app.py': handler(), 'pyproject.toml': text });
  await json('init', project);
  expect(fs.readFileSync(path.join(project, 'pyproject.toml'), 'utf8')).toMatch(/^# ours\r\n\[tool\.black\]\r\nline-length = 79\n\n\[build-system\]\n/);
  await json('build', project, '--dry-run');
});

test.each<[string, Record<string, string>, number, RegExp]>([
  ['a project', { 'app.py': '', 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n' }, 2, /^pip-source-artifact init: the folder is a project already: it has a pyproject\.toml, got .* \[project-file-present\]$/m],
  ['a project of Poetry', { 'app.py': '', 'pyproject.toml': '[tool.poetry]\nname = "x"\n' }, 2, /\[project-file-present\]/],
  ['setup.py', { 'app.py': '', 'setup.py': '' }, 2, /it has a setup\.py/],
  ['a broken file', { 'app.py': '', 'pyproject.toml': '[tool.black\n' }, 2, /\[toml-invalid\]/],
  ['nothing', { 'README.md': '' }, 2, /^pip-source-artifact init: the folder has no files for an artifact, .*\[project-code-missing\]$/m],
])('fails and writes nothing: %s', async (_, files, code, message) => {
  const project = folder(files);
  const before = digestFolder(project);
  const { exitCode, stderr } = await command(['init', project], { env });
  expect(exitCode).toBe(code);
  expect(stderr).toMatch(message);
  expect(digestFolder(project)).toBe(before);
});

test('fails: no such folder, a version that is none', async () => {
  expect(await command(['init', '/nowhere'], { env })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('[entry-missing]') });
  expect(await command(['init', folder({ 'app.py': '' }), '--source-version', 'x y'], { env })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('[version-invalid]') });
});

test('what does not build is told, and the file stays', async () => {
  const project = folder({ 'app.py': handler() });
  const { exitCode, stderr } = await command(['init', project, '--no-cache', '--env', 'PIP_NO_INDEX=1'], { env });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('hint: pyproject.toml is written all the same');
  expect(fs.existsSync(path.join(project, 'pyproject.toml'))).toBe(true);
});

test('files that git ignores below a folder are named', async () => {
  const project = folder({ 'app.py': handler(), 'data/a.json': '{}', 'data/b.secret': '', '.gitignore': '*.secret\n' });
  gitInit(project, 'v1');
  expect(git(project, 'status', '--short', '--ignored')).toContain('b.secret');
  expect(await json('init', project)).toMatchObject({ files: ['app.py', 'data'], missingFiles: ['data/b.secret'] });
});

test('data that the backend leaves out is named by build', async () => {
  const project = folder({ 'lambda_function.py': handler(), 'config.json': '{}', 'mail/a.html': '<p>', 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npy-modules = ["lambda_function"]\n' });
  const { exitCode, stdout } = await command(['build', project, '--dry-run'], { env });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^not packaged +config\.json, mail\/ \(by the build backend\)$/m);
});

test('data that the backend leaves out is named once in an app, in the line that tells of the build', async () => {
  const project = folder({ 'lambda_function.py': handler(), 'config.json': '{}', 'mail/a.html': '<p>', 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n[tool.setuptools]\npy-modules = ["lambda_function"]\n' });
  const library = await compileLibrary();
  const synth = async () => (await promisify(execFile)(process.execPath, [path.join(__dirname, '..', 'setup', 'app.mjs'), library, project], { env: { ...process.env, ...env } })).stderr;
  expect(await synth()).toMatch(/^Stack\/Source0: built x in [\d.]+ s.*, without config\.json, mail\/, which the build backend does not package$/m);
  expect(await synth()).toBe('');
});

test('modules that the backend leaves out are named where no handler is found', async () => {
  const project = folder({ 'index.py': handler(), 'shared/__init__.py': '', 'shared/a.py': 'X = 1\n', 'pyproject.toml': '[project]\nname = "x"\nversion = "1"\n' });
  const { exitCode, stderr } = await command(['build', project], { env });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/\n\nhint: the build backend does not package index\.py: tell it to\n\n\[entry-point-missing\]$/m);
});

test('[tool.pip-source-artifact] of pyproject.toml serves for options, which go before', async () => {
  const files = { 'app.py': `${handler('one')}${handler('two')}`, 'note.txt': 'x', 'data.json': '{}' };
  const project = folder(files);
  await json('init', project);
  fs.appendFileSync(path.join(project, 'pyproject.toml'), '\n[tool.pip-source-artifact]\nhandler = "app.two"\nexclude = ["note.txt"]\n');
  const built = await json('build', project);
  expect(built.handlers).toEqual(['app.two']);
  expect(fs.existsSync(path.join(built.dirLambdaSourceBuild, 'note.txt'))).toBe(false);
  const given = await json('build', project, '--yes', '--handler', 'app.one', '--exclude', 'data.json');
  expect(given.handlers).toEqual(['app.one']);
  expect(fs.readdirSync(given.dirLambdaSourceBuild)).toEqual(expect.arrayContaining(['note.txt', 'app.py']));
  expect(fs.existsSync(path.join(given.dirLambdaSourceBuild, 'data.json'))).toBe(false);

  fs.appendFileSync(path.join(project, 'pyproject.toml'), 'handlr = "app.two"\n');
  expect(await command(['build', project], { env })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/got "handlr".*\n\nhint: did you mean handler\n\n\[project-option-unknown\]/) });
});
