import * as path from 'node:path';
import type { BuildOptions } from './build';
import { buildTreeTwice } from './build-tree';
import type { SourceFileDifference } from './verify-build';
import { checkArchive } from './check-archive';
import type { SourceVersion, SourceVersionOptions } from './catalog';
import { PublishedVersions } from './published';
import { run, type Run } from './run';
import { digestFile } from '../core/base/tree';
import { compareTrees } from '../core/base/tree-difference';

export interface VerifySourceOptions extends SourceVersionOptions, Omit<BuildOptions, 'handler' | 'sourceVersion'> {
  /**
   * A project, its folder: whether it builds to what is published, file by file, and to the same each time: it is built twice.
   *
   * @default - only the published archive is checked
   */
  readonly dirProjectRoot?: string;
}

/** What was found out about a published version. */
export interface VerifiedSource extends SourceVersion {
  /** Whether all is as it should be: no problems, no differences. */
  readonly ok: boolean;
  /** In what the archive is not what its metadata says; empty for one that is whole. */
  readonly problems: readonly string[];
  /** The project that it was compared with. */
  readonly project?: {
    /** The project's folder, absolute. */
    readonly dirProjectRoot: string;
    readonly sourceSha256: string;
    /** From what is published, by path; empty for a project that equals it. */
    readonly differences: readonly SourceFileDifference[];
    /** Between two builds of the project, by path; empty for a build that is reproducible. */
    readonly buildDifferences: readonly SourceFileDifference[];
  };
}

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
    const ok = [problems, project?.differences ?? [], project?.buildDifferences ?? []].every((wrong) => wrong.length === 0);
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
