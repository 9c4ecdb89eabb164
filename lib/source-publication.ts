import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Provenance } from './core/cache/records';
import { attributeName } from './core/plan/object-key';
import type { PublicationProperties } from './core/plan/publication';
import { encryptionOf } from './publication/bucket-encryption';
import { PublishedCode } from './publication/code';
import { CodeStorage } from './publication/code-storage';
import { orderedKey } from './publication/order';
import { PublicationProvider, RESOURCE_TYPE } from './publication/provider';
import { StagedArtifact } from './publication/staged-artifact';

export interface SourcePublicationProps {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
  readonly key: string;
  readonly version: string;
  readonly sourceSha256: string;
  /** The archive's file. */
  readonly archive: string;
  /** What it was built from and with. */
  readonly provenance: Provenance;
  /** Of its bytecode. */
  readonly bytecodeDigests?: string;
  readonly metadata: Record<string, string>;
  readonly tags: Record<string, string>;
  /** As the user names it. */
  readonly serverSideEncryption?: string;
  readonly storage?: CodeStorage;
  /** Told of each construct that gets the artifact as its code. */
  readonly used: (user: Construct) => void;
}

/**
 * The custom asset publisher: the archive is staged as an ordinary asset, and a custom resource puts it at its place in the user's
 * bucket. The CDK's own asset publishing passes over a key that exists, whatever its content, and sets neither metadata nor tags.
 */
export class SourcePublication extends Construct {
  /** What a function needs as its code; ordered behind the publication. */
  readonly code: lambda.Code;
  /** The key as an attribute of the custom resource: whoever uses it waits for the publication. */
  readonly objectKey: string;

  constructor(scope: Construct, id: string, props: SourcePublicationProps) {
    super(scope, id);
    const { archive, sourceSha256, provenance, bytecodeDigests, bucket } = props;
    const displayName = `${this.node.scope!.node.path} ${props.version}`;
    const staged = new StagedArtifact(this, 'Staged', { archive, sourceSha256, provenance, bytecodeDigests, displayName });
    const provider = PublicationProvider.of(this);
    const isReferred = props.storage === CodeStorage.REFERENCE;
    const properties: PublicationProperties = {
      Bucket: props.bucket.bucketName,
      Key: props.key,
      Version: props.version,
      SourceSha256: props.sourceSha256,
      StagedBucket: staged.bucketName,
      StagedKey: staged.key,
      ...Object.keys(props.metadata).length > 0 ? { Metadata: props.metadata } : {},
      ...Object.keys(props.tags).length > 0 ? { Tags: props.tags } : {},
      ...encryptionOf(bucket, this, props.serverSideEncryption),
      ...provider.expectation,
      ...isReferred ? { Storage: CodeStorage.REFERENCE } : {},
    };
    if (isReferred) provider.allowReferring(bucket, props.prefix, this);
    const resource = provider.newResource(this, {
      resourceType: RESOURCE_TYPE,
      serviceToken: provider.allow(staged, bucket, props.prefix),
      properties,
      buckets: [bucket],
    });

    this.objectKey = orderedKey(this, resource.getAttString(attributeName('Key', props.sourceSha256)), props.key);
    const referredVersion = isReferred ? resource.getAttString(attributeName('VersionId', props.sourceSha256)) : undefined;
    this.code = new PublishedCode({ ...props, staged, publication: resource, referredVersion });
  }
}
