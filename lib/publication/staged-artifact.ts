import * as path from 'node:path';
import { AssetHashType, AssetStaging, FileAssetPackaging, Stack, Token, type CfnResource } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ASSET_RESOURCE_METADATA_ENABLED_CONTEXT, ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY, ASSET_RESOURCE_METADATA_PATH_KEY,
  ASSET_RESOURCE_METADATA_PROPERTY_KEY,
} from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import type { Provenance } from '../core/cache/records';
import { bytecodeRecord, UNCOMMITTED, writeStagedArchive } from '../core/plan/staged-archive';
import { DIRTY } from '../core/project/repository';

export interface StagedArtifactProps {
  readonly archive: string;
  readonly sourceSha256: string;
  /** Not there for an archive that is not published, but run as it is staged. */
  readonly provenance?: Provenance;
  /** Of its bytecode. */
  readonly bytecodeDigests?: string;
  readonly displayName: string;
}

/** Where the CDK stages assets. */
export interface StagingBucket {
  readonly bucketName: string;
  /** As far as the synthesizer tells it. */
  readonly kmsKeyArn?: string;
}

/**
 * The archive as an asset, with the record of its build as the zip's comment: one file, whose key in the template depends on the
 * content alone. What has no commit is staged under another key, for which the publishing function looks too, so that it never stands
 * in the place of what has one. `Asset` cannot tell the two apart.
 */
export class StagedArtifact extends Construct implements StagingBucket {
  readonly bucketName: string;
  readonly kmsKeyArn?: string;
  /** In the template. */
  readonly key: string;

  private readonly file: string;

  constructor(scope: Construct, id: string, { archive, sourceSha256, provenance, bytecodeDigests, displayName }: StagedArtifactProps) {
    super(scope, id);
    // by content: the template must not depend on which zlib compressed it
    const assetHash = provenance ? sourceSha256 : `run as it is staged: ${sourceSha256}`;
    const staging = new AssetStaging(this, 'Stage', { sourcePath: archive, assetHash, assetHashType: AssetHashType.CUSTOM });
    this.file = staging.relativeStagedPath(Stack.of(this));
    // the CDK leaves what is there as it is
    const staged = path.resolve(staging.absoluteStagedPath);
    const record = provenance && { ...provenance, ...bytecodeRecord(bytecodeDigests) };
    if (record && staged !== path.resolve(archive)) writeStagedArchive(staged, archive, record);

    const isUncommitted = provenance && (provenance.git_commit?.endsWith(DIRTY) ?? true);
    const { bucketName, objectKey, kmsKeyArn } = Stack.of(this).synthesizer.addFileAsset({
      packaging: FileAssetPackaging.FILE,
      sourceHash: isUncommitted ? `${staging.assetHash}.${UNCOMMITTED}` : staging.assetHash,
      fileName: this.file,
      deployTime: true,
      displayName,
    });
    this.bucketName = bucketName;
    this.kmsKeyArn = kmsKeyArn;
    this.key = Token.isUnresolved(objectKey) ? objectKey : objectKey.replace(`${staging.assetHash}.${UNCOMMITTED}`, staging.assetHash);
  }

  /** The bucket as a construct. Publishing does without: for it the CDK loads all that it knows of regions, a fifth of an app's time. */
  importBucket(): s3.IBucket {
    const encryptionKey = this.kmsKeyArn === undefined ? undefined : kms.Key.fromKeyArn(this, 'Key', this.kmsKeyArn);
    return s3.Bucket.fromBucketAttributes(this, 'AssetBucket', { bucketName: this.bucketName, encryptionKey });
  }

  /** Where `sam local invoke` finds the code, and that there is nothing to build. */
  addResourceMetadata(resource: CfnResource, property: string): void {
    if (!this.node.tryGetContext(ASSET_RESOURCE_METADATA_ENABLED_CONTEXT)) return;
    resource.addMetadata(ASSET_RESOURCE_METADATA_PATH_KEY, this.file);
    resource.addMetadata(ASSET_RESOURCE_METADATA_PROPERTY_KEY, property);
    resource.addMetadata(ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY, true);
  }
}
