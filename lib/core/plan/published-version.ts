import { s3Url } from './object-key';
import type { PublicationProperties } from './publication';
import { sha256 } from '../base/tree';

/** The properties of the custom resource that looks for a published version: strings, as CloudFormation passes them. */
export interface PublishedVersionProperties extends Pick<PublicationProperties, 'Bucket' | 'Key' | 'Version'> {
  /** What its content must be, if that is known. */
  readonly SourceSha256?: string;
  /** What its content must have. */
  readonly Handler?: string;
  /** Where it is copied from, if it is not there yet. */
  readonly From?: { readonly Bucket: string; readonly Key: string };
  /** Of the copy. */
  readonly ServerSideEncryption?: string;
  readonly SSEKMSKeyId?: string;
  /** The account that must own the bucket. */
  readonly ExpectedBucketOwner?: string;
  /** That Lambda runs the code from the bucket: `REFERENCE`. */
  readonly Storage?: string;
}

/** The digest that the names of its attributes carry: that of the content, if it is known, else of the key, whose content never changes. */
export function attributeDigest({ SourceSha256, Key }: Pick<PublishedVersionProperties, 'SourceSha256' | 'Key'>): string {
  return SourceSha256 ?? sha256(Key);
}

/** `s3://<bucket>/<key>#<digest>`: the digest is of all that is looked for, so that CloudFormation's last success is known again. */
export function versionId({ Bucket, Key, SourceSha256, Handler, From }: PublishedVersionProperties): string {
  const wanted = JSON.stringify([SourceSha256, Handler, From?.Bucket, From?.Key]);
  return `${s3Url(Bucket, Key)}#${sha256(wanted).slice(0, 12)}`;
}
