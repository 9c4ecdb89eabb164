import { setTimeout as sleep } from 'node:timers/promises';
import { isAccessDenied } from './s3-errors';
import { ArtifactError } from '../base/error';

/** What Lambda tells of a run. @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

const USUAL = 300_000; // milliseconds: the function's timeout
const RESERVE = 10_000; // to answer CloudFormation, which else waits an hour for what Lambda ended

/** Do something before Lambda ends the function: CloudFormation gets a message, and not a silence. */
export async function withDeadline<T>(
  where: string, context: LambdaContext | undefined, action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const time = Math.max(0, (context?.getRemainingTimeInMillis() ?? USUAL) - RESERVE);
  const stop = new AbortController();
  const late = new Promise<never>((_, reject) => stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error)));
  const timer = setTimeout(() => stop.abort(new ArtifactError({
    reference: 'publish-late',
    problem: 'the publication did not end in time',
    got: `${Math.round(time / 1000)} s`,
    advice: 'deploy again: S3, or the network between, was too slow; nothing is half-published',
  }, where)), time);
  try {
    return await Promise.race([action(stop.signal), late]);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const PAUSES = [1, 2, 4, 8, 15]; // seconds

/** A role that was made a moment ago is not known everywhere yet. */
export async function whileDenied<T>(action: () => Promise<T>, signal?: AbortSignal, pauses: readonly number[] = PAUSES): Promise<T> {
  for (const pause of pauses) {
    try {
      return await action();
    } catch (error) {
      if (!isAccessDenied((error as Error).cause ?? error)) throw error;
      await sleep(pause * 1000, undefined, { signal });
    }
  }
  return action();
}
