import type { Command } from 'commander';
import { downloadSourceArtifact } from '../../pipeline/api';
import { s3Options } from '../aws';
import { addCommonOptions, addS3Options, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { table } from '../terminal';
import { versionRows } from '../version-text';

/** The command that downloads a published archive. */
export function addDownloadCommand(program: Command, perform: Perform): void {
  const download = program.command('download').summary('download a published archive')
    .description('Downloads a published archive, checked against its digests.')
    .argument('<version>')
    .option('--zip <file>', 'the file that gets it (default: source-<version>.zip)');
  addCommonOptions(addS3Options(download), { writes: true });
  download.action(async (sourceVersion: string, flags: S3Flags & { readonly zip?: string }) => perform(download, {
    run: async (options) => downloadSourceArtifact({ ...options, ...await s3Options(flags), sourceVersion, pathSourceZip: flags.zip }),
    text: (version) => table([...versionRows(version), ['archive', version.pathSourceZip]]),
  }));
}
