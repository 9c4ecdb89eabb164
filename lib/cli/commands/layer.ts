import { Option, type Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { createLayerZip } from '../../pipeline/api';
import { addCommonOptions, addInstallerOptions, buildOptions, repeatable, type InstallerFlags } from '../options';
import type { Perform } from '../perform';
import { table } from '../terminal';

interface LayerFlags extends InstallerFlags {
  readonly requirements?: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly extra?: string[];
  readonly group?: string[];
  readonly onlyGroup?: string[];
  readonly package?: string[];
  readonly exclude?: string[];
  readonly zip?: string;
}

/** The command that makes a layer of a project's dependencies. */
export function addLayerCommand(program: Command, perform: Perform): void {
  const layer = program.command('layer').summary('make layer.zip of the dependencies')
    .description('Makes the archive of a layer with the dependencies of a project: wheels for the runtime and the architecture, '
      + 'on any host, without Docker.')
    .argument('[project]', 'the folder of the project (default: this one, unless --requirements is given)')
    .option('--requirements <file>', 'where the versions come from '
      + '(default: uv.lock, pylock.toml, poetry.lock, Pipfile.lock, requirements.txt or [project].dependencies)')
    .requiredOption('--runtime <name>', 'the runtime of the functions, such as python3.13')
    .addOption(new Option('--architecture <name>', 'the architecture of the functions').choices(['x86_64', 'arm64']).default('x86_64'))
    .addOption(repeatable('--extra <name>', 'the dependencies of an extra of the project too'))
    .addOption(repeatable('--group <name>', 'the dependencies of a dependency group too'))
    .addOption(repeatable('--only-group <name>', 'the dependencies of a dependency group alone, without those of the project'))
    .addOption(repeatable('--package <name>', 'a package alone, with what it requires'))
    .addOption(repeatable('--exclude <package>', 'leave a package out, such as boto3, and what nothing else requires; or files by a pattern: numpy/**/tests/**'))
    .option('--zip <file>', 'the archive (default: build/lambda/layer/layer.zip of the project)');
  addCommonOptions(addInstallerOptions(layer), { writes: true });
  layer.action(async (project: string | undefined, flags: LayerFlags) => perform(layer, {
    run: async (options) => createLayerZip({
      ...options,
      ...buildOptions(flags),
      dirProjectRoot: project ?? (flags.requirements === undefined ? '.' : undefined),
      pathRequirements: flags.requirements,
      runtime: flags.runtime,
      architecture: flags.architecture,
      extras: flags.extra,
      groups: flags.group,
      onlyGroups: flags.onlyGroup,
      packages: flags.package,
      pathLayerZip: flags.zip,
    }),
    text: (zip) => table([
      ['versions from', `${zip.pathRequirements}${zip.isLocked ? '' : ', which leaves versions open'}`],
      ['layer for', `${zip.runtime}, ${zip.architecture}`],
      ['layer_sha256', zip.layerSha256],
      ['code_sha256', zip.codeSha256],
      ['archive', `${zip.pathLayerZip} (${bytes(zip.size)}, unzipped ${bytes(zip.unzippedSize)})`],
      ['packages', zip.packages.join('\n               ')],
      ...Object.entries(zip.yankedPackages).map(([name, reason]): [string, string] => ['withdrawn', `${name}${reason && ` (${reason})`}`]),
    ]),
  }));
}
