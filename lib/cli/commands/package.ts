import * as path from 'node:path';
import type { Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { createSourceZip } from '../../pipeline/api';
import { workFolder } from '../../pipeline/local/build-tree';
import { bytecodeText } from '../bytecode-text';
import { addBytecodeOption, addCommonOptions, addRuntimeOption, type BytecodeFlags } from '../options';
import type { Perform } from '../perform';
import { projectFolder } from '../project-argument';
import { table } from '../terminal';

interface PackageFlags extends BytecodeFlags {
  readonly buildDir?: string;
  readonly zip?: string;
  readonly python?: string;
}

/** The command that packages the folder of `build`. */
export function addPackageCommand(program: Command, perform: Perform): void {
  const pack = program.command('package').summary('make source.zip of the folder')
    .description('Makes an archive of an installed tree, its files at the root. The same tree gives the same bytes on every machine.')
    .argument('[project]', 'the folder of the project', '.')
    .option('--build-dir <folder>', 'the folder with the installed tree (default: build/lambda/source/build of the project)')
    .option('--zip <file>', 'the archive (default: source.zip beside the folder)');
  addBytecodeOption(addRuntimeOption(pack))
    .option('--python <path>', 'the Python that compiles (default: that of the project, or one of the runtime\'s version)');
  addCommonOptions(pack, { writes: true });
  pack.action(async (project: string, flags: PackageFlags) => perform(pack, {
    run: async (options) => createSourceZip({
      ...options,
      dirLambdaSourceBuild: flags.buildDir ?? path.join(workFolder(projectFolder(project)), 'build'),
      pathSourceZip: flags.zip,
      bytecode: flags.bytecode,
      runtime: flags.runtime,
      pathBinPip: flags.python,
    }),
    text: (zip) => table([
      ['project', zip.name],
      ['version', zip.sourceVersion],
      ['source_sha256', zip.sourceSha256],
      ['code_sha256', zip.codeSha256],
      ['archive', `${zip.pathSourceZip} (${bytes(zip.size)}, unzipped ${bytes(zip.unzippedSize)})`],
      ['bytecode', bytecodeText(zip.bytecode)],
    ]),
  }));
}
