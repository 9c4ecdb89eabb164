import * as path from 'node:path';
import type { BuilderQuestion, BuilderAnswer } from './builder-protocol';

/** The bundle of lib/core/builder/main.ts, with the asynchronous libraries inside. */
const BUILDER = path.join(__dirname, '..', '..', 'bundled', 'builder', 'index.mjs');
const MAX_ANSWER_SIZE = 64 * 1024 * 1024; // bytes

/** Start the builder process, wait for it, and return its answers in the order of the tasks. Its progress goes to the user's terminal. */
export function askBuilder(question: BuilderQuestion): BuilderAnswer[] {
  const { spawnSync } = process.getBuiltinModule('node:child_process'); // loaded here, because most apps have nothing to build
  const { NODE_OPTIONS: _, ...env } = process.env; // a loader or an inspector of the app is not for the builder
  const { stdout, status, signal, error } = spawnSync(process.execPath, [BUILDER], {
    env,
    input: JSON.stringify(question),
    stdio: ['pipe', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: MAX_ANSWER_SIZE,
  });
  if (error) throw error;
  if (!stdout) throw new Error(`the builder process ended early (${signal ?? `exit code ${status}`})`);
  return JSON.parse(stdout);
}
