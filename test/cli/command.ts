import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';

/** The command as it is shipped. */
export const BUNDLE = path.join(__dirname, '..', '..', 'lib', 'bundled', 'cli', 'index.mjs');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** On top of the tests' environment, which leads to ministack; undefined takes one out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Start the command, in a process group of its own. */
export function startCommand(args: readonly string[], { cwd, env = {} }: CommandOptions = {}): ChildProcess {
  return spawn(process.execPath, [BUNDLE, ...args], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...inject('ministack'), ...env } });
}

/** Run the command to its end. */
export async function command(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const child = startCommand(args, options);
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout!), text(child.stderr!), exited]);
  return { exitCode, stdout, stderr };
}
