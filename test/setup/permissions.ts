// What the calls of S3 and KMS need, and whether policies allow it: by a simulator, as ministack does not enforce IAM.
import type { IncomingMessage } from 'node:http';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { inject } from 'vitest';
import { startS3Proxy } from './s3-proxy';

export const ACCOUNT = '111111111111';
export const KEY_ARN = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;

/** An action on a resource, with what conditions of policies look at. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

/**
 * Do something with S3, and tell what it needed.
 *
 * @param encrypted the bucket whose objects have the key
 */
export async function record(encrypted: string, action: (endpoint: string) => Promise<unknown>): Promise<Call[]> {
  const calls: Call[] = [];
  const unknown: string[] = []; // thrown in the proxy, it would be no failure of the test
  const proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, () => undefined, (request, status) => {
    const needed = callsOf(request, status, encrypted);
    if (needed) calls.push(...needed);
    else unknown.push(`${request.method} ${request.url}`);
  });
  try {
    await action(proxy.endpoint);
  } finally {
    proxy.stop();
  }
  if (unknown.length > 0) throw new Error(`it is not known what these need: ${unknown.join(', ')}`);
  return calls;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const ACTIONS: Readonly<Record<string, string>> = {
  'GET object': 's3:GetObject',
  'HEAD object': 's3:GetObject',
  'PUT object': 's3:PutObject',
  'DELETE object': 's3:DeleteObject',
  'GET object tagging': 's3:GetObjectTagging',
  'PUT object tagging': 's3:PutObjectTagging',
  'GET bucket list-type': 's3:ListBucket',
};
const NO_MATTER = ['x-id', 'prefix', 'continuation-token'];
const CONDITIONS = ['if-none-match', 'if-match', 'x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'];

function callsOf({ method, url, headers }: IncomingMessage, status: number, encrypted: string): Call[] | undefined {
  const { pathname, searchParams } = new URL(url!, 'http://s3');
  const [, bucket, ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const kinds = [...searchParams.keys()].filter((name) => !NO_MATTER.includes(name));
  const kind = [method, key === '' ? 'bucket' : 'object', ...kinds].join(' ');
  const action = ACTIONS[kind];
  if (!action) return undefined;
  const arn = `arn:aws:s3:::${bucket}`;
  const named = CONDITIONS.filter((name) => headers[name] !== undefined);
  const context = {
    'aws:SecureTransport': 'true', // as of the endpoints of AWS, which are the SDK's own choice; ministack's is plain
    ...Object.fromEntries(named.map((name) => [`s3:${name}`, String(headers[name])])),
  };
  const calls: Call[] = [{ action, resource: key === '' ? arn : `${arn}/${key}`, context }];
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
  if (kind === 'PUT object' && headers['x-amz-tagging'] !== undefined) calls.push({ ...calls[0], action: 's3:PutObjectTagging' });
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: else it is 403
  if (action === 's3:GetObject' && status === 404) calls.push({ action: 's3:ListBucket', resource: arn, context });
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html; for the checksum of a HEAD, API_HeadObject.html
  const ofKey = ({ 's3:PutObject': 'kms:GenerateDataKey', 's3:GetObject': 'kms:Decrypt' } as Readonly<Record<string, string>>)[action];
  if (bucket === encrypted && ofKey !== undefined && status !== 404) calls.push({ action: ofKey, resource: KEY_ARN, context: {} });
  return calls;
}

/** What IAM says of a call, by the policies of who calls and that of the bucket. */
export async function decide({ action, resource, context }: Call, identity: readonly Statement[], ofBucket: readonly Statement[] = []): Promise<string> {
  const toKey: Statement = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }; // a key's policy, as KMS makes it
  const ofResource = action.startsWith('kms:') ? [toKey] : ofBucket;
  const policyOf = (Statement: readonly Statement[]) => ({ Version: '2012-10-17', Statement });
  const answer = await runSimulation({
    request: { principal: `arn:aws:iam::${ACCOUNT}:role/caller`, action, resource: { resource, accountId: ACCOUNT }, contextVariables: context },
    identityPolicies: [{ name: 'policy', policy: policyOf(identity) }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: ofResource.length > 0 ? policyOf(ofResource) : undefined,
  }, {});
  if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult;
}

/** The calls that are not allowed, as text. */
export async function refused(calls: readonly Call[], identity: readonly Statement[], ofBucket: readonly Statement[] = []): Promise<string[]> {
  const results = await Promise.all(distinct(calls).map(async (call) => ({ call, result: await decide(call, identity, ofBucket) })));
  return results.filter(({ result }) => result !== 'Allowed').map(({ call, result }) => `${result}: ${call.action} on ${call.resource} ${JSON.stringify(call.context)}`);
}

function distinct(calls: readonly Call[]): Call[] {
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}

const list = (value: string | readonly string[]): readonly string[] => [value].flat();

/** One action on one resource each. */
export function rightsOf(statements: readonly Statement[]): Statement[] {
  return statements.flatMap((statement) => list(statement.Action).flatMap((Action) => list(statement.Resource).map((Resource): Statement => ({ ...statement, Action, Resource }))));
}

/** The rights that could be taken away without a call being refused, as text. */
export async function superfluous(calls: readonly Call[], statements: readonly Statement[]): Promise<string[]> {
  const rights = rightsOf(statements);
  const results = await Promise.all(rights.map(async (right) => ({
    right, lost: await refused(calls.filter(({ action }) => action === right.Action), rights.filter((other) => other !== right)),
  })));
  return results.filter(({ lost }) => lost.length === 0).map(({ right }) => `${right.Action} on ${right.Resource}`);
}
