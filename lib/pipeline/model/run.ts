/** The options of every function of the pipeline. */
export interface RunOptions {
  /**
   * Print each step, line by line.
   *
   * @default true
   */
  readonly verbose?: boolean;

  /**
   * The function that prints a line.
   *
   * @default console.log
   */
  readonly printer?: (line: string) => void;

  /**
   * Do everything but write: nothing changes, neither in the file system nor in S3. The result is that of a run that writes.
   *
   * @default false
   */
  readonly dryRun?: boolean;

  /**
   * Aborts the run. Processes, transfers and temporary files are gone when the promise rejects with the signal's reason.
   *
   * @default - the run is not aborted
   */
  readonly signal?: AbortSignal;
}
