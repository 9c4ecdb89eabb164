import { Option, type Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { createLayerZip, createSbom } from '../../pipeline/api';
import { bytecodeText } from '../bytecode-text';
import {
  addBytecodeOption, addCommonOptions, addInstallerOptions, buildOptions, repeatable, type BytecodeFlags, type InstallerFlags,
} from '../options';
import type { Perform } from '../perform';
import { table } from '../terminal';

interface LayerFlags extends InstallerFlags, Pick<BytecodeFlags, 'bytecode'> {
  readonly requirements?: string;
  readonly architecture: string;
  readonly extra?: string[];
  readonly group?: string[];
  readonly onlyGroup?: string[];
  readonly package?: string[];
  readonly exclude?: string[];
  readonly onlyBinary?: boolean;
}

interface LayerZipFlags extends LayerFlags {
  readonly runtime: string;
  readonly zip?: string;
}

interface SbomFlags extends LayerFlags {
  readonly runtime?: string;
  readonly zip?: string;
  readonly out?: string;
}

/** The commands that make a layer of a project's dependencies, and a bill of materials of it. */
export function addLayerCommands(program: Command, perform: Perform): void {
  const layer = program.command('layer').summary('make layer.zip of the dependencies')
    .description('Makes the archive of a layer with the dependencies of a project: wheels for the runtime and the architecture, '
      + 'on any host, without Docker.')
    .requiredOption('--runtime <name>', 'the runtime of the functions, such as python3.13')
    .option('--zip <file>', 'the archive (default: build/lambda/layer/layer.zip of the project)');
  addCommonOptions(addInstallerOptions(addBytecodeOption(addLayerOptions(layer))), { writes: true });
  layer.action(async (project: string | undefined, flags: LayerZipFlags) => perform(layer, {
    run: async (options) => createLayerZip({
      ...options, ...layerOptions(project, flags), runtime: flags.runtime, pathLayerZip: flags.zip,
    }),
    text: (zip) => table([
      ['versions from', `${zip.pathRequirements}${zip.isLocked ? '' : ', which leaves versions open'}`],
      ['layer for', `${zip.runtime}, ${zip.architecture}`],
      ['layer_sha256', zip.layerSha256],
      ['code_sha256', zip.codeSha256],
      ['archive', `${zip.pathLayerZip} (${bytes(zip.size)}, unzipped ${bytes(zip.unzippedSize)})`],
      ['bytecode', bytecodeText(zip.bytecode)],
      ['packages', zip.packages.join('\n               ')],
      ...Object.entries(zip.yankedPackages).map(([name, reason]): [string, string] => ['withdrawn', `${name}${reason && ` (${reason})`}`]),
    ]),
  }));
  const sbom = program.command('sbom').summary('make a bill of materials, CycloneDX')
    .description([
      'Makes a bill of materials (CycloneDX, JSON) of the layer of a project, or of an archive:',
      'names, versions, licences, digests of wheels.',
    ].join(' '))
    .option('--zip <file>', 'the archive of a layer or of a source artifact, instead of the layer of the project')
    .option('--runtime <name>', 'the runtime of the functions, such as python3.13; needed without --zip')
    .option('--out <file>', 'the file (default: beside the archive, as .cdx.json; build/lambda/layer/layer.cdx.json of the project)');
  addCommonOptions(addInstallerOptions(addLayerOptions(sbom)), { writes: true });
  sbom.action(async (project: string | undefined, flags: SbomFlags) => perform(sbom, {
    run: async (options) => createSbom({
      ...options, ...layerOptions(project, flags), runtime: flags.runtime, pathZip: flags.zip, pathSbom: flags.out,
    }),
    text: (bill) => table([
      ['bill', `${bill.pathSbom} (CycloneDX ${bill.specVersion})`],
      ['content_sha256', bill.contentSha256],
      ['packages', bill.packages.join('\n                ')],
    ]),
  }));
}

function addLayerOptions(command: Command): Command {
  return command
    .argument('[project]', 'the folder of the project (default: this one, unless --requirements is given)')
    .option('--requirements <file>', [
      'where the versions come from',
      '(default: uv.lock, pylock.toml, poetry.lock, Pipfile.lock, requirements.txt or [project].dependencies)',
    ].join(' '))
    .addOption(new Option('--architecture <name>', 'the architecture of the functions').choices(['x86_64', 'arm64']).default('x86_64'))
    .addOption(repeatable('--extra <name>', 'the dependencies of an extra of the project too'))
    .addOption(repeatable('--group <name>', 'the dependencies of a dependency group too'))
    .addOption(repeatable('--only-group <name>', 'the dependencies of a dependency group alone, without those of the project'))
    .addOption(repeatable('--package <name>', 'a package alone, with what it requires'))
    .addOption(repeatable('--exclude <package>', [
      'leave a package out, such as boto3, and what nothing else requires;',
      'or files by a pattern: numpy/**/tests/**',
    ].join(' ')))
    .option('--only-binary', 'take wheels alone: build no package that has only a source distribution');
}

function layerOptions(project: string | undefined, flags: LayerFlags) {
  return {
    ...buildOptions(flags),
    dirProjectRoot: project ?? (flags.requirements === undefined ? '.' : undefined),
    pathRequirements: flags.requirements,
    architecture: flags.architecture,
    extras: flags.extra,
    groups: flags.group,
    onlyGroups: flags.onlyGroup,
    packages: flags.package,
    onlyBinary: flags.onlyBinary,
  };
}
