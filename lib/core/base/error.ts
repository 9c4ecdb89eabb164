import { redact } from './redact';

/** What went wrong, as plain data: it crosses the border between the builder process and the app. */
export interface Trouble {
  /** Stable, for programs: which of the kinds of trouble this is. */
  readonly code: TroubleCode;
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

/** `usage`: an option or the project is wrong; `build`: pip or its outcome; `conflict`: other content is published; `aws`: S3 said no. */
export type TroubleCode = 'usage' | 'build' | 'conflict' | 'aws';

/** The one error of the library. Its message is made here and nowhere else. */
export class ArtifactError extends Error {
  // private, so that an uncaught one is not printed twice: once as its message, once as data
  readonly #trouble: Trouble;
  readonly #where?: string;

  /** @param where the construct's path or the command; known only to the outermost caller */
  constructor(trouble: Trouble, where?: string, options?: ErrorOptions) {
    super(formatTrouble(trouble, where), options);
    this.name = 'ArtifactError';
    this.#trouble = trouble;
    this.#where = where;
  }

  /** The construct's path, the command, or the object in S3 that it is about. */
  get where(): string | undefined {
    return this.#where;
  }

  get trouble(): Trouble {
    return this.#trouble;
  }

  /**
   * The same error with the place that only an outer caller knows.
   *
   * @param caller leave it and what it called out of the stack trace: the user's own line comes first
   */
  at(where: string, caller?: Function): ArtifactError {
    const error = new ArtifactError(this.trouble, where, this.cause === undefined ? undefined : { cause: this.cause });
    Error.captureStackTrace(error, caller);
    return error;
  }
}

/** An option or the project is wrong. */
export function usage(problem: string, got: unknown, advice: string): ArtifactError {
  return new ArtifactError({ code: 'usage', problem: redact(problem), got: typeof got === 'string' ? redact(got) : got, advice });
}

/** `<where>: <what is wrong>, got <value>; <what to change>`, then command, output and hint of a failed process. */
function formatTrouble({ problem, got, advice, process, hint }: Trouble, where?: string): string {
  const headline = `${where ? `${where}: ` : ''}${problem}${got === undefined ? '' : `, got ${JSON.stringify(got)}`}; ${advice}`;
  const ran = process && [`$ ${process.command}`, `(exit code ${process.exitCode ?? 'none: killed'})`, process.output].filter(Boolean).join('\n');
  return [headline, ran, hint && `hint: ${hint}`].filter(Boolean).join('\n\n');
}
