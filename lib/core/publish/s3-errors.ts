import type { S3Client } from '@aws-sdk/client-s3';
import { statusOf, type Place } from './object';
import { isForeign } from './sdk';
import { ArtifactError, type Finding } from '../base/error';
import { s3Url } from '../plan/object-key';

export function isAccessDenied(error: unknown): boolean {
  return statusOf(error) === 403;
}

/** A question to S3, to explain a refusal. */
export interface Question {
  readonly s3: S3Client;
  /** The object, or the folder of the objects. */
  readonly place: Place;
  /** The permissions that the caller needs. */
  readonly permissions: string;
  readonly signal?: AbortSignal;
}

/** Do something with S3, and explain its refusals. */
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
  const { name, message: got } = error;
  const status = statusOf(error);
  if (name === 'NoSuchBucket') {
    return { reference: 'bucket-missing', problem: 'the bucket does not exist', got: bucket, advice: 'create it, or correct its name' };
  }
  if (/^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/.test(name)) {
    const advice = 'renew them, as with aws sso login';
    return { reference: 'credentials-expired', problem: 'the AWS credentials have expired', got, advice };
  }
  if (/^(InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|UnrecognizedClientException)$/.test(name)) {
    const advice = 'correct the access key, or choose another profile';
    return { reference: 'credentials-unknown', problem: 'AWS does not know the credentials', got, advice };
  }
  if (status === 403) {
    const advice = `allow ${permissions}; a bucket policy, a key policy or an SCP may deny it too`;
    return { reference: 'access-denied', problem: 'S3 denied access', got, advice };
  }
  if (/Credentials|^TokenProviderError$/.test(name)) return withoutCredentials(s3, got);
  if (/^Region is missing/.test(got)) {
    return { reference: 'region-missing', problem: 'there is no AWS region', advice: 'set AWS_REGION, or the region of the profile' };
  }
  if (status === 301 || /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/.test(name)) {
    const region = error.$response?.headers?.['x-amz-bucket-region'];
    const advice = `use ${region === undefined ? 'the region of the bucket' : `region ${region}`}`;
    return { reference: 'bucket-region', problem: 'the bucket is in another region', got, advice };
  }
  if (/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(error.code ?? '') || name === 'TimeoutError') {
    const advice = 'check the network, the proxy and the region';
    return { reference: 's3-unreachable', problem: 'S3 cannot be reached', got: got || error.code, advice };
  }
  if (status === undefined) return undefined;
  return { reference: 's3-failed', problem: 'S3 failed', got: `${name}: ${got}`, advice: 'try again, and see the status of AWS' };
}

function withoutCredentials(s3: S3Client, got: string): Finding {
  const profile = (s3.config as { readonly profile?: string } | undefined)?.profile ?? process.env.AWS_PROFILE;
  const isUnset = profile === undefined;
  return {
    reference: 'credentials-missing',
    problem: `there are no AWS credentials${isUnset ? '' : ` in profile ${JSON.stringify(profile)}`}`,
    got,
    advice: isUnset
      ? 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in'
      : 'correct the profile\'s name, or sign in',
    hint: `aws sts get-caller-identity${isUnset ? '' : ` --profile ${profile}`} tells whose credentials are found; `
      + 'aws configure and aws sso login set them up',
  };
}

/** Explain an error before any request: the client may be of another copy of the SDK than the commands. */
async function explainForeign({ message }: S3Error, { s3 }: Question): Promise<Finding | undefined> {
  if (!await isForeign(s3)) return undefined;
  return {
    reference: 'sdk-copies',
    problem: '{s3Client} is of another copy of @aws-sdk/client-s3 than the one that is found beside this library, and the two do not fit',
    got: message,
    advice: 'have one copy only, as with npm dedupe',
  };
}
