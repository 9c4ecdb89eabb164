import type { S3Client } from '@aws-sdk/client-s3';
import { getTags, putTags } from './object';
import { s3Url, type Place } from '../plan/object-key';
import type { Labels } from '../plan/object-labels';

/** Metadata and tags that a version is to have. */
export interface WantedLabels extends Place {
  readonly metadata?: Labels;
  readonly tags?: Labels;
  /** The tags that it had by the same writer: those that are not wanted any more are removed. Tags of others stay. */
  readonly formerTags?: Labels;
}

export interface LabelSettings {
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Told what was changed, and what cannot be. */
  readonly log?: (line: string) => void;
}

/** Of a version that is there: tags are set anew, as they are no content. Metadata stays what it was when the version was published. */
export async function alignLabels(s3: S3Client, wanted: WantedLabels, published: Labels = {}, settings: LabelSettings = {}): Promise<void> {
  const { dryRun = false, signal, log = () => {} } = settings;
  const url = s3Url(wanted.bucket, wanted.key);
  const kept = Object.entries(wanted.metadata ?? {}).filter(([name, value]) => published[name] !== value);
  if (kept.length > 0) {
    const say = (value: string | undefined) => value === undefined ? 'not there' : JSON.stringify(value);
    const told = kept.map(([name, value]) => `${name} is ${say(published[name])} and not ${say(value)}`);
    log(`${url}: metadata of a published version is never changed: ${told.join(', ')}; publish another version`);
  }

  const removed = Object.keys(wanted.formerTags ?? {}).filter((name) => !(name in (wanted.tags ?? {})));
  if (removed.length === 0 && Object.keys(wanted.tags ?? {}).length === 0) return;
  const before = await getTags(s3, wanted, signal);
  const others = Object.entries(before).filter(([name]) => !removed.includes(name));
  const after = { ...Object.fromEntries(others), ...wanted.tags };
  if (isSame(before, after)) return;
  if (!dryRun) await putTags(s3, wanted, after, signal);
  log(`${url}: tags ${dryRun ? 'would be' : 'are'} set anew: ${JSON.stringify(after)}`);
}

function isSame(a: Labels, b: Labels): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);
}
