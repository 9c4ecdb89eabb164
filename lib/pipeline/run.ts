import { ArtifactError, type Trouble } from '../core/base/error';

/** What every function of the pipeline takes. */
export interface RunOptions {
  /**
   * Tell what is done, line by line.
   *
   * @default true
   */
  readonly verbose?: boolean;

  /**
   * Takes the lines.
   *
   * @default console.log
   */
  readonly printer?: (line: string) => void;

  /**
   * Do all but write: nothing is changed, neither in the file system nor in S3. The result is that of a run that writes.
   *
   * @default false
   */
  readonly dryRun?: boolean;

  /**
   * Ends what is done: processes, transfers and temporary files are gone when the promise rejects with the signal's reason.
   *
   * @default - runs to its end
   */
  readonly signal?: AbortSignal;
}

/** A run of one function of the pipeline. */
export interface Run {
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
  print(line: string): void;
  /** The values of a step, one per line; those that are not there are left out. */
  printValues(title: string, values: Readonly<Record<string, unknown>>): void;
}

/** Under whose name and in whose words errors are told: the function's, or those of the command that calls it. */
export interface Caller {
  readonly name: string;
  readonly words: Readonly<Record<string, string>>;
}

/** Set by the command line; not part of the API. */
export const CALLER = Symbol('caller');

type CalledOptions = RunOptions & { readonly [CALLER]?: Caller };

/** Run a function of the pipeline: its errors start with its name and speak of its options. */
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
    throw tell(error, (options as CalledOptions)[CALLER] ?? { name, words: {} });
  }
}

/** An error under the caller's name and in its words. */
export function tell(error: ArtifactError, { name, words }: Caller): ArtifactError {
  const where = error.where === undefined ? name : `${name} ${error.where}`;
  return new ArtifactError(inWords(error.trouble, words), where, { cause: error.cause });
}

function printerOf({ verbose = true, printer = console.log }: RunOptions): (line: string) => void { // eslint-disable-line no-console
  return verbose ? printer : () => {};
}

// the core's names of the options are those of the construct's props
const API_WORDS = { entry: 'dirProjectRoot', python: 'pathBinPip', version: 'sourceVersion', requirements: 'pathRequirements' };

/** What the core and the API call an option, in the caller's words. */
function inWords({ problem, advice, hint, ...rest }: Trouble, words: Caller['words']): Trouble {
  const say = (text: string) => replaceWords(replaceWords(text, API_WORDS), words);
  return { ...rest, problem: say(problem), advice: say(advice), hint: hint === undefined ? undefined : say(hint) };
}

function replaceWords(text: string, words: Caller['words']): string {
  return Object.entries(words).reduce((said, [word, other]) => {
    // "python" is a word of every day too: it is the option only where it is to be set
    const pattern = /[A-Z]/.test(word) ? `\\b${word}\\b` : `(?<=\\b(?:set|with) )${word}\\b(?! in\\b)`;
    return said.replace(new RegExp(pattern, 'g'), other);
  }, text);
}
