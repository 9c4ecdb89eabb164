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
  /** As S3 has it: `AES256`, `aws:kms`. */
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
}

const ID_DIGITS = 12;

/** `s3://<bucket>/<key>#<digest>`: CloudFormation keeps it of the last publication that succeeded. */
export function physicalId({ Bucket, Key, SourceSha256 }: Pick<PublicationProperties, 'Bucket' | 'Key' | 'SourceSha256'>): string {
  return `${s3Url(Bucket, Key)}#${SourceSha256.slice(0, ID_DIGITS)}`;
}

/** The place of a physical id; the digest is not there in those of the first versions of this library. */
export function parsePhysicalId(id: string): { readonly url: string; readonly digest?: string } {
  const [, url, digest] = /^(.*)#([0-9a-f]{12})$/s.exec(id) ?? [];
  return url === undefined ? { url: id } : { url, digest };
}
