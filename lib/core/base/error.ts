import { redact } from './redact';
import { REFERENCES, type Reference, type TroubleCode } from './references';
import { asWritten, inWords, type Words } from './words';

/** What went wrong, as plain data: it crosses the border between the builder process and the app. */
export interface Trouble {
  /** Stable, for programs: which of the kinds of trouble this is. */
  readonly code: TroubleCode;
  /** Stable: which message this is. docs/errors.md has an entry for each. */
  readonly reference: Reference;
  /** What is wrong, in lower case and the user's words. */
  readonly problem: string;
  /** The value that was got; left out where there is none. */
  readonly got?: unknown;
  /** What to change. */
  readonly advice: string;
  /** The process that failed. */
  readonly process?: FailedProcess;
  /** What its output points at. */
  readonly hint?: string;
}

/** A process that failed, ready to be shown: no secrets, only the last lines. */
export interface FailedProcess {
  readonly command: string;
  readonly exitCode?: number;
  readonly output: string;
}

/** A trouble as it is told where it happens: its code follows from its reference. Options are placeholders, see `OptionName`. */
export type Finding = Omit<Trouble, 'code'>;

/** The one error of the library. Its message is made here and nowhere else. */
export class ArtifactError extends Error {
  // private, so that an uncaught one is not printed twice: once as its message, once as data
  readonly #finding: Finding;
  readonly #where?: string;

  /** @param where the construct's path or the command; known only to the outermost caller */
  constructor(finding: Finding, where?: string, options?: ErrorOptions) {
    super(formatMessage(finding, where), options);
    this.name = 'ArtifactError';
    this.#finding = finding;
    this.#where = where;
  }

  /** The construct's path, the command, or the object in S3 that it is about. */
  get where(): string | undefined {
    return this.#where;
  }

  get trouble(): Trouble {
    return { ...this.#finding, code: REFERENCES[this.#finding.reference] };
  }

  /**
   * The same error with the place and the words that only an outer caller knows.
   *
   * @param caller leave it and what it called out of the stack trace: the user's own line comes first
   */
  at(where: string | undefined, words: Words = asWritten, caller?: Function): ArtifactError {
    const { problem, advice, hint, ...rest } = this.#finding;
    const say = (text: string) => inWords(text, words);
    const told = { ...rest, problem: say(problem), advice: say(advice), ...hint !== undefined && { hint: say(hint) } };
    const error = new ArtifactError(told, where, this.cause === undefined ? undefined : { cause: this.cause });
    if (caller) Error.captureStackTrace(error, caller);
    return error;
  }
}

/** An error that has no more than a problem, a value and an advice. What is secret in the value is hidden. */
export function refusal(reference: Reference, problem: string, got: unknown, advice: string, hint?: string): ArtifactError {
  const shown = typeof got === 'string' ? redact(got) : got;
  return new ArtifactError({ reference, problem: redact(problem), got: shown, advice, ...hint !== undefined && { hint } });
}

/** `<where>: <what is wrong>, got <value>; <what to change>`, command, output and hint of a failed process, `[<reference>]`. */
function formatMessage({ reference, problem, got, advice, process, hint }: Finding, where?: string): string {
  const say = (text: string) => inWords(text, asWritten); // of the place and the value not: they are the user's own
  const value = got === undefined ? '' : `, got ${JSON.stringify(got)}`;
  const headline = `${where ? `${where}: ` : ''}${say(problem)}${value}; ${say(advice)}`;
  const exit = `(exit code ${process?.exitCode ?? 'none: killed'})`;
  const ran = process && [`$ ${process.command}`, exit, process.output].filter(Boolean).join('\n');
  const parts = [headline, ran, hint && `hint: ${say(hint)}`].filter(Boolean);
  const message = parts.join('\n\n');
  return message.includes('\n') ? `${message}\n\n[${reference}]` : `${message} [${reference}]`;
}
