import * as path from 'node:path';
import {
  AssetHashType, CustomResource, CustomResourceProvider, CustomResourceProviderRuntime, Duration, Lazy, RemovalPolicy, Size,
  type CfnResource, type IResolveContext,
} from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, Dependable } from 'constructs';
import { sha256 } from './core/base/tree';
import { attributeName } from './core/plan/object-key';
import type { PublicationProperties } from './core/plan/publication';

const RESOURCE_TYPE = 'Custom::PipSourcePublication';

export interface SourcePublicationProps {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
  readonly key: string;
  readonly version: string;
  readonly sourceSha256: string;
  /** The path of the archive. */
  readonly archive: string;
  /** The path of the file that says what it was built from and with. */
  readonly provenance: string;
  readonly metadata: Record<string, string>;
  readonly tags: Record<string, string>;
  /** Called with each function that gets the artifact as its code. */
  readonly used: (user: lambda.Function) => void;
}

/**
 * The custom asset publisher. The archive is staged as an ordinary asset, and a custom resource puts it at its place in the user's
 * bucket. The CDK's own asset publishing skips a key that exists, whatever its content, and sets neither metadata nor tags.
 */
export class SourcePublication extends Construct {
  /** The code for a function, which is deployed after the publication. */
  readonly code: lambda.Code;
  /** The key as an attribute of the custom resource, so that its users wait for the publication. */
  readonly objectKey: string;

  constructor(scope: Construct, id: string, props: SourcePublicationProps) {
    super(scope, id);
    const staged = new Asset(this, 'Staged', {
      path: props.archive,
      // a hash of the content: the template must not depend on the zlib that compressed it
      assetHash: props.sourceSha256,
      assetHashType: AssetHashType.CUSTOM,
      deployTime: true,
      displayName: `${this.node.scope!.node.path} ${props.version}`,
    });
    // a hash of the content too: another commit or Python that gives the same content must not change the template
    const provenance = new Asset(this, 'Provenance', {
      path: props.provenance,
      assetHash: sha256(`provenance of ${props.sourceSha256}`),
      assetHashType: AssetHashType.CUSTOM,
      deployTime: true,
      displayName: `${this.node.scope!.node.path} ${props.version} provenance`,
    });
    const properties: PublicationProperties = {
      Bucket: props.bucket.bucketName,
      Key: props.key,
      Version: props.version,
      SourceSha256: props.sourceSha256,
      StagedBucket: staged.s3BucketName,
      StagedKey: staged.s3ObjectKey,
      StagedProvenanceKey: provenance.s3ObjectKey,
      ...Object.keys(props.metadata).length > 0 ? { Metadata: props.metadata } : {},
      ...Object.keys(props.tags).length > 0 ? { Tags: props.tags } : {},
    };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: RESOURCE_TYPE,
      serviceToken: PublicationProvider.of(this).allow(staged.bucket, props.bucket, props.prefix),
      serviceTimeout: Duration.minutes(6),
      removalPolicy: RemovalPolicy.RETAIN,
      properties: { ...properties },
    });
    // a policy may be added to the bucket later
    resource.node.addDependency(lazyDependency(() => props.bucket.policy));

    this.objectKey = resource.getAttString(attributeName('Key', props.sourceSha256));
    this.code = new PublishedCode(props, staged, resource);
  }
}

/** The Lambda function that publishes all artifacts of a stack. Its role names only their buckets and prefixes. */
class PublicationProvider {
  static of(scope: Construct): PublicationProvider {
    const provider = CustomResourceProvider.getOrCreateProvider(scope, RESOURCE_TYPE, {
      codeDirectory: path.join(__dirname, 'bundled', 'handler'),
      runtime: CustomResourceProviderRuntime.NODEJS_22_X,
      memorySize: Size.mebibytes(1024),
      timeout: Duration.minutes(5),
      description: 'Publishes versioned Python source artifacts (cdk-pip-source-artifact)',
    });
    const known = PublicationProvider.known.get(provider) ?? new PublicationProvider(provider);
    PublicationProvider.known.set(provider, known);
    return known;
  }

  private static readonly known = new WeakMap<CustomResourceProvider, PublicationProvider>();

  private readonly readable: string[] = [];
  private readonly writable: string[] = [];
  private readonly listable: string[] = [];
  private readonly keys: string[] = [];

  private constructor(private readonly provider: CustomResourceProvider) {
    // one statement for all artifacts: an inline policy ends at 10,240 characters
    this.allowActions(['s3:GetObject'], this.readable);
    this.allowActions(['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'], this.writable);
    this.allowActions(['s3:ListBucket'], this.listable); // otherwise S3 answers 403 and not 404 for a missing key
  }

  /** @returns the service token */
  allow(staging: s3.IBucket, bucket: s3.IBucket, prefix: string): string {
    // all staged objects, as CDK's own grants do: a role that changes with the content would ask for approval at each deploy
    this.readable.push(staging.arnForObjects('*'));
    this.writable.push(bucket.arnForObjects(`${prefix}source/*`));
    this.listable.push(bucket.bucketArn);
    if (bucket.encryptionKey) {
      if (this.keys.length === 0) this.allowActions(['kms:Decrypt', 'kms:GenerateDataKey'], this.keys);
      this.keys.push(bucket.encryptionKey.keyArn);
    }
    return this.provider.serviceToken;
  }

  private allowActions(actions: string[], arns: readonly string[]): void {
    const resources = Lazy.uncachedAny({ produce: (context) => distinct(arns, context) });
    this.provider.addToRolePolicy({ Effect: 'Allow', Action: actions, Resource: resources });
  }
}

/** The ARNs that are distinct in the template: different tokens may be the same bucket. */
function distinct(arns: readonly string[], context: IResolveContext): unknown[] {
  return [...new Map(arns.map((arn) => context.resolve(arn)).map((arn) => [JSON.stringify(arn), arn])).values()];
}

function lazyDependency(find: () => Construct | undefined): Construct {
  const dependency = {};
  Dependable.implement(dependency, {
    get dependencyRoots() {
      const found = find();
      return found ? [found] : [];
    },
  });
  return dependency as Construct;
}

/**
 * The published object as a function's code. Bucket and key are literal, so that a diff reads `source/1.2.3/source.zip`. A dependency
 * orders the function after the publication. `Code.fromBucket` would put a warning on the user's bucket.
 */
class PublishedCode extends lambda.Code {
  readonly isInline = false;

  constructor(
    private readonly props: SourcePublicationProps, private readonly staged: Asset, private readonly publication: CustomResource,
  ) {
    super();
  }

  bind(scope: Construct): lambda.CodeConfig {
    if (scope instanceof lambda.Function) {
      scope.invalidateVersionBasedOn(this.props.sourceSha256);
      this.props.used(scope);
    }
    return { s3Location: { bucketName: this.props.bucket.bucketName, objectKey: this.props.key } };
  }

  override bindToResource(resource: CfnResource, options: lambda.ResourceBindOptions = {}): void {
    resource.node.addDependency(this.publication);
    // these tell sam local invoke where the code is, and that there is nothing to build
    this.staged.addResourceMetadata(resource, options.resourceProperty ?? 'Code');
    if (resource.getMetadata('aws:asset:path')) resource.addMetadata('aws:asset:is-bundled', true);
  }
}
