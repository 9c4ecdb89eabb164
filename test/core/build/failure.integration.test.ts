import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ArtifactError } from '../../../lib/core/base/error';
import { makeArtifact } from '../../../lib/core/build/make-artifact';
import { ArtifactCache } from '../../../lib/core/cache/cache';
import { findInstaller } from '../../../lib/core/installer/find';
import type { ArtifactRequest } from '../../../lib/core/plan/source-request';
import { readProject } from '../../../lib/core/project/project';
import { tinyProject } from '../../pipeline/projects';
import { copyFixture, digestFolder, newCache, temporaryFolder } from '../../setup/projects';

/** Build what cannot be built: the error, after it is sure that nothing is left behind. */
async function failureOf(entry: string, options: Omit<ArtifactRequest, 'entry'> = {}): Promise<ArtifactError> {
  const before = digestFolder(entry);
  const cache = newCache();
  const error = await makeArtifact(readProject(entry), { entry, ...options }, new ArtifactCache(cache)).then(() => undefined, (reason) => reason);
  expect(error).toBeInstanceOf(ArtifactError);
  expect(digestFolder(entry), 'the user\'s tree is byte for byte as before').toBe(before);
  expect(fs.existsSync(path.join(cache, 'artifacts')), 'nothing is in the cache').toBe(false);
  return error as ArtifactError;
}

/** A virtual environment without pip. */
function bareEnvironment(): string {
  const venv = path.join(temporaryFolder(), 'venv');
  execFileSync('python3', ['-m', 'venv', '--without-pip', venv]);
  return venv;
}

