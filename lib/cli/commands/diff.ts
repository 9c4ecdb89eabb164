import * as path from 'node:path';
import { CommanderError, type Command } from 'commander';
import { readProject } from '../../core/project/project';
import { diffSourceVersions, listSourceVersions, type CatalogOptions, type SourceDiff } from '../../pipeline/api';
import { s3Options } from '../aws';
import { EXIT_CODES } from '../exit-codes';
import { addBuildOptions, addCommonOptions, addS3Options, buildOptions, type BuildFlags, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { projectFolder } from '../project-argument';

interface DiffFlags extends S3Flags, BuildFlags {
  readonly project?: string;
  readonly exitCode?: boolean;
}

/** The command that compares published versions, and a project with one. */
export function addDiffCommand(program: Command, perform: Perform): void {
  const diff = program.command('diff').summary('compare two published versions, or one with a project')
    .description('Tells file by file and line by line what changes from one published version to another, or to a project, which is built. '
      + 'Nothing is written.')
    .argument('[version]', 'the first version (default: that of the project if it is published, else the newest one)')
    .argument('[other]', 'the second version')
    .option('--project <folder>', 'compare with this project in place of a second version')
    .option('--exit-code', 'end with exit code 4 if there are differences');
  addCommonOptions(addBuildOptions(addS3Options(diff)), { writes: false });
  diff.action(async (version: string | undefined, other: string | undefined, flags: DiffFlags) => perform(diff, {
    run: async (options) => {
      if ((other === undefined) === (flags.project === undefined)) {
        throw new CommanderError(EXIT_CODES.usage, 'psa.incomplete', 'what is to be compared: name two versions, or one and --project');
      }
      const published = { ...options, ...await s3Options(flags) };
      if (flags.project === undefined) return diffSourceVersions({ ...published, sourceVersion: version!, otherVersion: other });
      const dirProjectRoot = projectFolder(flags.project);
      const sourceVersion = version ?? await versionToCompare(published, dirProjectRoot);
      return diffSourceVersions({ ...published, ...buildOptions(flags), sourceVersion, dirProjectRoot });
    },
    text: diffText,
    exitCode: ({ differences }) => flags.exitCode && differences.length > 0 ? EXIT_CODES.conflict : EXIT_CODES.ok,
  }));
}

async function versionToCompare(published: CatalogOptions, folder: string): Promise<string> {
  const versions = (await listSourceVersions({ ...published, verbose: false })).map(({ sourceVersion }) => sourceVersion);
  const { version } = readProject(path.resolve(folder));
  const chosen = version !== undefined && versions.includes(version) ? version : versions.at(-1);
  if (chosen !== undefined) return chosen;
  throw new CommanderError(EXIT_CODES.usage, 'psa.incomplete', 'nothing is published there that the project could be compared with');
}

function diffText({ from, to, differences }: SourceDiff): string {
  const names = [from.uri, 'uri' in to ? to.uri : `${to.dirProjectRoot} (${to.sourceVersion})`];
  if (differences.length === 0) return `${names.join(' and ')} are the same`;
  const told = differences.filter(({ path: name }) => !name.endsWith('.dist-info/RECORD')); // it changes whenever another file does
  const shown = told.length > 0 ? told : differences;
  const list = shown.map(({ change, path: name, patch }) => `${change.padEnd('removed'.length)}  ${name}${patch ? '' : NO_TEXT}`);
  const patches = shown.flatMap(({ patch }) => patch === undefined ? [] : ['', patch.trimEnd()]);
  return [names.join(' -> '), ...list, ...patches].join('\n');
}

const NO_TEXT = '  (no text to compare)';
