import * as path from 'node:path';
import { ArtifactError } from '../../core/base/error';
import { digestFile } from '../../core/base/tree';
import { compareTrees } from '../../core/base/tree-difference';
import { buildTreeTwice } from '../local/build-tree';
import type { BuildOptions } from '../model/build';
import type { SourceVersion } from '../model/catalog';
import type { VerifySourceOptions, VerifiedSource } from '../model/verify';
import { checkArchive, type CheckedArchive } from '../remote/check-archive';
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
    const published = new PublishedVersions(s3Client, s3DirLambda, current.signal);
    const { found, files, problems, codeSha256, sourceSha256 } = await readAndCheck(published, sourceVersion);
    const project = dirProjectRoot === undefined ? undefined : await compareProject(options, path.resolve(dirProjectRoot), files, current);
    const ok = [problems, project?.differences ?? [], project?.buildDifferences ?? []].every(({ length }) => length === 0);
    current.print(`ok = ${ok}`);
    return { ...found, codeSha256, sourceSha256, ok, problems, ...project ? { project } : {} };
  });
}

/** What does not arrive as it was written is an answer too. */
async function readAndCheck(published: PublishedVersions, version: string): Promise<CheckedArchive & { readonly found: SourceVersion }> {
  try {
    const { found, archive } = await published.read(version);
    return { found, ...await checkArchive(found, archive) };
  } catch (error) {
    const isDamaged = error instanceof ArtifactError && error.trouble.reference === 'archive-damaged';
    const found = isDamaged ? await published.find(version) : undefined;
    if (!found) throw error;
    return { found, codeSha256: found.codeSha256, files: [], problems: [(error as ArtifactError).trouble.problem] };
  }
}

async function compareProject(
  options: BuildOptions, dirProjectRoot: string, published: Parameters<typeof compareTrees>[0], current: Run,
): Promise<VerifiedSource['project']> {
  const { tree, sourceSha256, buildDifferences } = await buildTreeTwice({ ...options, entry: dirProjectRoot }, current);
  return { dirProjectRoot, sourceSha256, differences: compareTrees(published, tree.files.map(digestFile)), buildDifferences };
}
