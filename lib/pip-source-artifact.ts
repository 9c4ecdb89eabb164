import { Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { appWords } from './app-words';
import { claimKey } from './artifact/claim-key';
import { DevelopedArtifact } from './artifact/developed-artifact';
import { developedVersion, isDeveloping } from './artifact/development';
import type { IPipSourceArtifact } from './artifact/i-pip-source-artifact';
import { isBuilt, knownAtSynth, obtainArtifact } from './artifact/obtain';
import { PublishedVersion } from './artifact/published-version';
import type { PublishedVersionProps } from './artifact/published-version-props';
import { checkOtherUsers, checkUser, type PublishedArtifact } from './artifact-users';
import { informOfBytecode } from './bytecode';
import { ArtifactError } from './core/base/error';
import type { StoredArtifact } from './core/cache/records';
import { chooseHandler } from './core/lambda/choose-handler';
import { checkHandler } from './core/lambda/handler';
import { checkPrefix, checkVersion, consoleUrl, s3Url, sourceObjectKey } from './core/plan/object-key';
import { checkEncryption, objectMetadata, objectTags, ownMetadata } from './core/plan/object-labels';
import type { PipSourceArtifactProps } from './pip-source-artifact-props';
import { ArtifactBucket } from './publication/artifact-bucket';
import { admitAccount, PUBLISHING } from './publication/bucket-access';
import { protectObjects, type ProtectionOptions } from './publication/protection';
import { SourcePublication } from './source-publication';

/**
 * A Python project as an immutable, versioned Lambda source artifact in S3.
 *
 * The project is installed by pip at synth time, without its dependencies, packaged into a reproducible zip, and published by
 * `cdk deploy` to `s3://<bucket>/<prefix>source/<version>/source.zip`. An unchanged project is not built again.
 *
 * Fails at synth for a project that cannot be built or cannot run in Lambda, and at deploy when the version is already published
 * with other content.
 *
 * @example
 * import { App, Stack } from 'aws-cdk-lib';
 * import * as lambda from 'aws-cdk-lib/aws-lambda';
 * import { PipSourceArtifact } from 'cdk-pip-source-artifact';
 *
 * const app = new App();
 * const stack = new Stack(app, 'Greetings');
 * const source = new PipSourceArtifact(stack, 'Source', {
 *   entry: '../my-lambda-project',
 * });
 * new lambda.Function(stack, 'Function', {
 *   runtime: lambda.Runtime.PYTHON_3_13,
 *   handler: source.handler,
 *   code: source.code,
 * });
 * app.synth();
 */
export class PipSourceArtifact extends Construct implements IPipSourceArtifact {
  /**
   * A version that is published already: it is deployed, or rolled back to, without its project, without Python and without a build.
   *
   * At deploy it has to be there, readable, and what its metadata and `sourceSha256` say; its functions wait for that. With `publishedIn`
   * it is copied from another place before.
   *
   * @param scope the parent of the construct
   * @param id the construct's id
   * @param props which version, and where it is
   */
  public static fromPublishedVersion(scope: Construct, id: string, props: PublishedVersionProps): IPipSourceArtifact {
    return new PublishedVersion(scope, id, props, PipSourceArtifact.fromPublishedVersion);
  }

  /** The published artifact as a function's code: give this to `code` of a `lambda.Function`. */
  public readonly code: lambda.Code;

  /** The layers that were given, to be passed on to `layers` of a `lambda.Function`. */
  public readonly layers: lambda.ILayerVersion[];

  /** The bucket that the artifact is published to. */
  public readonly bucket: s3.IBucket;

  /**
   * The key of the published object: a token, so that what uses it is ordered behind the publication.
   *
   * `lambda.Code.fromBucket(source.bucket, source.objectKey)` works.
   */
  public readonly objectKey: string;

  /** `s3://<bucket>/<prefix>source/<version>/source.zip`. */
  public readonly s3Url: string;

  /** The version under which the artifact is published. */
  public readonly version: string;

  /**
   * The digest of the installed tree (its paths, contents and executable bits), hexadecimal SHA-256.
   *
   * It does not depend on the machine or the compressor. 64 zeros where nothing is built, as in `cdk ls`.
   */
  public readonly sourceSha256: string;

  /**
   * The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`; empty where nothing is built.
   *
   * Of the archive that was made here: another zlib may have compressed the published one, of the same content, to other bytes.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
   */
  public readonly codeSha256: string;

  /** The published object's page in the AWS console. */
  public readonly consoleUrl: string;

  private readonly artifact: StoredArtifact;
  private readonly prefix: string;
  private readonly literalKey: string;
  private readonly givenHandler?: string;
  private readonly isDeveloped: boolean;

  constructor(scope: Construct, id: string, props: PipSourceArtifactProps) {
    super(scope, id);
    try {
      const isKnown = (value: string) => !Token.isUnresolved(value);
      const options = knownAtSynth(props);
      const prefix = checkPrefix(options.prefix ?? 'lambda/');
      if (options.version !== undefined) checkVersion(options.version);
      const tags = { ...objectTags(props.tags, isKnown) };
      const serverSideEncryption = checkEncryption(options.serverSideEncryption);
      const isDeveloped = isDeveloping(this, props.development);
      this.isDeveloped = isDeveloped;

      this.artifact = obtainArtifact(this, options);
      const { sourceSha256, codeSha256, file: archive } = this.artifact;
      const version = isDeveloped ? developedVersion(this.artifact.version, sourceSha256) : this.artifact.version;
      const used = (user: Construct) => checkUser(user, published);
      const own = { ...ownMetadata({ version, sourceSha256, codeSha256 }), ...this.artifact.provenance };
      objectMetadata(own, props.metadata, isKnown);
      const built = isBuilt(this.artifact);
      const handler = options.handler ?? this.artifact.handler;
      if (built && handler !== undefined) checkHandler(handler, this.artifact.modules);

      informOfBytecode(this, 'the artifact', this.artifact.bytecode);

      this.givenHandler = handler ?? (built ? undefined : 'lambda_function.lambda_handler');
      this.version = version;
      this.sourceSha256 = sourceSha256;
      this.codeSha256 = codeSha256;
      const developed = isDeveloped ? new DevelopedArtifact(this, 'Development', { archive, sourceSha256, version, used }) : undefined;
      const bucket = props.bucket ?? ArtifactBucket.of(this); // of a stack that is developed too: it has versions
      this.bucket = developed?.bucket ?? bucket;
      this.layers = [...props.layers ?? []];
      this.prefix = prefix;
      this.literalKey = developed?.key ?? sourceObjectKey(prefix, version);
      this.s3Url = s3Url(this.bucket.bucketName, this.literalKey);
      this.consoleUrl = consoleUrl(this.bucket.bucketName, this.literalKey, this.bucket.env.region);
      const metadata = objectMetadata({}, props.metadata, isKnown);
      if (built && !developed) claimKey(this, this.bucket, this.literalKey, sourceSha256, { metadata, tags });

      const publication = developed ?? new SourcePublication(this, 'Publication', {
        bucket: this.bucket,
        prefix,
        key: this.literalKey,
        version,
        sourceSha256,
        archive,
        provenance: this.artifact.provenance,
        bytecodeDigests: this.artifact.bytecodeDigests,
        metadata,
        tags,
        serverSideEncryption,
        storage: props.storage,
        used,
      });
      this.code = publication.code;
      this.objectKey = publication.objectKey;
      const published: PublishedArtifact = {
        ...this.artifact,
        version,
        isBuilt: built,
        skipped: props.skipChecks ?? [],
        construct: this,
        bucket: this.bucket,
        prefix,
        key: this.literalKey,
        objectKey: this.objectKey,
        publication,
        isDeveloped,
      };
      checkOtherUsers(published);
      if (isDeveloped) return;
      admitAccount(published, this, PUBLISHING);
      if (props.protect) protectObjects(this.bucket, `${prefix}source/*`);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.node.path, appWords, PipSourceArtifact) : error;
    }
  }

  /**
   * The handler: the one that was given, else the one of `[tool.pip-source-artifact]` in pyproject.toml, else the only one that the
   * project has.
   *
   * Fails where none was given and the project has none, or several.
   */
  public get handler(): string {
    try {
      return this.givenHandler ?? chooseHandler(this.artifact.modules, this.artifact.namedHandlers);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.node.path, appWords) : error;
    }
  }

  /**
   * Deny everybody to replace or delete published versions: those of all artifacts with this bucket and prefix, whenever they were
   * published. It is done by the bucket's policy, which therefore has to be one of this app.
   *
   * What publishes does neither, and goes on working; the command's `--overwrite` does not.
   *
   * @param options who may delete versions nevertheless
   */
  public protect(options?: ProtectionOptions): void {
    if (this.isDeveloped) return; // nothing is published
    try {
      protectObjects(this.bucket, `${this.prefix}source/*`, options);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.node.path, appWords, this.protect) : error;
    }
  }

  /**
   * Allow a principal to read the published object, and no other.
   *
   * @param grantee who may read it
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.bucket.grantRead(grantee, this.literalKey);
  }
}
