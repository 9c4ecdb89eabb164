import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The environment that leads the AWS SDK to ministack. */
    readonly ministack: Record<string, string>;
    /** A folder that is gone after the run. */
    readonly temporary: string;
    /** The files that the bundles are made of, as esbuild lists them. */
    readonly bundledFiles: readonly string[];
    /** A virtual environment with pip alone; its Python is `python3` of the PATH. */
    readonly venv: string;
  }
}

/** One ministack, one temporary folder and one empty artifact cache for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { startMinistack } = await import('../../.scripts/ministack.mjs');
  const temporary = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'pip-source-artifact-test-'));
  project.provide('temporary', temporary);
  process.env.PIP_SOURCE_ARTIFACT_CACHE_DIR = path.join(temporary, 'cache');
  // the outcome must not depend on who runs the tests
  for (const name of Object.keys(process.env)) if (/^(VIRTUAL_ENV|SETUPTOOLS_|PIP_TARGET|PIP_SOURCE_ARTIFACT_NO_CACHE|AWS_)/.test(name)) delete process.env[name];
  const { env, stop } = await startMinistack({ log: console.error });
  project.provide('ministack', env);
  const venv = path.join(temporary, 'venv');
  makeVenv(venv);
  project.provide('venv', venv);
  process.env.PATH = [path.join(venv, 'bin'), process.env.PATH].join(path.delimiter);
  return async () => {
    await stop();
    fs.rmSync(temporary, { recursive: true, force: true });
  };
}

/** As `python -m venv` makes it, but for a copy of pip, which takes seconds. Its Python starts sooner than one behind a shim, or with much installed. */
function makeVenv(folder: string): void {
  execFileSync('python3', ['-m', 'venv', '--without-pip', folder]);
  const ask = (python: string, code: string) => execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim();
  const pip = ask('python3', 'import os, pip; print(os.path.dirname(pip.__file__))');
  const site = ask(path.join(folder, 'bin', 'python'), 'import sysconfig; print(sysconfig.get_path("purelib"))');
  fs.symlinkSync(pip, path.join(site, 'pip'), 'dir');
  fs.writeFileSync(path.join(folder, 'bin', 'pip'), '#!/bin/sh\nexec "$(dirname "$0")/python" -m pip "$@"\n', { mode: 0o755 });
}
