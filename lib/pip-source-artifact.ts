import * as path from 'node:path';
import { Stack, Token } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { appOf, isBuilding, refuseTokens, type KeyClaim } from './app-state';
import { appWords } from './app-words';
import { checkOtherUsers, checkUser, type PublishedArtifact } from './artifact-users';
import { ArtifactError } from './core/base/error';
import type { StoredArtifact } from './core/cache/records';
import { checkHandler, chooseHandler } from './core/lambda/handler';
import { checkPrefix, checkVersion, consoleUrl, s3Url, sourceObjectKey } from './core/plan/object-key';
import { checkEncryption, objectMetadata, objectTags, ownMetadata, type Labels } from './core/plan/object-labels';
import { readProject } from './core/project/project';
import type { ContractCheck } from './function-contract';
import type { Installer } from './installer';
import { admitAccount, PUBLISHING } from './publication/bucket-access';
import { SourcePublication } from './source-publication';

/** Properties of a `PipSourceArtifact`. */
export interface PipSourceArtifactProps {
  /**
   * The Python project: the folder that holds `pyproject.toml` or `setup.py`, absolute or relative to where the app runs.
   *
   * It is never written to: the project is built from a copy.
   */
  readonly entry: string;

  /**
   * Where the artifact is published.
   *
   * Versioning is not needed. Published versions stay in it when the stack is destroyed.
   */
  readonly bucket: s3.IBucket;

  /**
   * The folder in the bucket: the key is `<prefix>source/<version>/source.zip`.
   *
   * @default "lambda/"
   */
  readonly prefix?: string;

  /**
   * The version under which the artifact is published: a PEP 440 or SemVer version.
   *
   * A version is published once; other content under the same version is refused.
   *
   * @default - `[project].version` of pyproject.toml, else the version of the built metadata
   * @see https://peps.python.org/pep-0440/
   */
  readonly version?: string;

  /**
   * The Python that builds the project: an interpreter, a virtual environment's folder, or a name on the PATH.
   *
   * @default - the project's `.venv`, else the active virtual environment, else `python3`, else `python`
   */
  readonly python?: string;

  /**
   * What installs: pip, or uv, which is faster. Both give the same artifact.
   *
   * @default - pip, else uv where the Python has no pip
   * @see https://docs.astral.sh/uv/pip/
   */
  readonly installer?: Installer;

  /**
   * More arguments of `pip install`, such as `--no-build-isolation` or `--config-settings`.
   *
   * @default - none
   * @see https://pip.pypa.io/en/stable/cli/pip_install/#options
   */
  readonly pipArgs?: string[];

  /**
   * More environment variables for the build, such as `PIP_INDEX_URL`.
   *
   * @default - the environment of the app
   * @see https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
   */
  readonly environment?: { [name: string]: string };

  /**
   * Files of the project that the build does not need, as patterns of .gitignore; `!pattern` takes one back in.
   *
   * @default - version control, virtual environments, caches, `node_modules`, `cdk.out` and the output of earlier builds are left out
   * @see https://git-scm.com/docs/gitignore#_pattern_format
   */
  readonly exclude?: string[];

  /**
   * Build a changed project twice, in other folders, and fail where the outcomes differ. Meant for CI: it takes twice as long.
   *
   * @default false
   */
  readonly verifyReproducible?: boolean;

  /**
   * The function's handler, `<module>.<function>`. It is looked for in the installed project, and refused if it is not there.
   *
   * @default - the `lambda_handler` of the project's `lambda_function.py`, if it has exactly one
   * @see https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
   */
  readonly handler?: string;

  /**
   * The object's encryption by name, `AES256` or `aws:kms`, for a bucket whose policy denies writes that do not name it. It does not change
   * the bucket's key.
   *
   * @default - that of the bucket, named where the app says what it is
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
   */
  readonly serverSideEncryption?: string;

  /**
   * More metadata of the published object; names are stored in lower case. With the library's own at most 2 KB. It is set when the
   * version is published, and never changed.
   *
   * @default - the library's own: `source_name`, `source_version`, `source_sha256`, `code_sha256`, `git_commit` and `built_with`
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
   */
  readonly metadata?: { [name: string]: string };

  /**
   * Tags of the published object, at most 10. A version that is published already gets them too; tags that others set stay.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tags?: { [key: string]: string };

  /**
   * The layers that hold the project's dependencies, to have them beside the code; the artifact holds none.
   *
   * @default - none
   */
  readonly layers?: lambda.ILayerVersion[];

  /**
   * What is not checked of the functions that run the artifact, and of their layers. Layers that were not built by a
   * `PipDependencyLayer` are not looked into in any case.
   *
   * @default - all is checked when the app is synthesized
   */
  readonly skipChecks?: ContractCheck[];
}

// stands for what is not known where nothing is built: cdk ls, cdk destroy, unit tests that ask for it
const NOT_BUILT: Omit<StoredArtifact, 'version'> = {
  name: 'not-built',
  sourceSha256: '0'.repeat(64),
  codeSha256: '',
  size: 0,
  unzippedSize: 0,
  modules: {},
  requires: [],
  file: path.join(__dirname, 'bundled', 'placeholder.zip'),
  provenance: { source_name: 'not-built', built_with: 'nothing' },
};

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
 * import * as s3 from 'aws-cdk-lib/aws-s3';
 * import { PipSourceArtifact } from 'cdk-pip-source-artifact';
 *
 * const app = new App();
 * const stack = new Stack(app, 'Greetings');
 * const source = new PipSourceArtifact(stack, 'Source', {
 *   entry: '../my-lambda-project',
 *   bucket: new s3.Bucket(stack, 'Artifacts'),
 * });
 * new lambda.Function(stack, 'Function', {
 *   runtime: lambda.Runtime.PYTHON_3_13,
 *   handler: source.handler,
 *   code: source.code,
 * });
 * app.synth();
 */
