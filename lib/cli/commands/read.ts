import type { Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { ownMetadata } from '../../core/plan/object-labels';
import { describeSourceVersion, downloadSourceArtifact, listSourceVersions, type SourceVersion } from '../../pipeline/api';
import { openS3 } from '../aws';
import { addCommonOptions, addS3Options, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { table } from '../terminal';

/** The commands that read what is published. */
export function addReadCommands(program: Command, perform: Perform): void {
  const list = program.command('list').summary('list the published versions')
    .description('Lists the published versions, oldest version first.');
  addCommonOptions(addS3Options(list), { writes: false });
  list.action(async (flags: S3Flags) => perform(list, {
    run: async (options) => listSourceVersions({ ...options, ...await s3Options(flags) }),
    text: (versions) => versions.length === 0 ? 'nothing is published there' : table(versions.map((version) => [version.sourceVersion, [
      (version.sourceSha256 ?? '-').padEnd(64), version.lastModified.toISOString(), bytes(version.size),
    ].join('  ')])),
  }));

  const show = program.command('show').summary('show a published version')
    .description('Shows a published version: digests, date, size, metadata and tags.')
    .argument('<version>');
  addCommonOptions(addS3Options(show), { writes: false });
  show.action(async (sourceVersion: string, flags: S3Flags) => perform(show, {
    run: async (options) => describeSourceVersion({ ...options, ...await s3Options(flags), sourceVersion }),
    text: (version) => table([
      ...versionRows(version),
      ...Object.entries(version.metadata).filter(([name]) => !OWN_METADATA.has(name)).map(([name, value]) => [`metadata ${name}`, value] as const),
      ...Object.entries(version.tags).map(([name, value]) => [`tag ${name}`, value] as const),
    ]),
  }));

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

export async function s3Options({ s3Dir, profile, region }: S3Flags) {
  return { s3Client: await openS3({ profile, region }), s3DirLambda: s3Dir };
}

const OWN_METADATA = new Set(Object.keys(ownMetadata({ version: '', sourceSha256: '', codeSha256: '' })));

function versionRows(version: SourceVersion): Array<readonly [string, string | undefined]> {
  return [
    ['version', version.sourceVersion],
    ['source_sha256', version.sourceSha256],
    ['code_sha256', version.codeSha256],
    ['target', version.uri],
    ['published', version.lastModified.toISOString()],
    ['size', bytes(version.size)],
    ['object version', version.versionId],
    ['console', version.consoleUrl],
  ];
}
