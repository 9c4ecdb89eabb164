import type { BuildOptions, BuiltSource } from './build';
import type { SourceZip } from './package';
import type { RunOptions } from './run';

/**
 * The `S3Client` (or `S3`) of `@aws-sdk/client-s3`, version 3. Told by its shape, so that a client of any release fits; its commands
 * are taken from the copy of `@aws-sdk/client-s3` in your project.
 */
export interface S3ClientLike {
  readonly config: { readonly region: string | (() => Promise<string>) };
  send(command: any, options?: any): Promise<any>;
}

/** A place in S3. */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
  /** `s3://<bucket>/<key>`. */
  readonly uri: string;
}

export interface SourceS3LayoutOptions {
  /** The folder of Lambda artifacts, such as `s3://bucket/lambda/`; `s3://bucket` is the bucket's root. */
  readonly s3DirLambda: string;
}

/** Where and how an artifact is published. */
export interface PublishOptions {
  /** The client that publishes, with your region and credentials. */
  readonly s3Client: S3ClientLike;

  /** The folder in S3, `s3://bucket/lambda/`: the object is `<s3DirLambda>source/<version>/source.zip`. */
  readonly s3DirLambda: string;

  /**
   * More metadata of the object; names are stored in lower case. With the library's own at most 2 KB. That of a version that is there is
   * never changed.
   *
   * @default - the library's own: `source_version`, `source_sha256` and `code_sha256`, and of a build `source_name`, `git_commit` and
   * `built_with`
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
   */
  readonly metadata?: Readonly<Record<string, string>>;

  /**
   * Tags of the object, at most 10. A version that is there gets them too; its other tags stay.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tags?: Readonly<Record<string, string>>;

  /**
   * The object's encryption by name, `AES256` or `aws:kms`, for a bucket whose policy denies writes that do not name it.
   *
   * @default - not named: the bucket's default encryption
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
   */
  readonly serverSideEncryption?: string;

  /**
   * The KMS key of `serverSideEncryption`, by its ARN or id.
   *
   * @default - with `aws:kms`, the AWS managed key
   */
  readonly sseKmsKeyId?: string;

  /**
   * Replace other content under the same version. Functions that run it go on with the old code until they are updated.
   *
   * @default false
   */
  readonly overwrite?: boolean;
}

export interface UploadSourceOptions extends PublishOptions, RunOptions {
  /** The version under which it is published, a PEP 440 or SemVer version. */
  readonly sourceVersion: string;
  /** What the archive's content must be, as `createSourceZip` gives it. */
  readonly sourceSha256: string;
  /** The archive. */
  readonly pathSourceZip: string;
}

/** What happened, and where the artifact is. */
export interface PublishedSource extends S3Place {
  /** `unchanged`: the same content was there already, and stays as it is. */
  readonly outcome: 'created' | 'unchanged' | 'overwritten';
  readonly sourceVersion: string;
  readonly sourceSha256: string;
  /** Of the published bytes, base64; not there when somebody else put the same content there without a checksum. */
  readonly codeSha256?: string;
  /** The object's page in the AWS console. */
  readonly consoleUrl: string;
  /** The object's version, in a bucket with versioning. */
  readonly versionId?: string;
}

export interface BuildPackageUploadOptions extends BuildOptions, PublishOptions, RunOptions {
  /** The project's folder, which holds `pyproject.toml` or `setup.py`. */
  readonly dirProjectRoot: string;

  /**
   * Clean an earlier build in `build/lambda/source/build` without asking on the terminal.
   *
   * @default false
   */
  readonly skipPrompt?: boolean;
}

/** What the three steps gave: the project and its entry points, the archive, and where it is published. */
export interface BuildSourceArtifactsResult extends
  BuiltSource,
  Omit<SourceZip, 'sourceVersion' | 'codeSha256'>,
  Omit<PublishedSource, 'sourceVersion'> {}
