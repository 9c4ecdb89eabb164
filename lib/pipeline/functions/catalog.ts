import type { DescribedSourceVersion, ListSourceVersionsOptions, SourceVersion, SourceVersionOptions } from '../model/catalog';
import { PublishedVersions } from '../remote/published';
import { run } from '../run';

/**
 * List the published versions, oldest version first.
 *
 * Needs `s3:ListBucket` on the bucket and `s3:GetObject` on `<folder>source/*`; for tags `s3:GetObjectTagging`.
 *
 * @throws ArtifactError with the code `usage` or `aws`
 */
export async function listSourceVersions(options: ListSourceVersionsOptions): Promise<SourceVersion[]> {
  return run('listSourceVersions', options, async ({ signal }) => {
    const published = new PublishedVersions(options.s3Client, options.s3DirLambda, signal);
    const versions = await published.describeAll();
    return options.tags ? published.addTags(versions) : versions;
  });
}

/**
 * Describe a published version: digests, date, size, metadata and tags.
 *
 * Needs `s3:GetObject` and `s3:GetObjectTagging` on `<folder>source/*` and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage` (there is no such version; the message lists the newest ones) or `aws`
 */
export async function describeSourceVersion(options: SourceVersionOptions): Promise<DescribedSourceVersion> {
  return run('describeSourceVersion', options, async ({ signal }) => {
    const published = new PublishedVersions(options.s3Client, options.s3DirLambda, signal);
    const found = await published.find(options.sourceVersion) ?? await published.refuse(options.sourceVersion);
    return { ...found, tags: await published.tags(options.sourceVersion) };
  });
}
