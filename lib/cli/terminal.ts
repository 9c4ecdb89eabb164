import spinner, { type Spinner } from 'yocto-spinner';
import { startSpinner } from '../core/process/spinner';
import { NOTE } from '../pipeline/run';

/** The streams that the command writes to. Results go to standard output, all else to standard error. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Aborts the command. */
  readonly signal?: AbortSignal;
}

/** Shows the progress: every line if that was asked for, otherwise notes, and the current step on a terminal. */
export class Progress {
  private spinner?: Spinner;

  /** @param tellsNotes whether notes are for a person to read */
  constructor(private readonly terminal: Terminal, private readonly verbose: boolean, private readonly tellsNotes: boolean) {}

  /** Print a line of the pipeline: `--- <step> ...`, or a value. */
  readonly print = (line: string): void => {
    if (this.verbose || (this.tellsNotes && line.startsWith(NOTE))) {
      this.spinner?.stop();
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

/** Format labels and values, one per line. A row without a value is left out. */
export function table(rows: ReadonlyArray<readonly [label: string, value: string | undefined]>): string {
  return columns(rows.flatMap(([label, value]) => value === undefined ? [] : [[label, value]]));
}

/** Format rows of as many cells each, as wide as their column needs. */
export function columns(rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n');
}
