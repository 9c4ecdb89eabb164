import * as path from 'node:path';
import { buildTreeTwice } from '../local/build-tree';
import type { VerifyBuildOptions, VerifiedBuild } from '../model/verify';
import { run } from '../run';

/**
 * Build a project twice, in different folders, at different times and in different time zones, and tell file by file what differs.
 * Nothing is written. A difference is an answer and not an error.
 *
 * @throws ArtifactError with the code `usage` or `build`
 */
export async function verifyReproducibleBuild(options: VerifyBuildOptions): Promise<VerifiedBuild> {
  return run('verifyReproducibleBuild', options, async (current) => {
    const dirProjectRoot = path.resolve(options.dirProjectRoot);
    current.printValues('Building Lambda source artifacts twice', { dirProjectRoot });
    const twice = await buildTreeTwice({ ...options, entry: dirProjectRoot }, current);
    const { name, sourceVersion, sourceSha256, buildDifferences: differences } = twice;
    const ok = differences.length === 0;
    current.print(`ok = ${ok}`);
    return { ok, dirProjectRoot, name, sourceVersion, sourceSha256, differences };
  });
}
