export declare const MINISTACK_VERSION: string;
export declare function installMinistack(options?: { readonly log?: (line: string) => void }): Promise<void>;
export declare function startMinistack(options?: { readonly log?: (line: string) => void }): Promise<{
  readonly endpoint: string;
  /** The variables that lead the AWS SDK and the CDK to it. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}>;
