import type { RunOptions } from './model/run';
import { apiWords, type Caller } from './words';
import { ArtifactError } from '../core/base/error';

/** A run of one function of the pipeline. */
export interface Run {
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  print(line: string): void;
  /** Print the values of a step, one per line. `undefined` is left out. */
  printValues(title: string, values: Readonly<Record<string, unknown>>): void;
}

/** A line that starts with it is for the user, however little is printed. */
export const NOTE = 'note: ';

/** The command line sets it; it is not part of the API. */
export const CALLER = Symbol('caller');

type CalledOptions = RunOptions & { readonly [CALLER]?: Caller };

/** Run a function of the pipeline. Its errors start with its name and speak of its options. */
export async function run<T>(name: string, options: RunOptions, action: (run: Run) => Promise<T>): Promise<T> {
  const { dryRun = false, signal } = options;
  const print = printerOf(options);
  const printValues: Run['printValues'] = (title, values) => {
    print(`--- ${title} ...`);
    for (const [key, value] of Object.entries(values)) if (value !== undefined) print(`${key} = ${String(value)}`);
  };
  try {
    signal?.throwIfAborted();
    return await action({ dryRun, signal, print, printValues });
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    throw tell(error, (options as CalledOptions)[CALLER] ?? { name, words: apiWords });
  }
}

/** Tell an error under the caller's name and in its words. */
export function tell(error: ArtifactError, { name, words }: Caller): ArtifactError {
  const where = error.where === undefined ? name : `${name} ${error.where}`;
  return error.at(where, words);
}

function printerOf({ verbose = true, printer = console.log }: RunOptions): (line: string) => void { // eslint-disable-line no-console
  return verbose ? printer : () => {};
}
