import * as path from 'node:path';
import type { BuilderQuestion, BuilderAnswer } from './builder-protocol';

/** Made by esbuild from artifact-process.ts, with the asynchronous libraries inside. */
const BUILDER = path.join(__dirname, '..', '..', 'bundled', 'builder', 'index.mjs');

export function askBuilder(question: BuilderQuestion): BuilderAnswer[] {
  const { spawnSync } = process.getBuiltinModule('node:child_process'); // an app in which nothing is built starts without it
  const { NODE_OPTIONS: _, ...env } = process.env; // a loader or an inspector of the app is not for the builder
  const { stdout, status, signal, error } = spawnSync(process.execPath, [BUILDER], {
    env, input: JSON.stringify(question), stdio: ['pipe', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (!stdout) throw new Error(`the builder process ended early (${signal ?? `exit code ${status}`})`);
  return JSON.parse(stdout);
}
