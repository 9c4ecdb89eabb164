import * as fs from 'node:fs';
import * as path from 'node:path';
import { pipDownload, type Download, type DownloadContext } from './command';
import { explainDownload } from './explain';
import { installByUv } from './uv';
import { ArtifactError } from '../../base/error';
import { sha256OfFile, type PackedFile } from '../../base/tree';
import { readYanked, yankedKey } from '../../installer/yanked';
import type { LockedPackage } from '../../lock/locked';
import { listWheel } from '../../package/wheel';
import { wheelTags } from '../../pep/wheel-name';
import { tagsFit } from '../../pep/wheel-tags';
import { CommandFailure, runForAll } from '../../process/command';
import type { Distribution } from '../distribution';
import { readDistribution } from '../merge';

/** Download the packages that a layer's requirements lead to. Wheels are chosen for the target and not for this machine. */
export async function downloadPackages(context: DownloadContext): Promise<Distribution[]> {
  const { requirements: { locked, unlocked }, exclude = [] } = context.request;
  const isHashed = ({ hashes }: LockedPackage) => hashes.length > 0;
  const distributions = await download(context, { lines: unlocked, isLocked: false });
  // pip wants hashes for all or for none
  for (const packages of [locked.filter(isHashed), locked.filter((item) => !isHashed(item))]) {
    const needed = packages.filter(({ name }) => !exclude.includes(name));
    distributions.push(...await download(context, ofLocked(packages), ofLocked(needed)));
  }
  return distributions;
}

function ofLocked(packages: readonly LockedPackage[]): Download {
  const line = ({ name, version, url, hashes }: LockedPackage) =>
    [url === undefined ? `${name}==${version}` : `${name} @ ${url}`, ...hashes.map((hash) => `--hash=${hash}`)].join(' ');
  return { lines: packages.map(line), isLocked: true };
}

/** @param needed the packages that must be fetched. The rest is fetched only to learn its requirements, and may fail */
async function download(context: DownloadContext, all: Download, needed = all): Promise<Distribution[]> {
  try {
    return await fetchWheels(context, all);
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    if (needed.lines.length < all.lines.length) return download(context, needed);
    throw await explainDownload(context, all, failure);
  }
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
    return { ...distribution, tags: [wheelTags(name) ?? name], yanked: yanked.get(yankedKey(distribution)), wheelSha256: await sha256OfFile(path.join(folder, name)) };
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
