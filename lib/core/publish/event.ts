import { s3Url } from '../plan/object-key';
import { parsePhysicalId, physicalId, type PublicationProperties } from '../plan/publication';

export interface PublicationEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly StackId?: string;
  readonly LogicalResourceId?: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: PublicationProperties;
  /** Of an update. */
  readonly OldResourceProperties?: PublicationProperties;
}

export interface PublicationResponse {
  readonly PhysicalResourceId?: string;
  readonly Data?: Readonly<Record<string, string | undefined>>;
}

/**
 * What an event asks for, beside what CloudFormation believes:
 *
 * - `new`: a version that this resource did not publish last;
 * - `settled`: what it did publish last. Something else changed, or CloudFormation rolls back: a failure would leave the stack in
 *   UPDATE_ROLLBACK_FAILED, and change nothing;
 * - `replaced`: other content at the same key, where CloudFormation would not update the functions.
 */
export type Demand = 'new' | 'settled' | 'replaced';

export function demandOf(event: PublicationEvent): Demand {
  const { RequestType, PhysicalResourceId = '', ResourceProperties: wanted, OldResourceProperties: old } = event;
  if (RequestType !== 'Update') return 'new';
  const { url, digest } = parsePhysicalId(PhysicalResourceId);
  if (url !== s3Url(wanted.Bucket, wanted.Key)) return 'new';
  if (digest !== undefined) return PhysicalResourceId === physicalId(wanted) ? 'settled' : 'replaced';
  // published by an earlier version of this library, whose ids have no digest
  if (!old || s3Url(old.Bucket, old.Key) !== url) return 'new';
  return old.SourceSha256 === wanted.SourceSha256 || isRefused(event, old) ? 'settled' : 'replaced';
}

/** Whether an update is the way back from another, told by the properties. */
export function isWayBack({ ResourceProperties: wanted, OldResourceProperties: old }: PublicationEvent): boolean {
  return old !== undefined && physicalId(old) !== physicalId(wanted);
}

// the function's process mostly lives on until the rollback: seconds later. Needed for ids without a digest alone
const refused = new Set<string>();

export function rememberRefusal(event: PublicationEvent): void {
  refused.add(nameOf(event, event.ResourceProperties));
}

function isRefused(event: PublicationEvent, old: PublicationProperties): boolean {
  return refused.has(nameOf(event, old));
}

function nameOf({ StackId, LogicalResourceId }: PublicationEvent, { Bucket, Key, SourceSha256 }: PublicationProperties): string {
  return JSON.stringify([StackId, LogicalResourceId, Bucket, Key, SourceSha256]);
}
