/** Where Lambda has the code that it runs. */
export enum CodeStorage {
  /** Lambda copies the object into storage of its own, which counts against the account's quota. */
  COPY = 'COPY',

  /**
   * Lambda runs the code from the bucket and keeps no copy: the object that has the version's name is what runs, and it has to stay as long
   * as a function runs it. The bucket has to be versioned, and of the functions' account and region.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-self-managed-storage.html
   */
  REFERENCE = 'REFERENCE',
}
