import { Command } from 'commander';
import type { RunOptions } from '../pipeline/api';

/** What a command does, and how it tells. */
export interface Performance<T> {
  /** @param options for the pipeline's functions */
  run(options: RunOptions): Promise<T>;
  /** The result for people. */
  text(result: T): string;
  /** How it ends, if not well. */
  exitCode?(result: T): number;
}

export type Perform = <T>(command: Command, performance: Performance<T>) => Promise<void>;
