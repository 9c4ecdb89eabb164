import * as fs from 'node:fs';
import * as path from 'node:path';
import { compare, valid } from '@renovatebot/pep440';
import { indexArgs, pipDownload, uvPlatform, type DownloadContext } from './command';
import { readTextIfThere } from '../../base/files';
import { hideSecrets } from '../../installer/hide-secrets';
import { listedVersions, type Missing } from '../../installer/missing';
import { normaliseName } from '../../pep/requirement';
import { wheelTags } from '../../pep/wheel-name';
import { CommandFailure, runCommand, type Command } from '../../process/command';

/** The files and versions of a package on the indexes. */
export interface WheelsThereAre {
  /** The tags of the wheels of the wanted version, or of the newest. */
  readonly tags: readonly string[];
  /** Whether that version has a source distribution. */
  readonly hasSource: boolean;
  /** Versions with a wheel for the target, oldest first. pip lists all of them, uv only the next and the last. */
  readonly fitting: readonly string[];
  /** Whether a wanted version has a wheel for the target: then the download failed for another reason. */
  readonly isFound: boolean;
  /** The whole output of the installer. */
  readonly log: string;
}

/** Ask the installer again for a better message. Fields that it does not reveal stay empty. */
export async function findWheels(context: DownloadContext, wanted: Missing): Promise<WheelsThereAre> {
  const { name, version } = wanted;
  const folder = fs.mkdtempSync(path.join(context.temporary, 'asked-'));
  const { log, fitting, isFound } = await (context.installer.kind === 'pip' ? askPip : askUv)(context, wanted, folder);
  const files = distributionFiles(log, name);
  const asked = version ?? [...files.keys()].sort(compare).pop();
  const found = [...files].filter(([other]) => asked !== undefined && compare(other, asked) === 0).flatMap(([, names]) => names);
  return {
    tags: [...new Set(found.map(wheelTags).filter((tags) => tags !== undefined))].sort(),
    hasSource: found.some((file) => !file.endsWith('.whl')),
    fitting: [...fitting].sort(compare),
    isFound,
    log,
  };
}

type Answer = Pick<WheelsThereAre, 'log' | 'fitting' | 'isFound'>;

/** pip's log names the files that it does not take, and its error lists the versions of the others. */
async function askPip(context: DownloadContext, { name, specifier }: Missing, folder: string): Promise<Answer> {
  const log = path.join(folder, 'log');
  const { output, isDone } = await ask(pipDownload(context, { lines: [`${name}${specifier}`], isLocked: true }, folder, ['--log', log]));
  return { log: readLog(log), fitting: listedVersions(output).filter((item) => valid(item)), isFound: isDone };
}

/** uv's lock file lists all files. The next version is the lowest above the wanted one, the last is the highest. */
async function askUv(context: DownloadContext, { name, specifier, version }: Missing, folder: string): Promise<Answer> {
  const { installer: { file, python, pythonVersion }, platform, request, env, signal } = context;
  const cwd = path.dirname(request.requirements.file);
  const minor = Math.min(platform.minor, Number(pythonVersion.split('.')[1])); // wheels for older ones are left out
  fs.writeFileSync(path.join(folder, 'pyproject.toml'), [
    '[project]',
    'name = "asked"',
    'version = "0"',
    `requires-python = ">=3.${minor}"`,
    `dependencies = ["${name}${specifier}"]`,
  ].join('\n'));
  const askIndexes = async (args: readonly string[]) =>
    ask(hideSecrets({ file, args: [...args, ...indexArgs(context)], cwd, env, signal }, 'uv', folder));
  const compile = async (wanted: string, resolution = 'highest') => {
    const input = path.join(fs.mkdtempSync(path.join(folder, 'lines-')), 'requirements.txt');
    fs.writeFileSync(input, `${wanted}\n`);
    const args = ['pip', 'compile', input, '--quiet', '--no-deps', '--no-header', '--no-annotate', '--resolution', resolution];
    const { output } = await askIndexes([...args, ...uvPlatform(context)]);
    return [...output.matchAll(/^[\w.-]+==(\S+)$/gm)].map(([, item]) => item);
  };
  const [locked, wanted, last, next] = await Promise.all([
    askIndexes(['lock', '--project', folder, '--no-build', '--python', python]),
    compile(`${name}${specifier}`),
    compile(name),
    version === undefined ? [] : compile(`${name}>${version}`, 'lowest'),
  ]);
  return { log: `${locked.output}\n${readLog(path.join(folder, 'uv.lock'))}`, fitting: [...next, ...last], isFound: wanted.length > 0 };
}

/** Run a command that is likely to fail: a failure is an answer too. */
async function ask(command: Command): Promise<{ readonly output: string; readonly isDone: boolean }> {
  try {
    return { output: await runCommand(command), isDone: true };
  } catch (failure) {
    if (failure instanceof CommandFailure) return { output: failure.process.output, isDone: false };
    throw failure;
  }
}

function readLog(file: string): string {
  return readTextIfThere(file) ?? '';
}

/** The names of a package's files in a text, by version. */
function distributionFiles(text: string, name: string): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const [file, project, version] of text.matchAll(/(?<=[/"\s])([\w.-]+?)-(\d[\w.!+]*)(?:-[\w.-]+\.whl|\.tar\.gz|\.zip)(?=[\s"#?])/g)) {
    if (normaliseName(project) === normaliseName(name) && valid(version)) files.set(version, [...files.get(version) ?? [], file]);
  }
  return files;
}
