import { loadOr } from './load-sdk';
import { ArtifactError } from '../../core/base/error';
import { parsePhysicalId } from '../../core/plan/publication';
import type { SourceVersion } from '../model/catalog';
import type { AwsClientLike } from '../model/prune';

/** Who is asked for the users of published versions. */
export interface UserSearch {
  readonly lambdaClient: AwsClientLike;
  readonly cloudFormationClient?: AwsClientLike;
  readonly inUseBy?: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Who uses a published version. A function that was made from S3 does not tell of which object, but the digest of its code is that of the
 * archive's bytes. A stack knows the objects that it has published.
 */
export class CodeUsers {
  /** Ask Lambda, and CloudFormation for stacks. */
  static async find(search: UserSearch): Promise<CodeUsers> {
    const users = new CodeUsers(search);
    await users.addFunctions();
    for (const name of search.inUseBy ?? []) await users.addNamed(name);
    return users;
  }

  private readonly users = new Map<string, Set<string>>();
  private readonly functions = new Set<string>();

  private constructor(private readonly search: UserSearch) {}

  of({ codeSha256 = '', uri }: SourceVersion): string[] {
    return [...new Set([codeSha256, uri].flatMap((mark) => [...this.users.get(mark) ?? []]))].sort();
  }

  private add(mark: string | undefined, user: string): void {
    if (mark !== undefined) this.users.set(mark, (this.users.get(mark) ?? new Set()).add(user));
  }

  /** All versions of all functions of the account. An alias is a name for one of them. */
  private async addFunctions(): Promise<void> {
    const { ListFunctionsCommand, ListVersionsByFunctionCommand } = await loadLambda();
    const { lambdaClient } = this.search;
    let hasVersions = false;
    for await (const { Functions } of this.pages(lambdaClient, (Marker) => new ListFunctionsCommand({ FunctionVersion: 'ALL', Marker }))) {
      for (const { FunctionName = '', FunctionArn = '', Version = LATEST, CodeSha256 } of Functions ?? []) {
        for (const name of [FunctionName, FunctionArn]) this.functions.add(name);
        hasVersions ||= Version !== LATEST;
        this.add(CodeSha256, nameOf(FunctionName, Version));
      }
    }
    if (hasVersions) return;
    // there are none, or they were not told: a local AWS does not know `ALL`
    for (const FunctionName of [...this.functions].filter((name) => !name.startsWith('arn:'))) {
      for await (const { Versions } of this.pages(lambdaClient, (Marker) => new ListVersionsByFunctionCommand({ FunctionName, Marker }))) {
        for (const { Version = LATEST, CodeSha256 } of Versions ?? []) this.add(CodeSha256, nameOf(FunctionName, Version));
      }
    }
  }

  private async addNamed(name: string): Promise<void> {
    if (this.functions.has(name)) return;
    if (/^arn:[^:]+:lambda:/.test(name)) await this.addFunction(name);
    else await this.addStack(name, name);
  }

  private async addFunction(arn: string): Promise<void> {
    const { GetFunctionConfigurationCommand } = await loadLambda();
    const { CodeSha256 } = await this.ask(this.search.lambdaClient, new GetFunctionConfigurationCommand({ FunctionName: arn }), arn);
    this.add(CodeSha256, arn);
  }

  private async addStack(stack: string, user: string): Promise<void> {
    const client = this.search.cloudFormationClient;
    if (!client) throw userMissing(user, 'no function of the account has this name, and there is no client of CloudFormation for stacks');
    const { ListStackResourcesCommand } = await loadCloudFormation();
    const list = (NextToken?: string) => new ListStackResourcesCommand({ StackName: stack, NextToken });
    for await (const { StackResourceSummaries } of this.pages(client, list, user)) {
      for (const { ResourceType = '', PhysicalResourceId: id = '', ResourceStatus } of StackResourceSummaries ?? []) {
        if (ResourceType.startsWith('Custom::PipSource')) this.add(parsePhysicalId(id).url, user);
        if (ResourceType === 'AWS::CloudFormation::Stack' && ResourceStatus !== 'DELETE_COMPLETE') await this.addStack(id, user);
      }
    }
  }

  /** Ask page by page. */
  private async* pages(client: AwsClientLike, command: (next?: string) => unknown, about?: string): AsyncGenerator<Page> {
    let next: string | undefined;
    do {
      const page = await this.ask(client, command(next), about) as Page;
      yield page;
      next = page.NextMarker ?? page.NextToken;
    } while (next);
  }

  private async ask(client: AwsClientLike, command: unknown, about?: string): Promise<any> {
    const { signal } = this.search;
    try {
      return await client.send(command, { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      const { name, message } = error as Error;
      const isMissing = name === 'ResourceNotFoundException' || (name === 'ValidationError' && /does not exist/.test(message));
      if (about !== undefined && isMissing) throw userMissing(about, 'it is neither a function nor a stack that is there', error);
      throw new ArtifactError({
        reference: 'users-unknown',
        problem: `it cannot be told which versions are in use${about === undefined ? '' : ` by ${about}`}`,
        got: message,
        advice: 'allow lambda:ListFunctions and lambda:ListVersionsByFunction, for a function of another account '
          + 'lambda:GetFunctionConfiguration, and for a stack cloudformation:ListStackResources; nothing was deleted',
      }, undefined, { cause: error });
    }
  }
}

const LATEST = '$LATEST';

interface Configuration {
  readonly FunctionName?: string;
  readonly FunctionArn?: string;
  readonly Version?: string;
  readonly CodeSha256?: string;
}

interface Page {
  readonly Functions?: readonly Configuration[];
  readonly Versions?: readonly Configuration[];
  readonly StackResourceSummaries?: ReadonlyArray<{
    readonly ResourceType?: string;
    readonly PhysicalResourceId?: string;
    readonly ResourceStatus?: string;
  }>;
  readonly NextMarker?: string;
  readonly NextToken?: string;
}

function nameOf(name: string, version: string): string {
  return version === LATEST ? name : `${name}:${version}`;
}

function userMissing(name: string, problem: string, cause?: unknown): ArtifactError {
  return new ArtifactError({
    reference: 'user-missing',
    problem: `${problem}, and its versions are to be kept`,
    got: name,
    advice: 'correct {inUseBy}: a function of the account, the ARN of one elsewhere, or a stack; nothing was deleted',
  }, undefined, cause === undefined ? undefined : { cause });
}

const loadLambda = async () => loadOr('@aws-sdk/client-lambda', async () => import('./lambda-sdk.js'));
const loadCloudFormation = async () => loadOr('@aws-sdk/client-cloudformation', async () => import('./cloudformation-sdk.js'));
