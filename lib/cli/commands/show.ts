import type { Command } from 'commander';
import { ownMetadata } from '../../core/plan/object-labels';
import { describeSourceVersion } from '../../pipeline/api';
import { s3Options } from '../aws';
import { addCommonOptions, addS3Options, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { table } from '../terminal';
import { versionRows } from '../version-text';

const OWN_METADATA = new Set(Object.keys(ownMetadata({ version: '', sourceSha256: '', codeSha256: '' })));

/** The command that shows a published version. */
export function addShowCommand(program: Command, perform: Perform): void {
  const show = program.command('show').summary('show a published version')
    .description('Shows a published version: digests, date, size, metadata and tags.')
    .argument('<version>');
  addCommonOptions(addS3Options(show), { writes: false });
  show.action(async (sourceVersion: string, flags: S3Flags) => perform(show, {
    run: async (options) => describeSourceVersion({ ...options, ...await s3Options(flags), sourceVersion }),
    text: (version) => table([
      ...versionRows(version),
      ...Object.entries(version.metadata).filter(([name]) => !OWN_METADATA.has(name)).map(labelled('metadata')),
      ...Object.entries(version.tags).map(labelled('tag')),
    ]),
  }));
}

const labelled = (label: string) => ([name, value]: readonly [string, string]) => [`${label} ${name}`, value] as const;
