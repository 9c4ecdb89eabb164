import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { sha256, type TreeFile } from '../../lib/core/base/tree';
import { build } from '../../lib/core/build/build';
import { readTarget } from '../../lib/core/build/installed-tree';
import { buildEnvironment } from '../../lib/core/installer/variables';
import { readProject } from '../../lib/core/project/project';
import { temporaryFolder } from '../setup/projects';

const run = promisify(execFile);

/** Source distributions of the package index, by the backend that builds them. Each has Python files alone, and admits Python 3.10. */
const SDISTS: Readonly<Record<string, readonly string[]>> = {
  'setuptools': [
    'requests==2.32.3', 'six==1.17.0', 's3transfer==0.11.2', 'boto3==1.36.0', 'jmespath==1.0.1', 'certifi==2024.12.14', 'pytz==2024.2', 'h11==0.14.0',
    'Django==5.1.5', 'pip==24.3.1', 'docker==7.1.0', 'PyJWT==2.10.1', 'gunicorn==23.0.0',
  ],
  'setuptools with setuptools-scm': ['python-dateutil==2.9.0.post0', 'anyio==4.8.0', 'pytest==8.3.4', 'zipp==3.21.0', 'importlib_metadata==8.5.0'],
  'setuptools by itself': ['setuptools==75.8.0'],
  'setuptools-scm by itself': ['setuptools-scm==8.1.0'],
  'flit-core': [
    'flask==3.1.0', 'click==8.1.8', 'Werkzeug==3.1.3', 'Jinja2==3.1.5', 'itsdangerous==2.2.0', 'packaging==24.2', 'typing_extensions==4.12.2', 'idna==3.10',
    'wheel==0.45.1', 'more-itertools==10.6.0', 'arrow==1.3.0',
  ],
  'flit-core by itself': ['flit_core==3.10.1'],
  'hatchling': ['httpx==0.28.1', 'starlette==0.45.2', 'Pygments==2.19.1', 'soupsieve==2.6', 'sqlparse==0.5.3'],
  'hatchling with hatch-vcs or hatch-fancy-pypi-readme': ['attrs==24.3.0', 'urllib3==2.3.0', 'platformdirs==4.3.6', 'jsonschema==4.23.0', 'pydantic==2.10.5', 'httpcore==1.0.7'],
  'hatchling by itself': ['hatchling==1.27.0'],
  'poetry-core': ['rich==13.9.4', 'tomlkit==0.13.2', 'aws_lambda_powertools==3.4.1', 'isort==5.13.2'],
  'poetry-core by itself': ['poetry-core==2.0.1'],
  'pdm-backend': ['fastapi==0.115.6', 'typer==0.15.1'],
  'pdm-backend by itself': ['pdm-backend==2.4.3'],
  'uv_build': ['dj-database-url==3.0.1'],
};
const BACKENDS = ['setuptools', 'setuptools-scm', 'wheel', 'flit-core', 'hatchling', 'hatch-vcs', 'hatch-fancy-pypi-readme', 'poetry-core', 'pdm-backend', 'uv_build'];

const { developer } = inject('machine');
let downloader: string;
let environments: string;
beforeAll(async () => {
  const folder = path.join(temporaryFolder(), 'downloader');
  environments = temporaryFolder();
  downloader = path.join(folder, 'bin', 'python');
  await run(developer.file, ['-m', 'venv', folder]);
  await run(downloader, ['-m', 'pip', 'install', '--quiet', ...BACKENDS]);
});

describe.each(Object.entries(SDISTS))('by %s', (_, requirements) => {
  test.concurrent.each(requirements)('%s is what pip installs', async (requirement) => {
    const archive = await download(requirement);
    const folder = temporaryFolder();
    await run('tar', ['-xzf', archive, '-C', folder]);
    const entry = path.join(folder, fs.readdirSync(folder)[0]);

    const [{ tree }, byPip] = await Promise.all([build(readProject(entry), { entry, python: developer.file }, { environments }), installByPip(archive)]);
    expect(contents(tree.files)).toEqual(contents(byPip.flatMap(normalised)));
    const written = (files: readonly TreeFile[]) => linesOf(files, 'RECORD').filter((line) => !/^(\.\.\/|bin\/)|\.dist-info\/|__pycache__/.test(line)).sort();
    expect(written(tree.files), 'RECORD').toEqual(written(byPip));
  }, 900_000); // several are built at once
});

/** The source distribution's file. pip asks the backend for the metadata even here, so the backends are there already. */
async function download(requirement: string): Promise<string> {
  const folder = temporaryFolder();
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--no-build-isolation', '--dest', folder, requirement];
  await run(downloader, args).catch(() => run(downloader, args.filter((arg) => arg !== '--no-build-isolation')));
  return path.join(folder, fs.readdirSync(folder)[0]);
}

async function installByPip(archive: string): Promise<TreeFile[]> {
  const target = temporaryFolder();
  const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--target', target, archive];
  await run(developer.file, args, { cwd: target, env: buildEnvironment(process.env, {}) });
  return readTarget(target);
}

/**
 * What normalisation is to make of a file of pip's, in words of the test's own: scripts start with this machine's Python, pip notes the
 * run, and RECORD lists both.
 */
function normalised(file: TreeFile): TreeFile[] {
  if (/^bin\/|^[^/]+\.dist-info\/(INSTALLER|REQUESTED|direct_url\.json|RECORD)$/.test(file.path)) return [];
  if (!/^[^/]+\.dist-info\/WHEEL$/.test(file.path)) return [file];
  return [{ ...file, content: Buffer.from(`${file.content.toString().replace(/^(Generator: \S+).*$/m, '$1').trimEnd()}\n`) }];
}

function contents(files: readonly TreeFile[]): Record<string, string> {
  const told = files.filter((file) => !/^[^/]+\.dist-info\/RECORD$/.test(file.path));
  return Object.fromEntries(told.map((file) => [file.path, `${file.executable ? 'x' : '-'} ${sha256(file.content)}`]));
}

function linesOf(files: readonly TreeFile[], name: string): string[] {
  const file = files.find((item) => new RegExp(`^[^/]+\\.dist-info/${name}$`).test(item.path));
  return file!.content.toString().split(/\r?\n/).filter(Boolean);
}
