import { redact, redactAll } from './redact';
import { REFERENCES, type Reference, type TroubleCode } from './references';
import { asWritten, inWords, type Words } from './words';

/** A problem as plain data, so that the builder process can send it to the app. */
export interface Trouble {
  /** The kind of trouble. It is stable: programs may depend on it. */
  readonly code: TroubleCode;
  /** The name of the message. It is stable, and docs/errors.md has an entry for each. */
  readonly reference: Reference;
  /** The problem, in lower case and the user's words. */
  readonly problem: string;
  /** The wrong value; `undefined` if the problem is not about a value. */
  readonly got?: unknown;
  /** The change that mends it. */
  readonly advice: string;
  /** The process that failed. */
  readonly process?: FailedProcess;
  /** What the failed process's output points to, or another remark that helps. */
  readonly hint?: string;
}

/** A failed process, ready to be shown: without secrets, and with no more than the last lines of its output. */
export interface FailedProcess {
  readonly command: string;
  readonly exitCode?: number;
  readonly output: string;
}

/** A trouble as it is told where it happens. Its code follows from its reference; options are placeholders, see `OptionName`. */
export type Finding = Omit<Trouble, 'code'>;

/** The library's only error. Its message is made here and nowhere else. */
export class ArtifactError extends Error {
  // private fields, because Node prints the public ones of an uncaught error below its message
  readonly #finding: Finding;
  readonly #where?: string;

  /** @param where the construct's path or the command; known only to the outermost caller */
  constructor(finding: Finding, where?: string, options?: ErrorOptions) {
    super(formatMessage(finding, where), options);
    this.name = 'ArtifactError';
    this.#finding = finding;
    this.#where = where;
  }

  /** The construct's path, the command, or the object in S3 that the error is about. */
  get where(): string | undefined {
    return this.#where;
  }

  get trouble(): Trouble {
    return { ...this.#finding, code: REFERENCES[this.#finding.reference] };
  }

  /**
   * The same error, with the place and the words that only an outer caller knows.
   *
   * @param caller a function that the stack trace leaves out, with all that it called: the user's own line comes first
   */
  at(where: string | undefined, words: Words = asWritten, caller?: Function): ArtifactError {
    const { problem, advice, hint, ...rest } = this.#finding;
    const say = (text: string) => inWords(text, words);
    const told = { ...rest, problem: say(problem), advice: say(advice), ...hint !== undefined && { hint: say(hint) } };
    const error = new ArtifactError(told, where, this.cause === undefined ? undefined : { cause: this.cause });
    if (caller) Error.captureStackTrace(error, caller);
    // outside of TypeScript, jsii prints the stack and then the message: the output of a process would stand there twice
    if (process.env.JSII_AGENT !== undefined) error.stack = error.stack?.replace(error.message, () => error.message.split('\n', 1)[0]);
    return error;
  }
}

/** An error with a problem, a value and an advice, and without a process. Secrets in the value are hidden. */
export function refusal(reference: Reference, problem: string, got: unknown, advice: string, hint?: string): ArtifactError {
  return new ArtifactError({ reference, problem: redact(problem), got: redactAll(got), advice, ...hint !== undefined && { hint } });
}

/** `<where>: <problem>, got <value>; <advice>`, then the failed process with its output, then the hint, and at the end `[<reference>]`. */
function formatMessage({ reference, problem, got, advice, process, hint }: Finding, where?: string): string {
  const say = (text: string) => inWords(text, asWritten); // place and value have no placeholders: they are the user's own
  const place = where ? `${where}: ` : '';
  const value = got === undefined ? '' : `, got ${JSON.stringify(got)}`;
  const message = [
    `${place}${say(problem)}${value}; ${say(advice)}`,
    process && [`$ ${process.command}`, `(exit code ${process.exitCode ?? 'none: killed'})`, process.output].filter(Boolean).join('\n'),
    hint && `hint: ${say(hint)}`,
  ].filter(Boolean).join('\n\n');
  return message.includes('\n') ? `${message}\n\n[${reference}]` : `${message} [${reference}]`;
}
