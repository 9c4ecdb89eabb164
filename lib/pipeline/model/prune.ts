import type { CatalogOptions, SourceVersion } from './catalog';

/**
 * A client of the AWS SDK for JavaScript, version 3. Told by its shape, so that a client of any release fits; its commands are taken from
 * the copy of the SDK in your project.
 */
export interface AwsClientLike {
  send(command: any, options?: any): Promise<any>;
}

export interface PruneSourceOptions extends CatalogOptions {
  /** The `LambdaClient` of `@aws-sdk/client-lambda` that looks which functions run which code, in their account and region. */
  readonly lambdaClient: AwsClientLike;

  /**
   * How many versions stay in any case: those that were published last.
   *
   * @default - required, unless `sourceVersions` names what is to be deleted
   */
  readonly keep?: number;

  /**
   * Versions that are younger stay: a number of days, weeks or hours such as `90d`, `12w` or `36h`.
   *
   * @default - age does not matter
   */
  readonly olderThan?: string;

  /**
   * The versions to delete. It is an error if one of them is in use.
   *
   * @default - all that are neither kept nor in use
   */
  readonly sourceVersions?: readonly string[];

  /**
   * More users, whose versions stay: functions or aliases by their ARN, which may be of another account, and CloudFormation stacks by their
   * name, whose publications stay with those of their nested stacks.
   *
   * @default - the functions of the account and region alone, in all of their versions
   */
  readonly inUseBy?: readonly string[];

  /**
   * The `CloudFormationClient` of `@aws-sdk/client-cloudformation` that looks into the stacks of `inUseBy`.
   *
   * @default - required, if there are any
   */
  readonly cloudFormationClient?: AwsClientLike;

  /**
   * Tell what would be deleted, and delete nothing.
   *
   * @default true
   */
  readonly dryRun?: boolean;
}

/** A version, and whether it stays. */
export interface PrunedSourceVersion extends SourceVersion {
  /** `deleted` in a dry run means that it would be. */
  readonly outcome: 'deleted' | 'kept';
  /**
   * Why it stays: it is one of the last ones, it is young, somebody uses it, or its digest is not known, so that it cannot be told who
   * does. `undefined` if it does not.
   */
  readonly reason?: 'newest' | 'young' | 'in-use' | 'digest-unknown' | 'not-named';
  /** The functions, as `name` or `name:version`, and the stacks that use it. */
  readonly usedBy: readonly string[];
}
