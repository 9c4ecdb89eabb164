import * as path from 'node:path';
import { SourceS3Layout } from './layout';
import { withCompiler } from '../../core/bytecode/archive';
import { allowOverwriting, packageSource } from '../local/archive';
import { buildSource, workFolder } from '../local/build-tree';
import { sayLacking, withCompiling } from '../local/compiling';
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
    const folder = { dirLambdaSourceBuild: undefined, bytecode: 'none' } as const; // the folder is for reading
    const { tree, built, python } = await buildSource({ ...options, entry, ...folder }, current);

    current.printValues('Creating Lambda source zip file', { dirLambdaSourceBuild: built.dirLambdaSourceBuild, pathSourceZip: file });
    const { archive, zip } = await withCompiling(
      options, entry, python, current, async (compiling) => packageSource(tree, file, compiling),
    );
    sayLacking(zip.bytecode, current);
    current.signal?.throwIfAborted();
    if (!current.dryRun) writeFileWhole(file, archive);

    const { sourceVersion, sourceSha256 } = built;
    const provenance = { ...built.provenance, built_with: withCompiler(built.provenance.built_with, zip.bytecode) };
    current.printValues('Uploading Lambda source artifacts to S3', { sourceVersion, sourceSha256, s3DirLambda: options.s3DirLambda });
    const published = await uploadSource(options, { sourceVersion, sourceSha256, archive, provenance }, current);
    return { ...zip, ...built, ...published, provenance, unzippedSize: zip.unzippedSize };
  });
}
