import { s3Url } from './object-key';
import type { Labels } from './object-labels';

/** The properties of the custom resource: strings, as CloudFormation passes them. */
export interface PublicationProperties {
  readonly Bucket: string;
  readonly Key: string;
  readonly Version: string;
  readonly SourceSha256: string;
  readonly StagedBucket: string;
  /** The record of the build is the zip's comment; see also `uncommittedKey`. */
  readonly StagedKey: string;
  readonly Metadata?: Labels;
  readonly Tags?: Labels;
  /** S3's name: `AES256`, `aws:kms`. */
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  /** The account that must own the bucket. */
  readonly ExpectedBucketOwner?: string;
  /** That Lambda runs the code from the bucket: `REFERENCE`. */
  readonly Storage?: string;
}

const ID_DIGITS = 12;

/** `s3://<bucket>/<key>#<digest>`: CloudFormation keeps the id of the last publication that succeeded. */
export function physicalId({ Bucket, Key, SourceSha256 }: Pick<PublicationProperties, 'Bucket' | 'Key' | 'SourceSha256'>): string {
  return `${s3Url(Bucket, Key)}#${SourceSha256.slice(0, ID_DIGITS)}`;
}

/** The parts of a physical id. The digest is `undefined` in ids of this library's first versions. */
export function parsePhysicalId(id: string): { readonly url: string; readonly digest?: string } {
  const [, url, digest] = /^(.*)#([0-9a-f]{12})$/s.exec(id) ?? [];
  return url === undefined ? { url: id } : { url, digest };
}
