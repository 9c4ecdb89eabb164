import * as path from 'node:path';
import { digestFile } from '../../core/base/tree';
import { compareTrees } from '../../core/base/tree-difference';
import { buildTreeTwice } from '../local/build-tree';
import type { BuildOptions } from '../model/build';
import type { VerifySourceOptions, VerifiedSource } from '../model/verify';
import { checkArchive } from '../remote/check-archive';
import { PublishedVersions } from '../remote/published';
import { run, type Run } from '../run';

/**
 * Check a published archive against its digests and, if a project is given, the project against the archive, file by file. Nothing is
 * written. A difference is an answer and not an error.
 *
 * Needs `s3:GetObject` on `<folder>source/*` and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage`, `aws` or `build`
 */
export async function verifySourceArtifact(options: VerifySourceOptions): Promise<VerifiedSource> {
  return run('verifySourceArtifact', options, async (current) => {
    const { s3Client, s3DirLambda, sourceVersion, dirProjectRoot } = options;
    current.printValues('Verifying Lambda source artifact', { sourceVersion, s3DirLambda, dirProjectRoot });
    const { found, archive } = await new PublishedVersions(s3Client, s3DirLambda, current.signal).read(sourceVersion);
    const { files, problems, codeSha256, sourceSha256 } = await checkArchive(found, archive);
    const project = dirProjectRoot === undefined ? undefined : await compareProject(options, path.resolve(dirProjectRoot), files, current);
    const ok = [problems, project?.differences ?? [], project?.buildDifferences ?? []].every(({ length }) => length === 0);
    current.print(`ok = ${ok}`);
    return { ...found, codeSha256, sourceSha256, ok, problems, ...project ? { project } : {} };
  });
}

async function compareProject(
  options: BuildOptions, dirProjectRoot: string, published: Parameters<typeof compareTrees>[0], current: Run,
): Promise<VerifiedSource['project']> {
  const { tree, sourceSha256, buildDifferences } = await buildTreeTwice({ ...options, entry: dirProjectRoot }, current);
  return { dirProjectRoot, sourceSha256, differences: compareTrees(published, tree.files.map(digestFile)), buildDifferences };
}
