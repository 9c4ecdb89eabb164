import * as path from 'node:path';
import { isInside } from './output-folder';
import { allowOverwriting, describeArchive, packageSource, readBuild, readFile, refuse } from './archive';
import { run, type RunOptions } from './run';
import { realPath, writeFileWhole } from './write-whole';
import { refuseUnfit } from '../core/build/fitness';

export interface CreateSourceZipOptions extends RunOptions {
  /** The folder with the installed tree, as `buildSourceArtifactsUsingPip` or `pip install --no-deps --target` makes it. */
  readonly dirLambdaSourceBuild: string;

  /**
   * The archive's file, not inside of `dirLambdaSourceBuild`; an archive that is there is replaced.
   *
   * @default "source.zip" beside `dirLambdaSourceBuild`
   */
  readonly pathSourceZip?: string;
}

/** An archive with its digests. */
export interface SourceZip {
  /** The archive's file, absolute. */
  readonly pathSourceZip: string;
  /** The project's name. */
  readonly name: string;
  /** The version of the built metadata, as Python writes it (1.0rc1). */
  readonly sourceVersion: string;
  /** The digest of the installed tree, hexadecimal. It depends on no compressor. */
  readonly sourceSha256: string;
  /** The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`. */
  readonly codeSha256: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** Of the files in it, bytes. */
  readonly unzippedSize: number;
}

/**
 * Step 2: package an installed tree, its files at the root of the archive. The same tree gives the same bytes, whenever and wherever
 * it was installed.
 *
 * The archive is written as a whole or not at all.
 *
 * @throws ArtifactError with the code `usage` (an option) or `build` (the tree cannot run in Lambda)
 */
export async function createSourceZip(options: CreateSourceZipOptions): Promise<SourceZip> {
  return run('createSourceZip', options, async ({ dryRun, signal, print, printValues }) => {
    const folder = path.resolve(options.dirLambdaSourceBuild);
    const file = path.resolve(options.pathSourceZip ?? path.join(path.dirname(folder), 'source.zip'));
    if (isInside(realPath(file), realPath(folder))) {
      throw refuse('pathSourceZip is inside of dirLambdaSourceBuild: the archive would hold itself', file, 'put it beside the folder');
    }
    allowOverwriting('pathSourceZip', file);
    printValues('Creating Lambda source zip file', { dirLambdaSourceBuild: folder, pathSourceZip: file });
    const tree = readBuild(folder);
    refuseUnfit(tree);
    const { archive, zip } = await packageSource(tree, file);
    signal?.throwIfAborted();
    if (!dryRun) writeFileWhole(file, archive);
    print(`sourceSha256 = ${zip.sourceSha256}`);
    return zip;
  });
}

export interface ReadSourceZipOptions extends RunOptions {
  /** The archive's file. */
  readonly pathSourceZip: string;
}

/**
 * What an archive holds, read from the archive: to upload one that another machine made.
 *
 * @throws ArtifactError with the code `usage` for what is not a source archive
 */
export async function readSourceZip(options: ReadSourceZipOptions): Promise<SourceZip> {
  return run('readSourceZip', options, async () => {
    const file = path.resolve(options.pathSourceZip);
    const archive = readFile('pathSourceZip', file);
    return describeArchive(archive, file);
  });
}
