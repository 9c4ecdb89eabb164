import type { CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { appWords } from '../app-words';
import { ArtifactError } from '../core/base/error';
import { OUR_VERSION } from '../core/base/library-version';
import { checkPrefix } from '../core/plan/object-key';
import { ArtifactBucket } from '../publication/artifact-bucket';
import { CodeStorage } from '../publication/code-storage';
import { SourcePublication } from '../source-publication';

export interface ReferencedLayerProps {
  readonly bucket?: s3.IBucket;
  readonly prefix?: string;
  /** The archive's file. */
  readonly archive: string;
  readonly layerSha256: string;
  /** The layer's path. */
  readonly where: string;
}

/** The start of the digest that the key has. */
const DIGITS = 16;

/** A layer that Lambda runs from the bucket: it is published beside the code, by the same function, under the digest of its content. */
export class ReferencedLayer extends lambda.Code {
  readonly isInline = false;

  private publication?: SourcePublication;

  constructor(private readonly props: ReferencedLayerProps) {
    super();
  }

  bind(scope: Construct): lambda.CodeConfig {
    try {
      return this.publish(scope).code.bind(scope);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.props.where, appWords) : error;
    }
  }

  private publish(scope: Construct): SourcePublication {
    const { archive, layerSha256 } = this.props;
    const prefix = checkPrefix(this.props.prefix ?? 'lambda/');
    const version = `layer-${layerSha256.slice(0, DIGITS)}`;
    this.publication ??= new SourcePublication(scope, 'Publication', {
      bucket: this.props.bucket ?? ArtifactBucket.of(scope),
      prefix,
      key: `${prefix}source/${version}/layer.zip`,
      version,
      sourceSha256: layerSha256,
      archive,
      provenance: { source_name: version, built_with: `cdk-pip-source-artifact ${OUR_VERSION}` },
      metadata: {},
      tags: {},
      storage: CodeStorage.REFERENCE,
      used: () => {},
    });
    return this.publication;
  }

  override bindToResource(resource: CfnResource, options?: lambda.ResourceBindOptions): void {
    this.publication!.code.bindToResource(resource, options);
  }
}
