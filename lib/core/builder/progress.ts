import spinner from 'yocto-spinner';
import { startSpinner } from '../process/spinner';

/** Tells on standard error which tasks are running and which are done. A terminal shows the running ones by a spinner. */
export class TaskProgress {
  private readonly running = new Set<string>();
  private readonly spinner = process.stderr.isTTY ? spinner({ stream: process.stderr }) : undefined;

  start(line: string): void {
    this.running.add(line);
    if (this.spinner) startSpinner(this.spinner, this.text());
    else process.stderr.write(`${line} ...\n`);
  }

  /** @param outcome a line that stays; `undefined` for a task that failed, whose error says more */
  end(line: string, outcome?: string): void {
    this.running.delete(line);
    this.spinner?.stop();
    if (outcome !== undefined) process.stderr.write(`${outcome}\n`);
    if (this.spinner && this.running.size > 0) startSpinner(this.spinner, this.text());
  }

  /** A line that stays. */
  say(line: string): void {
    this.spinner?.stop();
    process.stderr.write(`${line}\n`);
    if (this.spinner && this.running.size > 0) startSpinner(this.spinner, this.text());
  }

  private text(): string {
    return [...this.running].join('; ');
  }
}
