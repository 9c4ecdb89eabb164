import type { Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { ArtifactError, listSourceVersions, type CatalogOptions, type SourceVersion } from '../../pipeline/api';
import { s3Options } from '../aws';
import { addCommonOptions, addS3Options, type CommonOptions, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { columns } from '../terminal';
import { ageOf, commitOf } from '../version-text';

/** The command that lists the published versions. */
export function addListCommand(program: Command, perform: Perform): void {
  const list = program.command('list').summary('list the published versions')
    .description('Lists the published versions, oldest version first: their age, size, commit, digest and, where they may be read, tags.');
  addCommonOptions(addS3Options(list), { writes: false });
  list.action(async (flags: S3Flags & CommonOptions) => perform(list, {
    run: async (options) => {
      const published = { ...options, ...await s3Options(flags) };
      return flags.json ? listSourceVersions(published) : listWithTags(published);
    },
    text: (versions) => versions.length === 0 ? 'nothing is published there' : versionTable(versions),
  }));
}

/** Tags need a permission of their own, which whoever lists may not have. */
async function listWithTags(published: CatalogOptions): Promise<SourceVersion[]> {
  try {
    return await listSourceVersions({ ...published, tags: true });
  } catch (error) {
    if (!(error instanceof ArtifactError && error.trouble.reference === 'access-denied')) throw error;
    return listSourceVersions(published);
  }
}

function versionTable(versions: readonly SourceVersion[]): string {
  const hasTags = versions.some(({ tags }) => tags !== undefined);
  const head = ['version', 'age', 'size', 'git_commit', 'source_sha256', ...hasTags ? ['tags'] : []];
  return columns([head, ...versions.map((version) => [
    version.sourceVersion,
    ageOf(version),
    bytes(version.size),
    commitOf(version),
    version.sourceSha256 ?? '-',
    ...hasTags ? [tagsOf(version)] : [],
  ])]);
}

function tagsOf({ tags = {} }: SourceVersion): string {
  return Object.entries(tags).map(([name, value]) => `${name}=${value}`).join(', ') || '-';
}
