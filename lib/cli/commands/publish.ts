import * as path from 'node:path';
import type { Command } from 'commander';
import { buildPackageUploadSourceArtifacts, readSourceZip, uploadSourceArtifacts, type PublishedSource } from '../../pipeline/api';
import { workFolder } from '../../pipeline/local/build-tree';
import { openS3 } from '../aws';
import { addBuildOptions, addCommonOptions, addPublishOptions, addVersionOption, buildOptions, type BuildFlags, type CommonOptions, type PublishFlags } from '../options';
import type { Perform } from '../perform';
import { projectFolder } from '../project-argument';
import { table } from '../terminal';
import { versionToUpload } from '../upload-version';

interface UploadFlags extends PublishFlags, CommonOptions {
  readonly zip?: string;
  readonly sourceVersion?: string;
}

interface ReleaseFlags extends PublishFlags, BuildFlags, CommonOptions {
  readonly yes?: boolean;
}

/** The commands that write to S3. */
export function addPublishCommands(program: Command, perform: Perform): void {
  const upload = program.command('upload').summary('publish source.zip under its version')
    .description('Publishes an archive as <s3-dir>source/<version>/source.zip, by one conditional write.')
    .argument('[project]', 'the folder of the project (default: the current folder)')
    .option('--zip <file>', 'the archive (default: build/lambda/source/source.zip of the project)')
    .option('--source-version <version>', 'the version to publish it as (default: the one that it was built as)');
  addCommonOptions(addPublishOptions(upload), { writes: true });
  upload.action(async (project: string | undefined, flags: UploadFlags) => perform(upload, {
    run: async (options) => {
      const folder = projectFolder(project ?? '.');
      const zip = await readSourceZip({ ...options, pathSourceZip: flags.zip ?? path.join(workFolder(folder), 'source.zip') });
      const sourceVersion = flags.sourceVersion ?? versionToUpload(zip, flags.zip === undefined || project !== undefined ? folder : undefined);
      const { pathSourceZip, sourceSha256 } = zip;
      return uploadSourceArtifacts({ ...options, ...await publishOptions(flags), pathSourceZip, sourceSha256, sourceVersion });
    },
    text: (published) => publishedText(published, flags),
  }));

  const release = program.command('release').summary('build, package and upload')
    .description('Builds a project, packages it and publishes it under its version. The working files are in build/lambda/source/ of the project.')
    .argument('[project]', 'the folder of the project', '.')
    .option('--handler <module.function>', 'the entry point, which must be in the package (default: a lambda_handler in a lambda_function.py)')
    .option('--yes', 'clean an earlier build without asking; no other folder is ever cleaned');
  addCommonOptions(addBuildOptions(addVersionOption(addPublishOptions(release))), { writes: true });
  release.action(async (project: string, flags: ReleaseFlags) => perform(release, {
    run: async (options) => buildPackageUploadSourceArtifacts({
      ...options, ...buildOptions(flags), ...await publishOptions(flags), dirProjectRoot: projectFolder(project), skipPrompt: flags.yes,
    }),
    text: (published) => publishedText(published, flags),
  }));
}

async function publishOptions({ s3Dir, profile, region, metadata, tag, overwrite, sse, sseKmsKeyId }: PublishFlags) {
  const s3Client = await openS3({ profile, region });
  return { s3Client, s3DirLambda: s3Dir, metadata, tags: tag, overwrite, serverSideEncryption: sse, sseKmsKeyId };
}

function publishedText(published: PublishedSource, { dryRun }: CommonOptions): string {
  const outcomes = { created: dryRun ? 'would be created' : 'created', unchanged: 'unchanged: published already', overwritten: dryRun ? 'would be overwritten' : 'overwritten' };
  return table([
    ['version', published.sourceVersion],
    ['source_sha256', published.sourceSha256],
    ['code_sha256', published.codeSha256],
    ['target', published.uri],
    ['outcome', outcomes[published.outcome]],
    ['object version', published.versionId],
    ['console', published.consoleUrl],
  ]);
}
