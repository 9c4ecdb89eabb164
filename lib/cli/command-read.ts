import * as path from 'node:path';
import { CommanderError, type Command } from 'commander';
import { openS3 } from './aws-client';
import { projectFolder } from './command-build';
import type { Perform } from './command-line';
import { EXIT_CODES } from './exit-code';
import { addBuildOptions, addCommonOptions, addS3Options, buildOptions, type BuildFlags, type S3Flags } from './options';
import { bytes, table } from './terminal';
import { readProject } from '../core/build-project';
import { describeDifferences } from '../core/publish-difference';
import { ownMetadata } from '../core/publish-labels';
import { describeSourceVersion, downloadSourceArtifact, listSourceVersions, verifySourceArtifact, type SourceVersion, type VerifiedSource } from '../pipeline/api';

interface VerifyFlags extends S3Flags, BuildFlags {
  readonly all?: boolean;
  readonly project?: string;
}

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

  addVerify(program, perform);
}

function addVerify(program: Command, perform: Perform): void {
  const verify = program.command('verify').summary('check what is published')
    .description('Checks published archives against their digests and, with --project, a project against the archive, file by file. Exit code 4 for a difference.')
    .argument('[version]', 'the version (default: that of the project)')
    .option('--all', 'all published versions')
    .option('--project <folder>', 'build this project and compare it with what is published; nothing is written');
  addCommonOptions(addBuildOptions(addS3Options(verify)), { writes: false });
  verify.action(async (version: string | undefined, flags: VerifyFlags) => perform(verify, {
    run: async (options) => {
      const given = { ...options, ...buildOptions(flags), ...await s3Options(flags) };
      const dirProjectRoot = flags.project === undefined ? undefined : projectFolder(flags.project);
      if (!flags.all) return verifySourceArtifact({ ...given, dirProjectRoot, sourceVersion: version ?? projectVersion(dirProjectRoot) });
      const verified: VerifiedSource[] = [];
      for (const { sourceVersion } of await listSourceVersions(given)) verified.push(await verifySourceArtifact({ ...given, sourceVersion }));
      return verified;
    },
    text: (result) => Array.isArray(result) ? result.map((one) => verifiedText(one)).join('\n\n') || 'nothing is published there' : verifiedText(result),
    exitCode: (result) => (Array.isArray(result) ? result : [result]).every(({ ok }) => ok) ? EXIT_CODES.ok : EXIT_CODES.conflict,
  }));
}

async function s3Options({ s3Dir, profile, region }: S3Flags) {
  return { s3Client: await openS3({ profile, region }), s3DirLambda: s3Dir };
}

function projectVersion(folder: string | undefined): string {
  const version = folder === undefined ? undefined : readProject(path.resolve(folder)).version;
  if (version !== undefined) return version;
  throw new CommanderError(EXIT_CODES.usage, 'psa.noVersion', folder === undefined ? 'which version is to be verified: name one, or --all' : 'the project has no version written down: name one');
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

function verifiedText({ sourceVersion, uri, sourceSha256, problems, project }: VerifiedSource): string {
  const archive = problems.length === 0 ? 'whole' : `damaged: ${problems.join('; ')}`;
  const compared = project && (project.differences.length === 0 ? 'equal' : `differs: ${describeDifferences(project.differences)}`);
  return table([['version', sourceVersion], ['source_sha256', sourceSha256], ['target', uri], ['archive', archive], ['project', compared]]);
}
