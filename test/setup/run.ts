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
  return async () => {
    await stop();
    fs.rmSync(temporary, { recursive: true, force: true });
  };
}
