import * as path from 'node:path';
import type { Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { buildSourceArtifactsUsingPip, createSourceZip } from '../../pipeline/api';
import { workFolder } from '../../pipeline/local/build-tree';
import { addBuildOptions, addCommonOptions, addVersionOption, buildOptions, type BuildFlags } from '../options';
import type { Perform } from '../perform';
import { projectFile, projectFolder } from '../project-argument';
import { table } from '../terminal';

/** The commands that stay on this machine. */
export function addBuildCommands(program: Command, perform: Perform): void {
  const build = program.command('build').summary('install a project with pip into a folder')
    .description('Installs a project with pip, without its dependencies, into a folder. The project is built from a copy and not touched.')
    .argument('[project]', 'the folder with pyproject.toml or setup.py, or the file itself', '.')
    .option('--build-dir <folder>', 'the folder that gets the installed tree (default: build/lambda/source/build of the project)')
    .option('--handler <module.function>', 'the entry point, which must be in the package (default: a lambda_handler in a lambda_function.py)')
    .option('--yes', 'clean an earlier build without asking; no other folder is ever cleaned');
  addCommonOptions(addBuildOptions(addVersionOption(build)), { writes: true });
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
    ]),
  }));

  const pack = program.command('package').summary('make source.zip of the folder')
    .description('Makes an archive of an installed tree, its files at the root. The same tree gives the same bytes on every machine.')
    .argument('[project]', 'the folder of the project', '.')
    .option('--build-dir <folder>', 'the folder with the installed tree (default: build/lambda/source/build of the project)')
    .option('--zip <file>', 'the archive (default: source.zip beside the folder)');
  addCommonOptions(pack, { writes: true });
  pack.action(async (project: string, flags: { readonly buildDir?: string; readonly zip?: string }) => perform(pack, {
    run: async (options) => createSourceZip({
      ...options, dirLambdaSourceBuild: flags.buildDir ?? path.join(workFolder(projectFolder(project)), 'build'), pathSourceZip: flags.zip,
    }),
    text: (zip) => table([
      ['project', zip.name],
      ['version', zip.sourceVersion],
      ['source_sha256', zip.sourceSha256],
      ['code_sha256', zip.codeSha256],
      ['archive', `${zip.pathSourceZip} (${bytes(zip.size)}, unzipped ${bytes(zip.unzippedSize)})`],
    ]),
  }));
}
