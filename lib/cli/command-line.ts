import { Command, CommanderError } from 'commander';
import { addBuildCommand } from './commands/build';
import { addDiffCommand } from './commands/diff';
import { addDownloadCommand } from './commands/download';
import { addLayerCommands } from './commands/layer';
import { addListCommand } from './commands/list';
import { addPackageCommand } from './commands/package';
import { addInitCommand } from './commands/project/init';
import { addPromoteCommand } from './commands/promote';
import { addPruneCommand } from './commands/prune';
import { addReleaseCommand } from './commands/release';
import { addShowCommand } from './commands/show';
import { addUploadCommand } from './commands/upload';
import { addVerifyCommand } from './commands/verify';
import { EXIT_CODE_HELP, EXIT_CODES } from './exit-codes';
import { flagWords, type CommonOptions } from './options';
import type { Perform } from './perform';
import { Progress, type Terminal } from './terminal';
import { OUR_VERSION } from '../core/base/library-version';
import { ArtifactError, type TroubleCode } from '../pipeline/api';
import { CALLER, tell } from '../pipeline/run';
import type { Caller } from '../pipeline/words';

const NAME = 'pip-source-artifact';

const HELP = `
From a project to an object in S3, step by step:
  $ ${NAME} build                                    installs the project with pip into build/lambda/source/build
  $ ${NAME} package                                  makes build/lambda/source/source.zip of it
  $ ${NAME} upload --s3-dir s3://my-bucket/lambda/   publishes it as s3://my-bucket/lambda/source/<version>/source.zip
or all in one:
  $ ${NAME} release --s3-dir s3://my-bucket/lambda/
Whether a project builds to the same wherever and whenever it is built:
  $ ${NAME} verify --project .

One version is one content, for ever: the same content again changes nothing, other content is refused (exit code 4).
Results are written to standard output, progress and errors to standard error.

AWS credentials and region are found as by all tools of AWS (environment, profiles, SSO, roles); --profile and --region override.
AWS_ENDPOINT_URL leads to another S3.

${EXIT_CODE_HELP}
`;

/**
 * Run the command line.
 *
 * @param args without the interpreter and the script
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const perform: Perform = async (command, { run, text, exitCode: codeOf }) => {
    const { json = false, verbose = false, dryRun } = command.opts<CommonOptions>();
    const progress = new Progress(terminal, verbose, !json);
    const caller: Caller = { name: `${NAME} ${command.name()}`, words: flagWords };
    try {
      const options = { verbose: true, printer: progress.print, dryRun, signal: terminal.signal, [CALLER]: caller };
      const result = await run(options).finally(() => progress.end());
      const lines = json ? [JSON.stringify(result, null, 2)] : [text(result), ...dryRun ? ['dry run: nothing was written'] : []];
      terminal.stdout.write(`${lines.join('\n')}\n`);
      exitCode = codeOf?.(result) ?? EXIT_CODES.ok;
    } catch (error) {
      const isTold = !(error instanceof ArtifactError) || error.where?.startsWith(caller.name); // by a function of the pipeline
      throw isTold ? error : tell(error, caller);
    }
  };
  const program = createProgram(terminal, perform);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (terminal.signal?.aborted) return (terminal.signal.reason as { exitCode?: number }).exitCode ?? 130;
    const known = program.commands.some((command) => command.name() === args[0]);
    return report(error, known ? `${NAME} ${args[0]}` : NAME, args.includes('--json'), terminal);
  }
}

function createProgram({ stdout, stderr }: Terminal, perform: Perform): Command {
  const program = new Command(NAME)
    .description('A Python project as an immutable, versioned, reproducible AWS Lambda source artifact: '
      + 'built by pip, packaged, published in S3.')
    .version(OUR_VERSION)
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false, helpWidth: 120 })
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text), outputError: () => {} })
    .addHelpText('after', HELP);
  const adders = [
    addInitCommand, addBuildCommand, addPackageCommand, addLayerCommands, addUploadCommand, addReleaseCommand,
    addListCommand, addShowCommand, addDownloadCommand, addDiffCommand, addVerifyCommand, addPromoteCommand, addPruneCommand,
  ];
  for (const add of adders) add(program, perform); // in the order of the help
  for (const command of program.commands) command.addHelpText('after', `\n${EXIT_CODE_HELP}\n`);
  return program;
}

/** Write an error to standard error, and return its exit code. */
function report(error: unknown, command: string, json: boolean, { stderr }: Terminal): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok; // --help and --version
  const told = explain(error, command);
  stderr.write(json ? `${JSON.stringify({ error: told })}\n` : `${told.message}\n`);
  return EXIT_CODES[told.code];
}

interface Told {
  readonly code: TroubleCode | 'unexpected';
  readonly reference: string;
  readonly message: string;
}

function explain(error: unknown, command: string): Told {
  if (error instanceof ArtifactError) {
    const { code, reference } = error.trouble;
    return { code, reference, message: error.message };
  }
  if (error instanceof CommanderError) {
    const problem = error.code === 'commander.help' ? 'there is no command' : error.message.replace(/^error: /, '').replace(/\.$/, '');
    const reference = 'command-line';
    const { message } = new ArtifactError({ reference, problem, advice: `see ${command} --help` }, command);
    return { code: 'usage', reference, message };
  }
  const message = `${NAME}: ${error instanceof Error ? error.stack : String(error)}`;
  return { code: 'unexpected', reference: 'unexpected', message };
}
