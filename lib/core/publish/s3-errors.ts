import type { S3Client } from '@aws-sdk/client-s3';
import { isForeign } from './sdk';
import { ArtifactError, type Finding } from '../base/error';
import { s3Url, type Place } from '../plan/object-key';

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** Whether a role that was made a moment ago may be the reason. */
export function isAccessDenied(error: unknown): boolean {
  return statusOf(error) === 403 && !/^(InvalidObjectState|RequestTimeTooSkewed)$/.test((error as Error).name);
}

const UNREACHED = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

/** Whether another try may do. */
export function isTransient(error: unknown): boolean {
  const { name, code } = error as S3Error;
  return (statusOf(error) ?? 0) >= 500 || UNREACHED.test(code ?? '') || /^(TimeoutError|RequestTimeout|SlowDown)$/.test(name);
}

/** What was asked of S3, for its refusals. */
export interface Question {
  readonly s3: S3Client;
  /** The object, or where the objects are. */
  readonly place: Place;
  /** What the caller must be allowed to do. */
  readonly permissions: string;
  readonly signal?: AbortSignal;
}

/** Do something with S3; its refusals in the user's words. */
export async function asking<T>(question: Question, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    question.signal?.throwIfAborted();
    if (error instanceof ArtifactError) throw error;
    const trouble = explain(error as S3Error, question) ?? await explainForeign(error as S3Error, question);
    throw trouble ? new ArtifactError(trouble, s3Url(question.place.bucket, question.place.key), { cause: error }) : error;
  }
}

type S3Error = Error & { readonly code?: string; readonly $response?: { readonly headers?: Record<string, string> } };

function explain(error: S3Error, { s3, place: { bucket }, permissions }: Question): Finding | undefined {
  const { name, message } = error;
  const status = statusOf(error);
  const known = explainByName(name, message);
  if (known) return known;
  if (name === 'NoSuchBucket') {
    return {
      reference: 'bucket-missing',
      problem: 'the bucket does not exist',
      got: bucket,
      advice: 'create it, or correct its name',
    };
  }
  if (/^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/.test(name)) {
    return {
      reference: 'credentials-expired',
      problem: 'the AWS credentials have expired',
      got: message,
      advice: 'renew them, as with aws sso login',
    };
  }
  if (/^(InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|UnrecognizedClientException)$/.test(name)) {
    return {
      reference: 'credentials-unknown',
      problem: 'AWS does not know the credentials',
      got: message,
      advice: 'correct the access key, or choose another profile',
    };
  }
  if (status === 403) {
    return { reference: 'access-denied', problem: 'S3 denied access', got: message, advice: adviceOfDenial(message, permissions) };
  }
  if (/Credentials|^TokenProviderError$/.test(name)) {
    const profile = (s3.config as { readonly profile?: string } | undefined)?.profile ?? process.env.AWS_PROFILE;
    return {
      reference: 'credentials-missing',
      problem: `there are no AWS credentials${profile === undefined ? '' : ` in profile ${JSON.stringify(profile)}`}`,
      got: message,
      advice: profile === undefined
        ? 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in'
        : 'correct the profile\'s name, or sign in',
      hint: `aws sts get-caller-identity${profile === undefined ? '' : ` --profile ${profile}`} tells whose credentials are found; `
        + 'aws configure and aws sso login set them up',
    };
  }
  if (/^Region is missing/.test(message)) {
    return {
      reference: 'region-missing',
      problem: 'there is no AWS region',
      advice: 'set AWS_REGION, or the region of the profile',
    };
  }
  if (status === 301 || /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/.test(name)) {
    const region = error.$response?.headers?.['x-amz-bucket-region'];
    return {
      reference: 'bucket-region',
      problem: 'the bucket is in another region',
      got: message,
      advice: `use ${region === undefined ? 'the region of the bucket' : `region ${region}`}`,
    };
  }
  if (UNREACHED.test(error.code ?? '') || name === 'TimeoutError') {
    return {
      reference: 's3-unreachable',
      problem: 'S3 cannot be reached',
      got: message || error.code,
      advice: 'check the network, the proxy and the region',
    };
  }
  if (status === undefined) return undefined;
  const advice = status >= 500 ? 'try again, and see the status of AWS' : 'correct what S3 names: the same request will fail again';
  return { reference: 's3-failed', problem: status >= 500 ? 'S3 failed' : 'S3 refused the request', got: `${name}: ${message}`, advice };
}

/** What S3 has a name of its own for. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function explainByName(name: string, message: string): Finding | undefined {
  if (name === 'InvalidObjectState') {
    return {
      reference: 'object-archived',
      problem: 'the object is archived, in a storage class that must be restored first',
      got: message,
      advice: 'restore it (aws s3api restore-object), or exempt source/* from the lifecycle rule',
    };
  }
  if (name === 'RequestTimeTooSkewed') {
    return {
      reference: 'clock-wrong',
      problem: 'this machine\'s clock is wrong',
      got: message,
      advice: 'set it: signatures hold for 15 minutes',
    };
  }
  if (/^KMS\./.test(name)) {
    return {
      reference: 'kms-key-unusable',
      problem: 'the bucket\'s KMS key cannot be used',
      got: `${name}: ${message}`,
      advice: 'enable the key, and see that it is there and in the bucket\'s region',
    };
  }
  if (/^(SlowDown|ServiceUnavailable|TooManyRequests|Throttling)/.test(name)) {
    return {
      reference: 's3-busy',
      problem: 'S3 asks for fewer requests',
      got: `${name}: ${message}`,
      advice: 'try again in a minute, with fewer at once',
    };
  }
  return undefined;
}

/** S3 says whose policy it was, where it was a deny. */
function adviceOfDenial(message: string, permissions: string): string {
  if (/resource-based policy/.test(message) && /explicit deny/.test(message)) {
    return 'see the conditions of the bucket\'s policy: it may want TLS, if-none-match or x-amz-server-side-encryption '
      + `({serverSideEncryption}); what is needed is ${permissions}`;
  }
  if (/service control policy/.test(message)) return `have the organization's SCP allow ${permissions}`;
  if (/permissions boundary/.test(message)) return `have the role's permissions boundary allow ${permissions}`;
  if (/\bkms:/.test(message)) return 'allow kms:Decrypt and kms:GenerateDataKey on the bucket\'s key, in the key\'s policy too';
  return `allow ${permissions}; a bucket policy, a key policy or an SCP may deny it too`;
}

/** A command that never became a request: the client may be of another copy of the SDK. */
async function explainForeign({ message }: S3Error, { s3 }: Question): Promise<Finding | undefined> {
  if (!await isForeign(s3)) return undefined;
  return {
    reference: 'sdk-copies',
    problem: '{s3Client} is of another copy of @aws-sdk/client-s3 than the one that is found beside this library, and the two do not fit',
    got: message,
    advice: 'have one copy only, as with npm dedupe',
  };
}

/** S3 does not say that it denies a request because the bucket is somebody else's. */
export function explainOwner(error: unknown, expectedBucketOwner: string | undefined): unknown {
  if (expectedBucketOwner === undefined || !(error instanceof ArtifactError) || error.trouble.reference !== 'access-denied') return error;
  const { code: _code, ...finding } = error.trouble;
  const hint = `the bucket has to be of account ${expectedBucketOwner} (expectedBucketOwner): see whose it is`;
  return new ArtifactError({ ...finding, hint }, error.where, { cause: error.cause });
}
