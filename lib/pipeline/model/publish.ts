import type { BuildOptions, BuiltSource } from './build';
import type { SourceZip } from './package';
import type { RunOptions } from './run';

/**
 * The `S3Client` (or `S3`) of `@aws-sdk/client-s3`, version 3. The type is by shape, so that a client of any release fits. The commands
 * come from the copy of `@aws-sdk/client-s3` in your project.
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

/** The place of a published artifact, and its labels. */
export interface PublishOptions {
  /** The client that publishes, with your region and credentials. */
  readonly s3Client: S3ClientLike;

  /** The folder in S3, `s3://bucket/lambda/`: the object is `<s3DirLambda>source/<version>/source.zip`. */
  readonly s3DirLambda: string;

  /**
   * More metadata of the object. Names are stored in lower case. With the library's own it is at most 2 KB.
   *
   * @default - the library's own: `source_version`, `source_sha256` and `code_sha256`; of a build also `source_name`, `git_commit` and
   * `built_with`
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
   */
  readonly metadata?: Readonly<Record<string, string>>;

  /**
   * Tags of the object, at most 10.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tags?: Readonly<Record<string, string>>;

  /**
   * Replace other content under the same version. Functions that run it keep the old code until they are updated.
   *
   * @default false
   */
  readonly overwrite?: boolean;
}

export interface UploadSourceOptions extends PublishOptions, RunOptions {
  /** The version under which it is published, a PEP 440 or SemVer version. */
  readonly sourceVersion: string;
  /** The digest of the archive's content, as `createSourceZip` returns it. Other content is refused. */
  readonly sourceSha256: string;
  /** The archive. */
  readonly pathSourceZip: string;
}

/** The outcome of a publication, and the artifact's place. */
export interface PublishedSource extends S3Place {
  /** `unchanged` if the same content was published already; the object stays as it is. */
  readonly outcome: 'created' | 'unchanged' | 'overwritten';
  readonly sourceVersion: string;
  readonly sourceSha256: string;
  /** The SHA-256 of the published bytes, base64. `undefined` if somebody else uploaded the same content without a checksum. */
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

/** The result of the three steps: the project and its entry points, the archive, and its place in S3. */
export interface BuildSourceArtifactsResult
  extends BuiltSource, Omit<SourceZip, 'sourceVersion' | 'codeSha256'>, Omit<PublishedSource, 'sourceVersion'> {}
