import * as path from 'node:path';
import type { Command } from 'commander';
import { readSourceZip, uploadSourceArtifacts } from '../../pipeline/api';
import { workFolder } from '../../pipeline/local/build-tree';
import { publishOptions } from '../aws';
import { addCommonOptions, addPublishOptions, type CommonOptions, type PublishFlags } from '../options';
import type { Perform } from '../perform';
import { projectFolder } from '../project-argument';
import { versionToUpload } from '../upload-version';
import { publishedText } from '../version-text';

interface UploadFlags extends PublishFlags, CommonOptions {
  readonly zip?: string;
  readonly sourceVersion?: string;
}

/** The command that publishes an archive. */
export function addUploadCommand(program: Command, perform: Perform): void {
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
      const isOfProject = flags.zip === undefined || project !== undefined;
      const sourceVersion = flags.sourceVersion ?? versionToUpload(zip, isOfProject ? folder : undefined);
      const { pathSourceZip, sourceSha256 } = zip;
      return uploadSourceArtifacts({ ...options, ...await publishOptions(flags), pathSourceZip, sourceSha256, sourceVersion });
    },
    text: (published) => publishedText(published, flags),
  }));
}
