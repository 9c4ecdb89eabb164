import spinner, { type Spinner } from 'yocto-spinner';
import { startSpinner } from '../core/process/spinner';

/** Where the command writes. Results go to standard output, all else to standard error. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Ends what the command does. */
  readonly signal?: AbortSignal;
}

/** Tells what is done: all of it if it was asked for, the step on a terminal, else nothing. */
export class Progress {
  private spinner?: Spinner;

  constructor(private readonly terminal: Terminal, private readonly verbose: boolean) {}

  /** Takes the lines of the pipeline: `--- <step> ...`, and values. */
  readonly print = (line: string): void => {
    if (this.verbose) {
      this.terminal.stderr.write(`${line}\n`);
      return;
    }
    const step = /^--- (.*) \.\.\.$/.exec(line)?.[1];
    if (step === undefined || !this.terminal.stderr.isTTY) return;
    this.spinner?.stop();
    this.spinner ??= spinner({ stream: this.terminal.stderr as NodeJS.WriteStream });
    startSpinner(this.spinner, step);
  };

  end(): void {
    this.spinner?.stop();
  }
}

/** Labels and values under each other; without a value, no line. */
export function table(rows: ReadonlyArray<readonly [label: string, value: string | undefined]>): string {
  const shown = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([label]) => label.length));
  return shown.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}
