#!/usr/bin/env node
import { constants } from 'node:os';
import { runCommandLine } from './command-line';

/** The process of the command: from arguments to an exit code. */
async function main(): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    const exitCode = 128 + constants.signals[signal]; // as a shell has it
    if (interruption.signal.aborted) process.exit(exitCode); // asked twice
    interruption.abort(Object.assign(new Error(`interrupted by ${signal}`), { exitCode }));
  };
  // `on` and not `once`: execa ends the process at a signal that nobody else listens to, before temporary files are gone
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt('SIGPIPE')); // head has enough
  process.exitCode = await runCommandLine(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, signal: interruption.signal });
}

void main();
