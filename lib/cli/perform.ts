import { Command } from 'commander';
import type { RunOptions } from '../pipeline/api';

/** The action of a command, and its output. */
export interface Performance<T> {
  /** @param options for the pipeline's functions */
  run(options: RunOptions): Promise<T>;
  /** The result for people. */
  text(result: T): string;
  /** The exit code for a result, 0 by default. */
  exitCode?(result: T): number;
}

export type Perform = <T>(command: Command, performance: Performance<T>) => Promise<void>;
