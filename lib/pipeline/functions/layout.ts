import { ArtifactError } from '../../core/base/error';
import { checkPrefix, checkVersion, consoleUrl, parseSourceObjectKey, s3Url, sourceObjectKey } from '../../core/plan/object-key';
import type { S3Place, SourceS3LayoutOptions } from '../model/publish';

/**
 * The places of a project's versions in S3: `<s3DirLambda>source/<version>/source.zip`, one object for each version.
 *
 * Fails if `s3DirLambda` is not a folder in S3, or if a version cannot be part of a key.
 *
 * @example
 * new SourceS3Layout({ s3DirLambda: 's3://bucket/lambda/' }).getSourceZip('0.1.1').uri; // s3://bucket/lambda/source/0.1.1/source.zip
 */
export class SourceS3Layout {
  readonly bucket: string;
  /** The folder's key: empty, or with a slash at its end. */
  readonly prefix: string;

  constructor({ s3DirLambda }: SourceS3LayoutOptions) {
    const [, bucket, folder] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:\/(.*))?$/s.exec(s3DirLambda) ?? [];
    if (bucket === undefined) {
      throw new ArtifactError({
        reference: 's3-dir-invalid',
        problem: '{s3DirLambda} is not a folder in S3',
        got: s3DirLambda,
        advice: 'write it like s3://bucket/lambda/',
      });
    }
    this.bucket = bucket;
    this.prefix = checkPrefix(folder ?? '');
  }

  /** The folder that holds the versions, `<s3DirLambda>source/`. */
  get sourceDir(): S3Place {
    return this.place(`${this.prefix}source/`);
  }

  /**
   * The place of a version.
   *
   * @param sourceVersion a PEP 440 or SemVer version
   */
  getSourceZip(sourceVersion: string): S3Place {
    return this.place(sourceObjectKey(this.prefix, checkVersion(sourceVersion)));
  }

  /**
   * The version of an object. `undefined` if the object is not a source artifact of this folder.
   *
   * @param keyOrUri a key of this bucket, or a whole `s3://` address
   */
  parseSourceVersion(keyOrUri: string): string | undefined {
    const start = `s3://${this.bucket}/`;
    if (keyOrUri.startsWith('s3://') && !keyOrUri.startsWith(start)) return undefined;
    return parseSourceObjectKey(this.prefix, keyOrUri.startsWith(start) ? keyOrUri.slice(start.length) : keyOrUri);
  }

  /**
   * A version's page in the AWS console.
   *
   * @param region of the bucket, such as `eu-west-1`
   */
  getConsoleUrl(sourceVersion: string, region: string): string {
    return consoleUrl(this.bucket, this.getSourceZip(sourceVersion).key, region);
  }

  private place(key: string): S3Place {
    return { bucket: this.bucket, key, uri: s3Url(this.bucket, key) };
  }
}
