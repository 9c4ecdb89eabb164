import * as path from 'node:path';
import { CustomResource, CustomResourceProvider, CustomResourceProviderRuntime, Duration, Lazy, RemovalPolicy, Size, type CfnResource, type IResolveContext } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, Dependable } from 'constructs';
import { encryptionOf } from './bucket-encryption';
import type { Provenance } from './core/cache/records';
import { attributeName } from './core/plan/object-key';
import type { PublicationProperties } from './core/plan/publication';
import { StagedArtifact } from './staged-artifact';

const RESOURCE_TYPE = 'Custom::PipSourcePublication';

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
  readonly metadata: Record<string, string>;
  readonly tags: Record<string, string>;
  /** As the user names it. */
  readonly serverSideEncryption?: string;
  /** Told of each function that gets the artifact as its code. */
  readonly used: (user: lambda.Function) => void;
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
    const { archive, sourceSha256, provenance, bucket } = props;
    const staged = new StagedArtifact(this, 'Staged', { archive, sourceSha256, provenance, displayName: `${this.node.scope!.node.path} ${props.version}` });
    const properties: PublicationProperties = {
      Bucket: props.bucket.bucketName,
      Key: props.key,
      Version: props.version,
      SourceSha256: props.sourceSha256,
      StagedBucket: staged.bucket.bucketName,
      StagedKey: staged.key,
      ...Object.keys(props.metadata).length > 0 ? { Metadata: props.metadata } : {},
      ...Object.keys(props.tags).length > 0 ? { Tags: props.tags } : {},
      ...encryptionOf(bucket, props.serverSideEncryption),
    };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: RESOURCE_TYPE,
      serviceToken: PublicationProvider.of(this).allow(staged.bucket, props.bucket, props.prefix),
      serviceTimeout: Duration.minutes(6),
      removalPolicy: RemovalPolicy.RETAIN,
      properties: { ...properties },
    });
    // a policy may be added to the bucket after this
    resource.node.addDependency(lazyDependency(() => props.bucket.policy));

    this.objectKey = resource.getAttString(attributeName('Key', props.sourceSha256));
    this.code = new PublishedCode(props, staged, resource);
  }
}

/** One Lambda function in a stack publishes all of its artifacts, with a role that names only their buckets and prefixes. */
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
    this.allowActions(['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:PutObjectTagging'], this.writable);
    this.allowActions(['s3:ListBucket'], this.listable); // else a missing key is 403 and not 404
  }

  /** @returns the service token */
  allow(staging: s3.IBucket, bucket: s3.IBucket, prefix: string): string {
    // all staged objects, as CDK's own grants do: a role that changes with the content would ask for approval at each deploy
    this.readable.push(staging.arnForObjects('*'));
    this.writable.push(bucket.arnForObjects(`${prefix}source/*`));
    this.listable.push(bucket.bucketArn, staging.bucketArn);
    if (bucket.encryptionKey) {
      if (this.keys.length === 0) this.allowActions(['kms:Decrypt', 'kms:GenerateDataKey'], this.keys);
      this.keys.push(bucket.encryptionKey.keyArn);
    }
    return this.provider.serviceToken;
  }

  private allowActions(actions: string[], arns: readonly string[]): void {
    this.provider.addToRolePolicy({ Effect: 'Allow', Action: actions, Resource: Lazy.uncachedAny({ produce: (context) => distinct(arns, context) }) });
  }
}

/** Distinct as they come out in the template: the same bucket may stand behind different tokens. */
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
 * The published object as a function's code. Bucket and key are literal, so that a diff reads `source/1.2.3/source.zip`, and the
 * order is a dependency. `Code.fromBucket` would put a warning on the user's bucket.
 */
class PublishedCode extends lambda.Code {
  readonly isInline = false;

  constructor(private readonly props: SourcePublicationProps, private readonly staged: StagedArtifact, private readonly publication: CustomResource) {
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
    this.staged.addResourceMetadata(resource, options.resourceProperty ?? 'Code');
  }
}
