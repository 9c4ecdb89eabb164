#!/usr/bin/env node
import { constants } from 'node:os';
import { runCommandLine } from './command-line';

/** Run the command in this process: read its arguments and set its exit code. */
async function main(): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    const exitCode = 128 + constants.signals[signal]; // as a shell has it
    if (interruption.signal.aborted) process.exit(exitCode); // the second signal
    interruption.abort(Object.assign(new Error(`interrupted by ${signal}`), { exitCode }));
  };
  // `on` and not `once`: at a signal that nobody else listens to, execa ends the process before temporary files are removed
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt('SIGPIPE')); // as by head
  const { stdout, stderr } = process;
  process.exitCode = await runCommandLine(process.argv.slice(2), { stdout, stderr, signal: interruption.signal });
}

void main();

export {}; // else esbuild takes it for CommonJS, and leaves nothing out of what it imports
