import * as path from 'node:path';
import type { BuildOptions } from './build';
import { buildTreeTwice } from './build-tree';
import { run, type RunOptions } from './run';

export interface VerifyBuildOptions extends Omit<BuildOptions, 'handler'>, RunOptions {
  /** The project's folder, which holds `pyproject.toml` or `setup.py`. */
  readonly dirProjectRoot: string;
}

/** A file in which two installed trees differ. */
export interface SourceFileDifference {
  /** In the archive. */
  readonly path: string;
  /**
   * Of two builds: what the second made of the first. Of a project and what is published: `added` for what only the project has, `removed`
   * for what only is published.
   */
  readonly change: 'added' | 'removed' | 'changed';
  /** Of two builds: where a changed text starts to differ, its first line being 1. */
  readonly line?: { readonly number: number; readonly before: string; readonly after: string };
}

/** What two builds of a project gave. */
export interface VerifiedBuild {
  /** Whether they gave the same: no differences. */
  readonly ok: boolean;
  /** The project's folder, absolute. */
  readonly dirProjectRoot: string;
  /** The project's name. */
  readonly name: string;
  readonly sourceVersion: string;
  /** Of the first build. */
  readonly sourceSha256: string;
  /** By path; empty for a build that is reproducible. */
  readonly differences: readonly SourceFileDifference[];
}

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
    const { name, sourceVersion, sourceSha256, buildDifferences: differences } = await buildTreeTwice({ ...options, entry: dirProjectRoot }, current);
    const ok = differences.length === 0;
    current.print(`ok = ${ok}`);
    return { ok, dirProjectRoot, name, sourceVersion, sourceSha256, differences };
  });
}
