import * as fs from 'node:fs';
import * as path from 'node:path';
import { pipDownload, type Download, type DownloadContext } from './command';
import { explainDownload } from './explain';
import { buildFromSource, type BuiltWheel } from './source';
import { installByUv } from './uv';
import { ArtifactError } from '../../base/error';
import { sha256OfFile, type PackedFile } from '../../base/tree';
import { readYanked, yankedKey } from '../../installer/yanked';
import type { LockedPackage } from '../../lock/locked';
import { listWheel } from '../../package/wheel';
import { normaliseName } from '../../pep/requirement';
import { wheelTags } from '../../pep/wheel-name';
import { tagsFit } from '../../pep/wheel-tags';
import { CommandFailure, runForAll } from '../../process/command';
import type { Distribution } from '../distribution';
import { readDistribution } from '../merge';

/** Download the packages that a layer's requirements lead to. Wheels are chosen for the target and not for this machine. */
export async function downloadPackages(context: DownloadContext): Promise<Distribution[]> {
  const { requirements: { locked, unlocked }, exclude = [] } = context.request;
  const isHashed = ({ hashes }: LockedPackage) => hashes.length > 0;
  const isNeeded = ({ name }: LockedPackage) => !exclude.includes(name);
  const built: BuiltWheels = new Map();
  for (const item of locked.filter((other) => other.isSource && isNeeded(other))) {
    built.set(item.name, await buildFromSource(context, `${item.name} ${item.version}`, lineOf(item, built)));
  }
  const distributions = await download(context, built, () => ({ lines: unlocked, isLocked: false }));
  const known = locked.filter((item) => !item.isSource || built.has(item.name));
  // pip wants hashes for all or for none
  for (const packages of [known.filter(isHashed), known.filter((item) => !isHashed(item))]) {
    const ofLocked = (items: readonly LockedPackage[]) => () => ({ lines: items.map((item) => lineOf(item, built)), isLocked: true });
    distributions.push(...await download(context, built, ofLocked(packages), ofLocked(packages.filter(isNeeded))));
  }
  return distributions;
}

/** Wheels that were built of source distributions, by name. */
type BuiltWheels = Map<string, BuiltWheel>;

function lineOf({ name, version, url, hashes }: LockedPackage, built: BuiltWheels): string {
  const wheel = built.get(name);
  const place = wheel?.url ?? url;
  const ofFile = wheel && hashes.length > 0 ? [wheel.hash] : hashes;
  return [place === undefined ? `${name}==${version}` : `${name} @ ${place}`, ...ofFile.map((hash) => `--hash=${hash}`)].join(' ');
}

/**
 * @param built the wheel of a package that has only a source distribution is added, and all is asked for again
 * @param needed the packages that must be fetched. The rest is fetched only to learn its requirements, and may fail
 */
async function download(context: DownloadContext, built: BuiltWheels, all: () => Download, needed = all): Promise<Distribution[]> {
  const wanted = all();
  try {
    return await fetchWheels(context, wanted);
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    if (needed().lines.length < wanted.lines.length) return download(context, built, needed);
    const { error, onlySource } = await explainDownload(context, wanted, failure);
    if (onlySource === undefined || built.has(onlySource.name) || isBuildingForbidden(context, onlySource.name)) throw error;
    built.set(onlySource.name, await buildFromSource(context, onlySource.what, onlySource.line));
    return download(context, built, all);
  }
}

/** By the option, or by the settings of pip and uv that say the same. */
function isBuildingForbidden({ request: { onlyBinary = false, pipArgs = [] }, env }: DownloadContext, name: string): boolean {
  const ofArgs = pipArgs.filter((arg, i) => arg.startsWith('--only-binary=') || pipArgs[i - 1] === '--only-binary');
  const listed = [env.PIP_ONLY_BINARY ?? '', ...ofArgs].flatMap((value) => value.replace('--only-binary=', '').split(/[\s,]+/));
  const isListed = listed.some((item) => item === ':all:' || normaliseName(item) === name);
  return onlyBinary || isListed || /^(1|true)$/i.test(env.UV_NO_BUILD ?? '');
}

async function fetchWheels(context: DownloadContext, wanted: Download): Promise<Distribution[]> {
  if (wanted.lines.length === 0) return [];
  const distributions = await (context.installer.kind === 'pip' ? downloadByPip(context, wanted) : installByUv(context, wanted));
  const other = distributions.find(({ tags }) => !tags.some((tag) => tagsFit(tag, context.platform)));
  if (!other) return distributions;
  const { installer: { kind }, platform: { runtime, architecture } } = context;
  throw new ArtifactError({
    reference: 'wheel-not-for-target',
    problem: `${kind} took a wheel of ${other.name} ${other.version} that does not run on ${runtime} on ${architecture}`,
    got: other.tags,
    advice: 'take out of {pipArgs}, {environment} and the configuration of pip or uv what chooses a platform',
  });
}

async function downloadByPip(context: DownloadContext, wanted: Download): Promise<Distribution[]> {
  const folder = fs.mkdtempSync(path.join(context.temporary, 'wheels-'));
  const yanked = readYanked(await runForAll(pipDownload(context, wanted, folder)));
  return Promise.all(fs.readdirSync(folder).map(async (name) => {
    const distribution = readDistribution(await listIntact(path.join(folder, name)));
    const wheelSha256 = await sha256OfFile(path.join(folder, name));
    return { ...distribution, tags: [wheelTags(name) ?? name], yanked: yanked.get(yankedKey(distribution)), wheelSha256 };
  }));
}

/** List the files of a wheel, to be read later. A wheel that is damaged is an error of ours. */
async function listIntact(wheel: string): Promise<PackedFile[]> {
  const damaged = (cause: unknown) => new ArtifactError({
    reference: 'wheel-damaged',
    problem: 'a wheel is damaged',
    got: path.basename(wheel),
    advice: 'download it anew (pip cache purge), or renew it where it comes from',
    hint: (cause as Error).message,
  }, undefined, { cause });
  const { files } = await listWheel(wheel).catch((cause) => {
    throw damaged(cause);
  });
  return files.map((file) => ({
    ...file,
    read: () => {
      try {
        return file.read();
      } catch (cause) {
        throw damaged(cause);
      }
    },
  }));
}
