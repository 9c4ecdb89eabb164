/**
 * The `S3Client` (or `S3`) of `@aws-sdk/client-s3`, version 3. Told by its shape, so that a client of any release fits; its commands
 * are taken from the copy of `@aws-sdk/client-s3` in your project.
 */
export interface S3ClientLike {
  readonly config: { readonly region: string | (() => Promise<string>) };
  send(command: any, options?: any): Promise<any>;
}
