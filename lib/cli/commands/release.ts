import type { Command } from 'commander';
import { buildPackageUploadSourceArtifacts } from '../../pipeline/api';
import { publishOptions } from '../aws';
import {
  addBuildOptions, addBytecodeOption, addCommonOptions, addHandlerOption, addPublishOptions, addRuntimeOption, addVersionOption,
  addYesOption, buildOptions,
  type BuildFlags, type CommonOptions, type PublishFlags,
} from '../options';
import type { Perform } from '../perform';
import { projectFolder } from '../project-argument';
import { publishedText } from '../version-text';

interface ReleaseFlags extends PublishFlags, BuildFlags, CommonOptions {
  readonly yes?: boolean;
}

/** The command that builds, packages and uploads a project. */
export function addReleaseCommand(program: Command, perform: Perform): void {
  const release = program.command('release').summary('build, package and upload')
    .description('Builds a project, packages it and publishes it under its version. '
      + 'The working files are in build/lambda/source/ of the project.')
    .argument('[project]', 'the folder of the project', '.');
  addBytecodeOption(addRuntimeOption(release));
  addCommonOptions(addBuildOptions(addVersionOption(addPublishOptions(addYesOption(addHandlerOption(release))))), { writes: true });
  release.action(async (project: string, flags: ReleaseFlags) => perform(release, {
    run: async (options) => buildPackageUploadSourceArtifacts({
      ...options, ...buildOptions(flags), ...await publishOptions(flags), dirProjectRoot: projectFolder(project), skipPrompt: flags.yes,
    }),
    text: (published) => publishedText(published, flags),
  }));
}
