import { execa } from 'execa';
import { type FailedProcess } from '../base/error';
import { redact } from '../base/redact';

/** A command as data: argv, never a shell line. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** What messages have for the arguments. */
  readonly shown?: readonly string[];
  readonly cwd?: string;
  /** The whole environment; the caller's own is not added. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** A command could not be started, was killed, or exited with another code than 0. */
export class CommandFailure extends Error {
  constructor(readonly process: FailedProcess, options?: ErrorOptions) {
    super(`${process.command} failed`, options);
    this.name = 'CommandFailure';
  }
}

const LAST_LINES = 30;

/**
 * Run a command to its end and return its standard output. This is the only place that starts other programs. Their output is
 * never written to the app's own: `cdk synth > template.yaml` must stay a template.
 *
 * @throws CommandFailure
 */
export async function runCommand(command: Command): Promise<string> {
  return (await run(command)).stdout;
}

/** As `runCommand`, but return both outputs: warnings are written to standard error. */
export async function runForAll(command: Command): Promise<string> {
  return (await run(command)).all;
}

async function run(command: Command): Promise<{ readonly stdout: string; readonly all: string }> {
  const { file, args, shown = args, cwd, env, input, signal } = command;
  const result = await execa(file, args, {
    cwd,
    env,
    extendEnv: env === undefined,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    cancelSignal: signal,
    all: true,
    reject: false,
    stripFinalNewline: true,
  });
  signal?.throwIfAborted();
  if (!result.failed) return result;
  const output = result.all || (result.cause as Error | undefined)?.message || result.shortMessage || '';
  throw new CommandFailure({
    command: redact([file, ...shown].map(displayArgument).join(' ')),
    exitCode: result.exitCode,
    output: redact(output.split('\n').slice(-LAST_LINES).join('\n')),
  }, { cause: result.cause });
}

/** Quote an argument as a POSIX shell expects it. Only for messages: no shell is started. */
function displayArgument(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
