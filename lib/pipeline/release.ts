import * as path from 'node:path';
import type { BuildOptions, BuiltSource } from './build';
import { buildSource, workFolder } from './build-tree';
import { allowOverwriting, packageSource } from './archive';
import type { SourceZip } from './package';
import { SourceS3Layout } from './layout';
import type { PublishedSource, PublishOptions } from './upload';
import { uploadSource } from './publish-upload';
import { run, type RunOptions } from './run';
import { writeFileWhole } from './write-whole';

export interface BuildPackageUploadOptions extends BuildOptions, PublishOptions, RunOptions {
  /** The project's folder, which holds `pyproject.toml` or `setup.py`. */
  readonly dirProjectRoot: string;

  /**
   * Clean an earlier build in `build/lambda/source/build` without asking on the terminal.
   *
   * @default false
   */
  readonly skipPrompt?: boolean;
}

/** What the three steps gave: the project and its entry points, the archive, and where it is published. */
export interface BuildSourceArtifactsResult extends BuiltSource, Omit<SourceZip, 'sourceVersion' | 'codeSha256'>, Omit<PublishedSource, 'sourceVersion'> {}

/**
 * All three steps: build a project, package it and publish it under its version. The working files are in the project, in
 * `build/lambda/source/`: the installed tree in `build/`, and `source.zip`.
 *
 * @throws ArtifactError as the steps do
 */
export async function buildPackageUploadSourceArtifacts(options: BuildPackageUploadOptions): Promise<BuildSourceArtifactsResult> {
  return run('buildPackageUploadSourceArtifacts', options, async (current) => {
    new SourceS3Layout(options); // a slip of the pen costs no build
    const entry = path.resolve(options.dirProjectRoot);
    const file = path.join(workFolder(entry), 'source.zip');
    allowOverwriting('source.zip', file);
    const { tree, built } = await buildSource({ ...options, entry, dirLambdaSourceBuild: undefined }, current);

    current.printValues('Creating Lambda source zip file', { dirLambdaSourceBuild: built.dirLambdaSourceBuild, pathSourceZip: file });
    const { archive, zip } = await packageSource(tree, file);
    current.signal?.throwIfAborted();
    if (!current.dryRun) writeFileWhole(file, archive);

    const { sourceVersion, sourceSha256, provenance } = built;
    current.printValues('Uploading Lambda source artifacts to S3', { sourceVersion, sourceSha256, s3DirLambda: options.s3DirLambda });
    const published = await uploadSource(options, { sourceVersion, sourceSha256, archive, provenance }, current);
    return { ...zip, ...built, ...published };
  });
}
