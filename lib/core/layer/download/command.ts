import * as fs from 'node:fs';
import * as path from 'node:path';
import { settingsForLocked } from './uv-settings';
import type { FoundInstaller } from '../../installer/find';
import { withoutForeign } from '../../installer/foreign';
import { hideSecrets } from '../../installer/hide-secrets';
import { withholdSecrets } from '../../installer/withhold-secrets';
import { MAX_UNZIPPED_SIZE } from '../../lambda/limits';
import { markerEnvironment, type TargetPlatform } from '../../lambda/target';
import { parseRequirement } from '../../pep/requirement';
import { platformTags } from '../../pep/wheel-tags';
import type { LayerRequest } from '../../plan/layer-request';
import type { Command } from '../../process/command';

/** The common part of all downloads of a layer. */
export interface DownloadContext {
  readonly request: LayerRequest;
  /** Packages that the layer has in any case: their wheels must not be larger than it may be. */
  readonly sure: 'all' | readonly string[];
  readonly platform: TargetPlatform;
  readonly installer: FoundInstaller;
  readonly env: NodeJS.ProcessEnv;
  /** A folder for files that are removed after the build. */
  readonly temporary: string;
  readonly signal?: AbortSignal;
}

/** Packages that are downloaded at once. */
export interface Download {
  /** Lines of a requirements file. */
  readonly lines: readonly string[];
  /** Whether the lines name all packages. If not, the installer resolves their requirements. */
  readonly isLocked: boolean;
}

// pip evaluates markers for the Python that it runs on, whatever --python-version and --platform say. The replaced function is no
// public interface, so a marker tests whether replacing it helps. pip is run from a script and not with -m: it must not import from
// the current folder, which is the user's because paths in a requirements file are relative to it.
const PIP = `
if environment:
    from pip._vendor.packaging import markers
    markers.default_environment = lambda: {**environment, "platform_version": "asked for"}
    if not markers.Marker("platform_version == 'asked for'").evaluate():
        raise SystemExit("this pip does not let its markers be evaluated for another machine")
    markers.default_environment = lambda: dict(environment)
from urllib.parse import unquote
from pip._vendor import requests
send = requests.Session.send
def send_guarded(session, request, **kwargs):
    response = send(session, request, **kwargs)
    name = unquote(request.url).split("#")[0].split("?")[0].rsplit("/", 1)[-1]
    size = int(response.headers.get("Content-Length") or 0)
    is_wheel = request.method == "GET" and response.status_code == 200 and name.endswith(".whl")
    if is_wheel and size > limit and (sure == "all" or name.split("-")[0].lower().replace("_", "-").replace(".", "-") in sure):
        response.close()
        raise SystemExit("larger than a layer: %s has %d bytes" % (name, size))
    return response
requests.Session.send = send_guarded
import runpy
runpy.run_module("pip", run_name="__main__", alter_sys=True)
`;

/**
 * The command by which pip downloads wheels for the target into a folder.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_download/
 */
export function pipDownload(context: DownloadContext, download: Download, folder: string, args: readonly string[] = []): Command {
  const { platform, installer } = context;
  const environment = markerEnvironment(platform);
  const script = path.join(context.temporary, download.isLocked ? 'download_locked.py' : 'download.py');
  const given = { environment: download.isLocked ? null : environment, limit: MAX_UNZIPPED_SIZE, sure: context.sure };
  const head = Object.entries(given).map(([name, value]) => `${name} = ${value === null ? 'None' : JSON.stringify(value)}\n`);
  fs.writeFileSync(script, `${head.join('')}${PIP}`);
  return command(context, installer.python, [
    script, 'download', '--dest', folder, '--only-binary=:all:',
    '--implementation', 'cp',
    '--python-version', environment.python_full_version,
    '--abi', `cp3${platform.minor}`,
    ...platformTags(platform).flatMap((tag) => ['--platform', tag]),
    ...requirementArgs(context, download),
    ...args,
  ], download.isLocked);
}

/**
 * The command by which uv installs wheels for the target into a folder: uv has no command that downloads.
 *
 * @see https://docs.astral.sh/uv/reference/cli/#uv-pip-install
 */
