import * as path from 'node:path';
import { CommanderError, Option, type Command } from 'commander';
import { describeDifferences } from '../../core/base/tree-difference';
import { describeLine } from '../../core/build/twice';
import { openProject } from '../../core/init/open-project';
import {
  listSourceVersions, verifyReproducibleBuild, verifySourceArtifact,
  type RunOptions, type SourceFileDifference, type VerifiedBuild, type VerifiedSource,
} from '../../pipeline/api';
import { s3Options } from '../aws';
import { EXIT_CODES } from '../exit-codes';
import { addBuildOptions, addCommonOptions, addS3Options, buildOptions, type BuildFlags, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { projectFolder } from '../project-argument';
import { table } from '../terminal';

interface VerifyFlags extends Partial<S3Flags>, BuildFlags {
  readonly all?: boolean;
  readonly project?: string;
}

/** The command that compares two builds, and a build with a published version. */
export function addVerifyCommand(program: Command, perform: Perform): void {
  const verify = program.command('verify').summary('check a build, and what is published')
    .description('With --project, builds a project twice, in different folders, at different times and in different time zones, '
      + 'and tells file by file what differs. '
      + 'With --s3-dir, checks a published archive against its digests, and the project against the archive. '
      + 'Nothing is written. Exit code 4 for a difference.')
    .argument('[version]', 'the version (default: that of the project)')
    .option('--project <folder>', 'the project to build')
    .addOption(new Option('--all', 'all published versions').conflicts('project'));
  addCommonOptions(addBuildOptions(addS3Options(verify, { required: false })), { writes: false });
  verify.action(async (version: string | undefined, flags: VerifyFlags) => perform(verify, {
    run: async (options) => verifyGiven(version, flags, options),
    text: (result) => Array.isArray(result) ? result.map(verifiedText).join('\n\n') || 'nothing is published there' : verifiedText(result),
    exitCode: (result) => (Array.isArray(result) ? result : [result]).every(({ ok }) => ok) ? EXIT_CODES.ok : EXIT_CODES.conflict,
  }));
}

async function verifyGiven(
  version: string | undefined, { project, all, s3Dir, ...flags }: VerifyFlags, options: RunOptions,
): Promise<VerifiedBuild | VerifiedSource | VerifiedSource[]> {
  const dirProjectRoot = project === undefined ? undefined : projectFolder(project);
  const given = { ...options, ...buildOptions(flags) };
  if (s3Dir === undefined) {
    if (dirProjectRoot === undefined) throw incomplete('what is to be verified: name it with --project, --s3-dir or both');
    return verifyReproducibleBuild({ ...given, dirProjectRoot, sourceVersion: version });
  }
  const published = { ...given, ...await s3Options({ ...flags, s3Dir }) };
  if (!all) return verifySourceArtifact({ ...published, dirProjectRoot, sourceVersion: version ?? projectVersion(dirProjectRoot) });
  const verified: VerifiedSource[] = [];
  for (const { sourceVersion } of await listSourceVersions(published)) {
    verified.push(await verifySourceArtifact({ ...published, sourceVersion }));
  }
  return verified;
}

function projectVersion(folder: string | undefined): string {
  const version = folder === undefined ? undefined : openProject(path.resolve(folder)).version;
  if (version !== undefined) return version;
  throw incomplete(folder === undefined
    ? 'which version is to be verified: name one, or --all'
    : 'the project has no version written down: name one');
}

function incomplete(message: string): CommanderError {
  return new CommanderError(EXIT_CODES.usage, 'psa.incomplete', message);
}

function verifiedText(verified: VerifiedBuild | VerifiedSource): string {
  if ('differences' in verified) {
    const { name, sourceVersion, sourceSha256, differences } = verified;
    return table([['project', name], ['version', sourceVersion], ['source_sha256', sourceSha256], ...differenceRows(differences)]);
  }
  const { sourceVersion, uri, sourceSha256, problems, project } = verified;
  const archive = problems.length === 0 ? 'whole' : `damaged: ${problems.join('; ')}`;
  const compared = project && (project.differences.length === 0 ? 'equal' : `differs: ${describeDifferences(project.differences)}`);
  return table([
    ['version', sourceVersion], ['source_sha256', sourceSha256], ['target', uri], ['archive', archive], ['project', compared],
    ...project ? differenceRows(project.buildDifferences) : [],
  ]);
}

function differenceRows(differences: readonly SourceFileDifference[]): Array<readonly [string, string]> {
  const files = `${differences.length} ${differences.length === 1 ? 'file' : 'files'}`;
  return [
    ['two builds', differences.length === 0 ? 'equal' : `differ in ${files}`],
    ...differences.map(({ change, path: name, line }) => [change, line ? `${name}, ${describeLine(line)}` : name] as const),
  ];
}
