
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
