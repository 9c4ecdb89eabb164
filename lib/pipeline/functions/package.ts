import * as path from 'node:path';
import { realPath } from '../../core/base/files';
import { refuseUnfit } from '../../core/build/fitness';
import { allowOverwriting, describeArchive, packageSource, readBuild, readFile, refuse } from '../local/archive';
import { projectOfBuild, sayLacking, withCompiling } from '../local/compiling';
import { isInside } from '../local/output-folder';
import { writeFileWhole } from '../local/write-whole';
import type { CreateSourceZipOptions, SourceZip, ReadSourceZipOptions } from '../model/package';
import { run } from '../run';

/**
 * Step 2: package an installed tree, its files at the root of the archive. The same tree gives the same bytes, whenever and wherever
 * it was installed.
 *
 * The archive is written as a whole or not at all.
 *
 * @throws ArtifactError with the code `usage` (an option) or `build` (the tree cannot run in Lambda)
 */
export async function createSourceZip(options: CreateSourceZipOptions): Promise<SourceZip> {
  return run('createSourceZip', options, async (current) => {
    const { dryRun, signal, print, printValues } = current;
    const folder = path.resolve(options.dirLambdaSourceBuild);
    const file = path.resolve(options.pathSourceZip ?? path.join(path.dirname(folder), 'source.zip'));
    if (isInside(realPath(file), realPath(folder))) {
      const problem = '{pathSourceZip} is inside of {dirLambdaSourceBuild}: the archive would hold itself';
      throw refuse('archive-in-build-folder', problem, file, 'put it beside the folder');
    }
    allowOverwriting('pathSourceZip', file);
    printValues('Creating Lambda source zip file', { dirLambdaSourceBuild: folder, pathSourceZip: file });
    const tree = readBuild(folder);
    refuseUnfit(tree);
    const { archive, zip } = await withCompiling(
      options, projectOfBuild(folder), undefined, current, async (compiling) => packageSource(tree, file, compiling),
    );
    sayLacking(zip.bytecode, current);
    signal?.throwIfAborted();
    if (!dryRun) writeFileWhole(file, archive);
    print(`sourceSha256 = ${zip.sourceSha256}`);
    return zip;
  });
}

/**
 * Read the name, the version and the digests from an archive, as to upload one that another machine made.
 *
 * @throws ArtifactError with the code `usage` if the file is not a source archive
 */
export async function readSourceZip(options: ReadSourceZipOptions): Promise<SourceZip> {
  return run('readSourceZip', options, async () => {
    const file = path.resolve(options.pathSourceZip);
    const archive = readFile('pathSourceZip', file);
    return describeArchive(archive, file);
  });
}