/** With what differs from machine to machine replaced. */
const normalised = ({ message }: Error) => message.replaceAll(/\/\S*\/python3?(?=[\s'])/g, '<python>').replaceAll(/\/\S*?\/pip-source-artifact-[\w-]+/g, '<temporary>');

test.each(['--target=x', '-t', '-tx', '--prefix', '--root=/', '--user', '--dry-run', '-e.'])('%s in pipArgs is not for it to say', async (argument) => {
  expect((await failureOf(copyFixture('flit'), { pipArgs: ['--global-option', '--user', argument] })).message).toBe(
    `an argument of pip or uv is for another installation, got "${argument}"; leave it out: what is installed, and where, is not for pipArgs to say [pip-args-foreign]`,
  );
});

describe.concurrent('what pip cannot install', () => {
  test('a setup.py that fails: its last lines', async () => {
    const message = normalised(await failureOf(copyFixture('bad-setup-py')));
    expect(message).toMatch(/^pip could not install the project, got \"RuntimeError: ACME_BUILD_NUMBER is not set\"; correct what its output names\n\n\$ <python> -m pip install <temporary>\/project --no-deps --no-compile --target <temporary>\/target\n\(exit code 1\)\n/);
    expect(message).toMatch(/RuntimeError: .+/);
    expect(message).toMatch(/\n\nhint: the same error comes from: python -m pip install --no-deps --target \/tmp\/check \.\n\n\[install-failed\]$/);
  });

  test('a build backend that is not in the requirements', async () => {
    const message = normalised(await failureOf(copyFixture('unknown-backend')));
    expect(message).toMatch(/^pip could not install the project(, got \".*\")?; add what the build imports to \[build-system\]\.requires\n\n/);
    expect(message).toMatch(/\n\nhint: the build runs in an environment of its own that holds only \[build-system\]\.requires; check build-backend for a misspelling too\n\n\[backend-import\]$/);
  });

  test('an index out of reach: without the password', async () => {
    const message = normalised(await failureOf(copyFixture('setuptools-flat'), {
      environment: { PIP_INDEX_URL: 'http://user:s3cret@127.0.0.1:1/simple', PIP_FIND_LINKS: '', PIP_NO_CACHE_DIR: '1', PIP_RETRIES: '1' },
      pipArgs: ['--extra-index-url', 'http://t0ken@127.0.0.1:1/simple'],
    }));
    expect(message).toMatch(/^pip could not install the project; make the package index reachable\n\n\$ .* --extra-index-url http:\/\/\*\*\*\*@127\.0\.0\.1:1\/simple\n/);
    expect(message).toContain('hint: an isolated build takes its build backend from the index: check the network and PIP_INDEX_URL');
    expect(message).not.toMatch(/s3cret|t0ken/);
  });

  test('a project that wants a newer Python', async () => {
    expect(normalised(await failureOf(tinyProject({ metadata: 'Requires-Python: >=4.7\\n' })))).toMatch(/^the project requires Python >=4.7, got "3\.\d+\.\d+ \(.*\)"; set python to an interpreter that fits, of which that of the Lambda runtime is best, or set pipArgs: \["--ignore-requires-python"\]\n[^]*requires a different Python/);
  });

  test('requirements in pipArgs', async () => {
    const other = tinyProject({ name: 'other' });
    expect((await failureOf(tinyProject(), { pipArgs: [other] })).message).toBe(
      'more than the project was installed, got ["other-1.0","tiny-1.0"]; take requirements out of pipArgs: dependencies belong in a layer [more-installed]',
    );
  });
});

describe.concurrent('what cannot run in Lambda', () => {
  test('a platform wheel', async () => {
    expect((await failureOf(copyFixture('platform-wheel'))).message).toMatch(
      /^the project builds for one platform only, that of this machine and not of Lambda, got \["cp\d+-cp\d+-\w+","platform_wheel_app\/_native\.so"\]; put native code into a package of its own, with wheels for Lambda, and require that in a layer; what is built from a folder is pure Python \[source-platform\]$/,
    );
  });

  test('an empty package', async () => {
    expect((await failureOf(copyFixture('empty-package'))).message).toBe(
      'the project installs no files besides its metadata, got "empty-package-app"; tell the build backend which packages to install\n\n'
      + 'hint: the package folder is missing, has another name than the project, or is not listed in the build backend\'s table of pyproject.toml\n\n[source-empty]',
    );
  });
});

test('two builds that differ: the files, and where the first of them does', async () => {
  const entry = tinyProject({ seen: '"AT = %d\\n" % time.time()' });
  expect((await failureOf(entry, { verifyReproducible: true })).message).toMatch(
    /^two builds of the project differ, got "changed tiny\/seen\.txt"; take time, folder, host and randomness out of its build\n\nhint: tiny\/seen\.txt, line 1: "AT = \d+", then "AT = \d+"\n\n\[not-reproducible\]$/,
  );
});

describe.concurrent('which Python', () => {
  test('uv is asked for and not there', async () => {
    const python = bareEnvironment();
    const error = await failureOf(copyFixture('setuptools-flat'), { installer: 'uv', python, environment: { PATH: '/nowhere' } });
    expect(error.message).toBe(`uv was not found; install it (pip install uv), or leave it to pip\n\nhint: tried python "${python}": uv is neither on the PATH nor beside it

[uv-not-found]`);
  });

  test('uv of an environment that is not active', async () => {
    const python = bareEnvironment();
    const uv = path.join(python, 'bin', 'uv');
    fs.writeFileSync(uv, '');
    for (const installer of ['uv', undefined] as const) {
      expect(await findInstaller({ entry: '', python, installer }, { PATH: '/nowhere' })).toMatchObject({ kind: 'uv', file: uv });
    }
  });

  test('one without pip', async () => {
    const entry = copyFixture('setuptools-flat');
    const hint = (await failureOf(entry, { python: bareEnvironment(), environment: { PATH: '/nowhere' } })).message.split('\n\nhint: ')[1];
    expect(hint).toMatch(/^tried python ".*\/venv": has no pip, and uv is neither on the PATH nor beside it\. /);
  });

  test('none: everything that was tried', async () => {
    const entry = copyFixture('setuptools-flat');
    const error = await failureOf(entry, { python: '/nowhere/python' });
    expect(error.message).toBe(
      'this Python cannot install the project, got "/nowhere/python"; set python to an interpreter that has pip, or make a virtual environment in the project\n\n'
      + 'hint: tried python "/nowhere/python": not found. python3 -m venv .venv makes one; python -m ensurepip adds pip to one; where uv is on the PATH it serves for pip\n\n[python-unfit]',
    );
  });

  test('one that does not start', async () => {
    const entry = copyFixture('setuptools-flat');
    const python = path.join(temporaryFolder(), 'python');
    fs.writeFileSync(python, '#!/bin/sh\necho "wrong libc" >&2\nexit 3\n', { mode: 0o755 });
    expect((await failureOf(entry, { python })).message).toContain(`tried python "${python}": does not start (wrong libc). `);
  });
});
