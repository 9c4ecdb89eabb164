import type { CatalogOptions, SourceVersion, DescribedSourceVersion, SourceVersionOptions } from '../model/catalog';
import { PublishedVersions } from '../remote/published';
import { run } from '../run';

const AT_ONCE = 10;

/**
 * List the published versions, oldest version first.
 *
 * Needs `s3:ListBucket` on the bucket and `s3:GetObject` on `<folder>source/*`.
 *
 * @throws ArtifactError with the code `usage` or `aws`
 */
export async function listSourceVersions(options: CatalogOptions): Promise<SourceVersion[]> {
  return run('listSourceVersions', options, async ({ signal }) => {
    const published = new PublishedVersions(options.s3Client, options.s3DirLambda, signal);
    const versions = await published.list();
    const found: Array<SourceVersion | undefined> = [];
    for (let first = 0; first < versions.length; first += AT_ONCE) {
      found.push(...await Promise.all(versions.slice(first, first + AT_ONCE).map(async (version) => published.find(version))));
    }
    return found.filter((version) => version !== undefined);
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