export function uvInstall(context: DownloadContext, download: Download, folder: string, glibc?: number): Command {
  const { installer } = context;
  return command(context, installer.file, [
    ...installer.args, '--target', folder, ...uvPlatform(context, glibc),
    '--link-mode', 'hardlink', // the files are only read
    ...requirementArgs(context, download),
  ], download.isLocked);
}

// uv knows 2.17 and 2.28 of glibc, and all from 2.31 on

const OLDEST_OF_UV = 17;

export const SECOND_OF_UV = 28;

/** The arguments by which uv chooses wheels. With the default of `glibc`, all of them run on the target. */
export function uvPlatform({ platform }: DownloadContext, glibc = platform.glibc < SECOND_OF_UV ? OLDEST_OF_UV : platform.glibc): string[] {
  const { python_full_version: python } = markerEnvironment(platform);
  return ['--only-binary', ':all:', '--python-version', python, '--python-platform', `${platform.machine}-manylinux_2_${glibc}`];
}

/**
 * The command by which pip or uv builds a package from its source distribution, and installs it into a folder.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-no-binary
 */
export function installFromSource(context: DownloadContext, line: string, folder: string): Command {
  const { installer, platform, temporary, request: { environment = {} } } = context;
  const { name } = parseRequirement(line.replace(/ --hash.*$/, ''));
  const build = command(context, installer.file, [
    ...installer.args, '--target', folder, '--no-deps', '--no-binary', name,
    '--python-version', markerEnvironment(platform).python_full_version,
    ...installer.kind === 'pip' ? ['--no-compile'] : ['--link-mode', 'copy'],
    ...line.includes(' --hash') ? ['--require-hashes'] : [],
    '--requirement', writeLines(temporary, 'source', [line]),
    ...indexArgs(context),
  ], true);
  return withholdSecrets(build, installer.kind, Object.keys(environment), temporary); // it runs code of the package
}

function requirementArgs(context: DownloadContext, { lines, isLocked }: Download): string[] {
  const { request: { requirements: { constraints } }, temporary } = context;
  return [
    ...isLocked ? ['--no-deps'] : [], ...lines.some((line) => line.includes(' --hash')) ? ['--require-hashes'] : [],
    '--requirement', writeLines(temporary, 'requirements', lines),
    ...isLocked || constraints.length === 0 ? [] : ['--constraint', writeLines(temporary, 'constraints', constraints)],
    ...indexArgs(context),
  ];
}

/** The arguments that name the indexes, and the user's own. */
export function indexArgs({ request: { requirements: { indexes, args }, pipArgs = [] }, temporary }: DownloadContext): string[] {
  const built = fs.existsSync(path.join(temporary, 'built')) ? ['--find-links', path.join(temporary, 'built')] : [];
  return [...indexes.flatMap((index) => ['--extra-index-url', index]), ...args, ...built, ...pipArgs];
}

function writeLines(temporary: string, name: string, lines: readonly string[]): string {
  const file = path.join(fs.mkdtempSync(path.join(temporary, 'lines-')), `${name}.txt`);
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

/** @param isLocked whether the packages are resolved already: settings for resolution do not apply to them */
function command(context: DownloadContext, file: string, args: readonly string[], isLocked: boolean): Command {
  const { request, env, temporary, installer: { kind, config, downloadConfig = config }, signal } = context;
  const cwd = path.dirname(request.requirements.file);
  const own = withoutForeign(env, args.includes('download') ? downloadConfig : config);
  if (!isLocked) return hideSecrets({ file, args, cwd, env: own, signal }, kind, temporary);
  const project = kind === 'uv' ? ['--project', settingsForLocked(cwd, temporary)] : [];
  return hideSecrets({ file, args: [...args, ...project], cwd, env: withoutResolution(own), signal }, kind, temporary);
}

const OF_RESOLUTION = /^UV_(CONSTRAINT|OVERRIDE|EXCLUDE|EXCLUDE_NEWER|PRERELEASE|RESOLUTION|NO_BINARY|NO_BINARY_PACKAGE)$/;

/** These variables of pip hide the settings of its configuration file; empty ones would not. */
function withoutResolution(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !OF_RESOLUTION.test(name));
  return { ...Object.fromEntries(kept), PIP_CONSTRAINT: ' ', PIP_NO_BINARY: ':none:' };
}
