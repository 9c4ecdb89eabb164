import type { Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { buildSourceArtifactsUsingPip } from '../../pipeline/api';
import {
  addBuildOptions, addBytecodeOption, addCommonOptions, addHandlerOption, addRuntimeOption, addVersionOption, addYesOption, buildOptions,
  type BuildFlags,
} from '../options';
import type { Perform } from '../perform';
import { projectFile } from '../project-argument';
import { table } from '../terminal';

/** The command that installs a project into a folder. */
export function addBuildCommand(program: Command, perform: Perform): void {
  const build = program.command('build').summary('install a project with pip into a folder')
    .description('Installs a project with pip, without its dependencies, into a folder. The project is built from a copy and not touched.')
    .argument('[project]', 'the folder with pyproject.toml or setup.py, or the file itself', '.')
    .option('--build-dir <folder>', 'the folder that gets the installed tree (default: build/lambda/source/build of the project)');
  addBytecodeOption(addRuntimeOption(build));
  addCommonOptions(addBuildOptions(addVersionOption(addYesOption(addHandlerOption(build)))), { writes: true });
  build.action(async (project: string, flags: BuildFlags & { readonly buildDir?: string; readonly yes?: boolean }) => perform(build, {
    run: async (options) => buildSourceArtifactsUsingPip({
      ...options,
      ...buildOptions(flags),
      pathSetupPyOrPyprojectToml: projectFile(project),
      dirLambdaSourceBuild: flags.buildDir,
      skipPrompt: flags.yes,
    }),
    text: (built) => table([
      ['project', built.name],
      ['version', built.sourceVersion],
      ['source_sha256', built.sourceSha256],
      ['build folder', `${built.dirLambdaSourceBuild} (${bytes(built.unzippedSize)})`],
      ['entry point', built.handlers.join(', ')],
      ['not packaged', built.unpackagedFiles.length > 0 ? `${built.unpackagedFiles.join(', ')} (by the build backend)` : undefined],
    ]),
  }));
}
