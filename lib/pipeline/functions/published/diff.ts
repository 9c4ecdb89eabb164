import * as path from 'node:path';
import { ArtifactError } from '../../../core/base/error';
import type { TreeFile } from '../../../core/base/tree';
import { filesOfContent } from '../../../core/bytecode/archive';
import { buildTree } from '../../local/build-tree';
import { diffTrees } from '../../local/text-diff';
import type { SourceVersion } from '../../model/catalog';
import type { DiffedProject, DiffSourceOptions, SourceDiff } from '../../model/diff';
import { PublishedVersions } from '../../remote/published';
import { run, type Run } from '../../run';

/**
 * Compare two published versions, or a published version with a project, file by file and line by line. Nothing is written.
 *
 * Needs `s3:GetObject` on `<folder>source/*` and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage`, `aws` or `build`
 */
export async function diffSourceVersions(options: DiffSourceOptions): Promise<SourceDiff> {
  return run('diffSourceVersions', options, async (current) => {
    const { sourceVersion, otherVersion, dirProjectRoot, s3DirLambda } = options;
    if ((otherVersion === undefined) === (dirProjectRoot === undefined)) {
      throw new ArtifactError({
        reference: 'diff-with-what',
        problem: 'a version is compared with another one or with a project',
        got: [otherVersion, dirProjectRoot].filter((value) => value !== undefined),
        advice: 'name one of the two',
      });
    }
    current.printValues('Comparing Lambda source artifacts', { sourceVersion, otherVersion, dirProjectRoot, s3DirLambda });
    const published = new PublishedVersions(options.s3Client, s3DirLambda, current.signal);
    const [from, to] = await Promise.all([
      readVersion(published, sourceVersion),
      otherVersion === undefined ? readProject(options, path.resolve(dirProjectRoot!), current) : readVersion(published, otherVersion),
    ]);
    const differences = diffTrees(from.files, to.files);
    current.print(`differences = ${differences.length}`);
    return { from: from.found, to: to.found, differences };
  });
}

interface Side<T> {
  readonly found: T;
  readonly files: readonly TreeFile[];
}

async function readVersion(published: PublishedVersions, version: string): Promise<Side<SourceVersion>> {
  const { found, archive } = await published.read(version);
  try {
    return { found, files: await filesOfContent(archive) };
  } catch (cause) {
    throw new ArtifactError({
      reference: 'archive-damaged',
      problem: 'the archive is damaged',
      got: (cause as Error).message,
      advice: 'see who wrote it, and publish the version again',
    }, found.uri, { cause });
  }
}

async function readProject(
  { otherVersion: _other, sourceVersion: _version, ...options }: DiffSourceOptions, dirProjectRoot: string, current: Run,
): Promise<Side<DiffedProject>> {
  const { tree, sourceVersion, sourceSha256 } = await buildTree({ ...options, entry: dirProjectRoot }, current);
  return { found: { dirProjectRoot, sourceVersion, sourceSha256 }, files: tree.files };
}