export class PipSourceArtifact extends Construct {
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
  private readonly literalKey: string;
  private readonly givenHandler?: string;

  constructor(scope: Construct, id: string, props: PipSourceArtifactProps) {
    super(scope, id);
    try {
      const isKnown = (value: string) => !Token.isUnresolved(value);
      const options = knownAtSynth(props);
      const prefix = checkPrefix(options.prefix ?? 'lambda/');
      if (options.version !== undefined) checkVersion(options.version);
      const tags = { ...objectTags(props.tags, isKnown) };

      this.artifact = obtainArtifact(this, options);
      const { version, sourceSha256, codeSha256 } = this.artifact;
      const own = { ...ownMetadata({ version, sourceSha256, codeSha256 }), ...this.artifact.provenance };
      objectMetadata(own, props.metadata, isKnown);
      const isBuilt = this.artifact.name !== NOT_BUILT.name;
      if (isBuilt && options.handler !== undefined) checkHandler(options.handler, this.artifact.modules);

      this.givenHandler = options.handler ?? (isBuilt ? undefined : 'lambda_function.lambda_handler');
      this.version = version;
      this.sourceSha256 = sourceSha256;
      this.codeSha256 = codeSha256;
      this.bucket = props.bucket;
      this.layers = [...props.layers ?? []];
      this.literalKey = sourceObjectKey(prefix, version);
      this.s3Url = s3Url(props.bucket.bucketName, this.literalKey);
      this.consoleUrl = consoleUrl(props.bucket.bucketName, this.literalKey, props.bucket.env.region);
      if (isBuilt) claimKey(this, this.literalKey, sourceSha256, { metadata: objectMetadata({}, props.metadata, isKnown), tags });

      const publication = new SourcePublication(this, 'Publication', {
        bucket: props.bucket,
        prefix,
        key: this.literalKey,
        version,
        sourceSha256,
        archive: this.artifact.file,
        provenance: this.artifact.provenance,
        metadata: objectMetadata({}, props.metadata, isKnown),
        tags,
        serverSideEncryption: checkEncryption(options.serverSideEncryption),
        used: (user) => checkUser(user, published),
      });
      this.code = publication.code;
      this.objectKey = publication.objectKey;
      const published: PublishedArtifact = {
        ...this.artifact,
        version,
        isBuilt,
        skipped: props.skipChecks ?? [],
        construct: this,
        bucket: this.bucket,
        prefix,
        key: this.literalKey,
        objectKey: this.objectKey,
        publication,
      };
      admitAccount(published, this, PUBLISHING);
      checkOtherUsers(published);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.node.path, appWords, PipSourceArtifact) : error;
    }
  }

  /**
   * The handler: the one that was given, else that of the project's only `lambda_function.py`.
   *
   * Fails where none was given and the project has none, or several.
   */
  public get handler(): string {
    try {
      return this.givenHandler ?? chooseHandler(this.artifact.modules);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(this.node.path, appWords) : error;
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

type Options = Omit<PipSourceArtifactProps, 'bucket' | 'layers' | 'metadata' | 'tags' | 'skipChecks'>;

/** The options that the build needs, which must be values and not tokens. */
function knownAtSynth(props: PipSourceArtifactProps): Options {
  const { bucket: _bucket, layers: _layers, metadata: _metadata, tags: _tags, skipChecks: _checks, ...options } = props;
  refuseTokens(options);
  return { ...options, entry: path.resolve(options.entry) };
}

function obtainArtifact(scope: Construct, options: Options): StoredArtifact {
  const { prefix: _prefix, handler: _handler, serverSideEncryption: _sse, ...request } = options;
  if (isBuilding(scope)) return appOf(scope).session.obtain({ request, where: scope.node.path });
  return { ...NOT_BUILT, version: request.version ?? readProject(request.entry).version ?? '0.0.0' };
}

/** One key, one object: two artifacts of an app that disagree would fail at deploy, or one would get what the other says. */
function claimKey(
  scope: PipSourceArtifact,
  key: string,
  sourceSha256: string,
  labels: { readonly metadata: Labels; readonly tags: Labels },
): void {
  const { claims } = appOf(scope);
  const { bucketName, node } = scope.bucket;
  const place = `${Token.isUnresolved(bucketName) ? node.path : bucketName}/${key}`;
  const claim: KeyClaim = {
    path: scope.node.path,
    sourceSha256,
    metadata: written(scope, labels.metadata),
    tags: written(scope, labels.tags),
  };
  const former = claims.get(place) ?? claim;
  if (former.sourceSha256 !== sourceSha256) {
    throw new ArtifactError({
      reference: 'key-claimed',
      problem: `${former.path} publishes other content under the same key`,
      got: key,
      advice: 'give each project a prefix of its own, or different content another version',
    });
  }
  for (const name of ['metadata', 'tags'] as const) {
    if (former[name] === claim[name]) continue;
    throw new ArtifactError({
      reference: 'labels-claimed',
      problem: `${former.path} publishes the same object with other ${name}, ${former[name]}`,
      got: labels[name],
      advice: 'give both the same {metadata} and {tags}, or each a {prefix} of its own',
    });
  }
  claims.set(place, claim);
}

/** In one order, and tokens as they come out in the template. */
function written(scope: Construct, labels: Labels): string {
  return JSON.stringify(Object.entries(Stack.of(scope).resolve(labels) as Labels).sort(([a], [b]) => a < b ? -1 : 1));
}
