import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { asS3Client, regionOf } from './client';
import { downloadObject } from '../../core/publish/local-archive';
import { deleteObject, getTags, headObject, type ObjectHead } from '../../core/publish/object';
import { asking } from '../../core/publish/s3-errors';
import { listVersions, notPublished } from '../../core/publish/version/not-published';
import { SourceS3Layout } from '../functions/layout';
import type { DescribedSourceVersion, SourceVersion } from '../model/catalog';
import type { S3ClientLike, S3Place } from '../model/publish';

const AT_ONCE = 10;

/** The published versions in a folder of S3. */
export class PublishedVersions {
  readonly layout: SourceS3Layout;

  constructor(private readonly client: S3ClientLike, s3DirLambda: string, private readonly signal?: AbortSignal) {
    this.layout = new SourceS3Layout({ s3DirLambda });
  }

  /** All versions, oldest first. */
  async list(): Promise<string[]> {
    const { bucket, prefix, sourceDir } = this.layout;
    return this.ask(sourceDir, async (s3) => listVersions(s3, bucket, prefix, this.signal));
  }

  /** A version. `undefined` if it is not published. */
  async find(version: string): Promise<SourceVersion | undefined> {
    const place = this.layout.getSourceZip(version);
    const object = await this.ask(place, async (s3) => headObject(s3, place, this.signal));
    return object && this.describe(version, object);
  }

  /** All versions with what S3 says of them, oldest first. */
  async describeAll(): Promise<SourceVersion[]> {
    const found = await someAtOnce(await this.list(), async (version) => this.find(version));
    return found.filter((version) => version !== undefined);
  }

  async addTags(versions: readonly SourceVersion[]): Promise<DescribedSourceVersion[]> {
    return someAtOnce(versions, async (version) => ({ ...version, tags: await this.tags(version.sourceVersion) }));
  }

  /** A version with its archive. Fails if it is not published. */
  async read(version: string): Promise<{ readonly found: SourceVersion; readonly archive: Buffer }> {
    const place = this.layout.getSourceZip(version);
    const { head, content } = await this.ask(place, async (s3) => downloadObject(s3, place, this.signal)) ?? await this.refuse(version);
    return { found: await this.describe(version, head), archive: content };
  }

  async tags(version: string): Promise<Record<string, string>> {
    const place = this.layout.getSourceZip(version);
    return this.ask(place, async (s3) => getTags(s3, place, this.signal), 's3:GetObjectTagging');
  }

  async delete(version: string): Promise<void> {
    const place = this.layout.getSourceZip(version);
    await this.ask(place, async (s3) => deleteObject(s3, place, this.signal), 's3:DeleteObject');
  }

  /** Fail because a version is not published. */
  async refuse(version: string): Promise<never> {
    const place = this.layout.getSourceZip(version);
    throw await this.ask(this.layout.sourceDir, async (s3) => notPublished(s3, place, version, '{s3DirLambda}', this.signal));
  }

  private async ask<T>({ bucket, key }: S3Place, action: (s3: S3Client) => Promise<T>, permission = 's3:GetObject'): Promise<T> {
    const s3 = asS3Client(this.client);
    const permissions = `${permission} on ${this.layout.sourceDir.key}* and s3:ListBucket on the bucket`;
    return asking({ s3, place: { bucket, key }, permissions, signal: this.signal }, async () => action(s3));
  }

  private async describe(
    sourceVersion: string, { Metadata = {}, ...object }: ObjectHead | HeadObjectCommandOutput,
  ): Promise<SourceVersion> {
    return {
      sourceVersion,
      sourceSha256: Metadata.source_sha256,
      codeSha256: object.ChecksumSHA256 ?? Metadata.code_sha256,
      size: object.ContentLength!,
      lastModified: object.LastModified!,
      metadata: Metadata,
      ...this.layout.getSourceZip(sourceVersion),
      consoleUrl: this.layout.getConsoleUrl(sourceVersion, await regionOf(this.client)),
      versionId: object.VersionId,
    };
  }
}

async function someAtOnce<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE) {
    results.push(...await Promise.all(items.slice(first, first + AT_ONCE).map(action)));
  }
  return results;
}
