import * as path from 'node:path';
import { ArtifactError } from '../../core/base/error';
import { allowOverwriting } from '../local/archive';
import { writeFileWhole } from '../local/write-whole';
import type { DownloadSourceOptions, DownloadedSource } from '../model/catalog';
import { checkArchive } from '../remote/check-archive';
import { PublishedVersions } from '../remote/published';
import { run } from '../run';

/**
 * Download a published archive and check it against its digests. The file is written as a whole or not at all.
 *
 * Needs `s3:GetObject` on `<folder>source/*` and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage`, `aws` or `conflict` (the bytes are not those that were published)
 */
export async function downloadSourceArtifact(options: DownloadSourceOptions): Promise<DownloadedSource> {
  return run('downloadSourceArtifact', options, async ({ dryRun, signal, print, printValues }) => {
    const { s3Client, s3DirLambda, sourceVersion } = options;
    const pathSourceZip = path.resolve(options.pathSourceZip ?? `source-${sourceVersion}.zip`);
    const published = new PublishedVersions(s3Client, s3DirLambda, signal);
    const place = published.layout.getSourceZip(sourceVersion);
    allowOverwriting('pathSourceZip', pathSourceZip);
    printValues('Downloading Lambda source artifact from S3', { sourceVersion, s3DirLambda, pathSourceZip });
    const { found, archive } = await published.read(sourceVersion);
    const { problems } = await checkArchive(found, archive);
    if (problems.length > 0) {
      throw new ArtifactError({
        reference: 'archive-damaged',
        problem: `the archive is not what its metadata says: ${problems.join('; ')}`,
        got: archive.length,
        advice: 'see who wrote it; nothing was downloaded',
      }, place.uri);
    }
    signal?.throwIfAborted();
    if (!dryRun) writeFileWhole(pathSourceZip, archive);
    print(`sourceSha256 = ${found.sourceSha256}`);
    return { ...found, pathSourceZip };
  });
}
