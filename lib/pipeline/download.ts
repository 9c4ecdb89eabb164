import * as path from 'node:path';
import { allowOverwriting } from './archive';
import { checkArchive } from './check-archive';
import type { SourceVersion, SourceVersionOptions } from './catalog';
import { PublishedVersions } from './published';
import { run } from './run';
import { writeFileWhole } from './write-whole';
import { ArtifactError } from '../core/base/error';

export interface DownloadSourceOptions extends SourceVersionOptions {
  /**
   * The file that gets the archive; an archive that is there is replaced.
   *
   * @default "source-<version>.zip" in the current folder
   */
  readonly pathSourceZip?: string;
}

/** A published version whose archive is in a file. */
export interface DownloadedSource extends SourceVersion {
  /** The archive's file, absolute. */
  readonly pathSourceZip: string;
}

/**
 * Download a published archive and check it against its digests. The file is written as a whole or not at all.
 *
 * Needs `s3:GetObject` on `<folder>source/*` and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage`, `aws`, or `conflict`: the bytes are not those that were published
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
        code: 'conflict',
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
