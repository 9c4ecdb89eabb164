import { isDeepStrictEqual } from 'node:util';
import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { PublisherOptions } from './options';
import { appWords } from '../../app-words';
import { ArtifactError, refusal } from '../../core/base/error';
import { isOther } from '../bucket-access';

const CONFIGURED = new WeakMap<IConstruct, PublisherOptions>();
/** The stacks that have a publisher, by their app. */
const PUBLISHING = new WeakMap<IConstruct, Set<Stack>>();

/**
 * The Lambda function that publishes the artifacts of a stack: one in each stack that has any.
 *
 * @example
 * import { App, Stack } from 'aws-cdk-lib';
 * import * as logs from 'aws-cdk-lib/aws-logs';
 * import { PipPublisher, PipSourceArtifact } from 'cdk-pip-source-artifact';
 *
 * const app = new App();
 * PipPublisher.configure(app, { logRetention: logs.RetentionDays.TEN_YEARS, expectedBucketOwner: '111111111111' });
 * const stack = new Stack(app, 'Greetings');
 * new PipSourceArtifact(stack, 'Source', { entry: '../my-lambda-project' });
 * app.synth();
 */
export class PipPublisher {
  /**
   * Set options of the publishing functions of a stack, or of all stacks of an app or stage. What is set for a stack goes before what is
   * set for the app.
   *
   * Fails where an option was set to something else for the same scope, and where the first artifact was made already.
   *
   * @param scope a stack, a stage or an app
   * @param options the options
   */
  public static configure(scope: IConstruct, options: PublisherOptions): void {
    try {
      refuseLate(scope);
      checkOptions(options);
      CONFIGURED.set(scope, merge(CONFIGURED.get(scope) ?? {}, options));
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(scope.node.path || 'PipPublisher', appWords, PipPublisher.configure) : error;
    }
  }

  private constructor() {}
}

/** The options of a stack that is about to get its publisher. */
export function publisherOptionsOf(stack: Stack): PublisherOptions {
  const { root } = stack.node;
  PUBLISHING.set(root, (PUBLISHING.get(root) ?? new Set()).add(stack));
  const options: PublisherOptions = Object.assign({}, ...stack.node.scopes.map((scope) => CONFIGURED.get(scope)));
  checkTogether(options, stack);
  return options;
}

function merge(before: PublisherOptions, added: PublisherOptions): PublisherOptions {
  const values = before as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(added)) {
    if (value === undefined || values[name] === undefined || isDeepStrictEqual(values[name], value)) continue;
    const problem = `${name} of the publishing function is set to something else already`;
    throw refusal('publisher-conflict', problem, told(values[name]), 'set it once');
  }
  return { ...before, ...added };
}

function told(value: unknown): string {
  return typeof value === 'object' && value !== null && 'node' in value ? (value as IConstruct).node.path : JSON.stringify(value);
}

function refuseLate(scope: IConstruct): void {
  const late = [...PUBLISHING.get(scope.node.root) ?? []].find((stack) => stack.node.scopes.includes(scope));
  if (!late) return;
  const advice = 'set its options before the first artifact of the stack, such as where the app is made';
  throw refusal('publisher-late', 'the publishing function is made already', late.node.path, advice);
}

/** What is wrong by itself, wherever it is set. */
function checkOptions({ environment = {}, expectedBucketOwner: owner, logGroup, logRetention, logEncryptionKey }: PublisherOptions): void {
  const reserved = Object.keys(environment).find((name) => RESERVED.test(name));
  if (reserved !== undefined) {
    throw refusal('environment-reserved', 'the variable is one that Lambda sets itself', reserved, 'leave it out of {environment}');
  }
  if (owner !== undefined && !Token.isUnresolved(owner) && !/^\d{12}$/.test(owner)) {
    throw refusal('account-invalid', 'expectedBucketOwner is not the number of an account', owner, 'write its 12 digits');
  }
  if (logGroup && (logRetention !== undefined || logEncryptionKey)) {
    const advice = 'set retention and key where the log group is made, or leave out logGroup';
    throw refusal('log-group-given', 'a log group that is given keeps its own retention and key', logGroup.node.path, advice);
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED = new RegExp(`^(${[
  '_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_.*', 'AWS_ACCESS_KEY(_ID)?',
  'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR',
].join('|')})$`);

/** What is wrong in a stack, once all is known. */
function checkTogether({ vpc, vpcSubnets, securityGroups, role }: PublisherOptions, stack: Stack): void {
  if (!vpc && (vpcSubnets ?? securityGroups)) {
    const got = vpcSubnets ? 'vpcSubnets' : 'securityGroups';
    throw refusal('vpc-missing', 'subnets and security groups of the publishing function are of no network', got, 'set vpc too');
  }
  if (role) checkRole(role, stack);
}

function checkRole(role: iam.IRole, stack: Stack): void {
  const { account } = role.env;
  if (isOther(account, stack.account)) {
    const advice = `take a role of account ${stack.account}`;
    throw refusal('publisher-role-account', 'the role of the publishing function is of another account', account, advice);
  }
  const trust: unknown = role instanceof iam.Role ? stack.resolve(role.assumeRolePolicy) : undefined;
  if (trust === undefined || JSON.stringify(trust).includes('lambda.')) return;
  const advice = 'let it be assumed by lambda.amazonaws.com';
  throw refusal('publisher-role-trust', 'Lambda may not assume the role of the publishing function', role.node.path, advice);
}
