import * as path from 'node:path';
import { SourceS3Layout } from './layout';
import { allowOverwriting, packageSource } from '../local/archive';
import { buildSource, workFolder } from '../local/build-tree';
import { writeFileWhole } from '../local/write-whole';
import type { BuildPackageUploadOptions, BuildSourceArtifactsResult } from '../model/publish';
import { uploadSource } from '../remote/upload-source';
import { run } from '../run';

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
