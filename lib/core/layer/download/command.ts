import * as fs from 'node:fs';
import * as path from 'node:path';
import type { FoundInstaller } from '../../installer/find';
import { MAX_UNZIPPED_SIZE } from '../../lambda/limits';
import { markerEnvironment, type TargetPlatform } from '../../lambda/target';
import { platformTags } from '../../pep/wheel-tags';
import type { LayerRequest } from '../../plan/layer-request';
import type { Command } from '../../process/command';

/** What all downloads of a layer have in common. */
export interface DownloadContext {
  readonly request: LayerRequest;
  /** Packages that the layer has in any case: their wheels must not be larger than it may be. */
  readonly sure: 'all' | readonly string[];
  readonly platform: TargetPlatform;
  readonly installer: FoundInstaller;
  readonly env: NodeJS.ProcessEnv;
  /** For files that are gone after the build. */
  readonly temporary: string;
  readonly signal?: AbortSignal;
}

/** What is downloaded at once. */
export interface Download {
  /** As in a requirements file. */
  readonly lines: readonly string[];
  /** Whether they are all that is needed; if not, what they require is resolved. */
  readonly isLocked: boolean;
}

// pip asks the Python that it runs on whether a marker holds, whatever --python-version and --platform say; what is there to be
// replaced is no public interface, so it is seen whether that helps. As a script, and not with -m, it does not import from the
// user's folder, which is the current one because paths in a requirements file are relative to it.
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
 * The command that has pip download wheels for the target into a folder.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_download/
 */
export function pipDownload(context: DownloadContext, download: Download, folder: string, args: readonly string[] = []): Command {
  const { platform, installer } = context;
  const environment = markerEnvironment(platform);
  const script = path.join(context.temporary, download.isLocked ? 'download_locked.py' : 'download.py');
  const given = { environment: download.isLocked ? null : environment, limit: MAX_UNZIPPED_SIZE, sure: context.sure };
  fs.writeFileSync(script, `${Object.entries(given).map(([name, value]) => `${name} = ${value === null ? 'None' : JSON.stringify(value)}\n`).join('')}${PIP}`);
  return command(context, installer.python, [
    script, 'download', '--dest', folder, '--only-binary=:all:', '--implementation', 'cp', '--python-version', environment.python_full_version,
    '--abi', `cp3${platform.minor}`, ...platformTags(platform).flatMap((tag) => ['--platform', tag]), ...requirementArgs(context, download), ...args,
  ]);
}

/**
 * The command that has uv, which downloads nothing, install wheels for the target into a folder.
 *
 * @see https://docs.astral.sh/uv/reference/cli/#uv-pip-install
 */
export function uvInstall(context: DownloadContext, download: Download, folder: string, glibc?: number): Command {
  const { installer } = context;
  return command(context, installer.file, [
    ...installer.args, '--target', folder, ...uvPlatform(context, glibc),
    '--link-mode', 'hardlink', // they are only read
    ...requirementArgs(context, download),
  ]);
}

/** uv knows 2.17 and 2.28 of glibc, and all from 2.31 on. */
export const [OLDEST_OF_UV, SECOND_OF_UV] = [17, 28];

/** How uv is told which wheels to take: without `glibc`, none that does not run on the target. */
export function uvPlatform({ platform }: DownloadContext, glibc = platform.glibc < SECOND_OF_UV ? OLDEST_OF_UV : platform.glibc): string[] {
  const { python_full_version: python } = markerEnvironment(platform);
  return ['--only-binary', ':all:', '--python-version', python, '--python-platform', `${platform.machine}-manylinux_2_${glibc}`];
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

/** Where packages come from, and what else is said to the installer. */
export function indexArgs({ request: { requirements: { indexes, args }, pipArgs = [] } }: DownloadContext): string[] {
  return [...indexes.flatMap((index) => ['--extra-index-url', index]), ...args, ...pipArgs];
}

function writeLines(temporary: string, name: string, lines: readonly string[]): string {
  const file = path.join(fs.mkdtempSync(path.join(temporary, 'lines-')), `${name}.txt`);
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

function command({ request, env, signal }: DownloadContext, file: string, args: readonly string[]): Command {
  return { file, args, cwd: path.dirname(request.requirements.file), env, signal };
}
