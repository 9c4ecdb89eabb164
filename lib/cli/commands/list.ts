import type { Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { listSourceVersions } from '../../pipeline/api';
import { s3Options } from '../aws';
import { addCommonOptions, addS3Options, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { table } from '../terminal';

/** The command that lists the published versions. */
export function addListCommand(program: Command, perform: Perform): void {
  const list = program.command('list').summary('list the published versions')
    .description('Lists the published versions, oldest version first.');
  addCommonOptions(addS3Options(list), { writes: false });
  list.action(async (flags: S3Flags) => perform(list, {
    run: async (options) => listSourceVersions({ ...options, ...await s3Options(flags) }),
    text: (versions) => versions.length === 0 ? 'nothing is published there' : table(versions.map((version) => [version.sourceVersion, [
      (version.sourceSha256 ?? '-').padEnd(64), version.lastModified.toISOString(), bytes(version.size),
    ].join('  ')])),
  }));
}
