import * as fs from 'node:fs';
import * as path from 'node:path';
import { SECOND_OF_UV, uvInstall, type Download, type DownloadContext } from './command';
import type { PackedFile } from '../../base/tree';
import { listTarget } from '../../build/installed-tree';
import { readYanked, yankedKey } from '../../installer/yanked';
import { recordedPaths, recordLine } from '../../pep/dist-info';
import { parseRequirement } from '../../pep/requirement';
import { tagsFit } from '../../pep/wheel-tags';
import { CommandFailure, runForAll } from '../../process/command';
import type { Distribution } from '../distribution';
import { readDistribution } from '../merge';

/**
 * Have uv install the packages: it has no command that downloads. uv does not know the glibc of Amazon Linux 2, which is between two
 * that it knows. Wheels for the newer one are taken if they fit, as pip would; otherwise those for the older one.
 */
export async function installByUv(context: DownloadContext, wanted: Download): Promise<Distribution[]> {
  const { platform } = context;
  if (platform.glibc >= SECOND_OF_UV) return install(context, wanted);
  const distributions = await install(context, wanted, SECOND_OF_UV);
  // a tag like `linux_x86_64` does not say which glibc the wheel needs: its file name did, but that is lost
  const fits = ({ tags }: Distribution) => tags.some((tag) => tagsFit(tag, platform) && !tag.includes('-linux_'));
  const unfit = distributions.filter((item) => !fits(item));
  if (unfit.length === 0) return distributions;
  const again = (items: readonly Distribution[], glibc?: number) =>
    install(context, { lines: items.map((item) => exactly(item, wanted)), isLocked: true }, glibc);
  try {
    return [...distributions.filter(fits), ...await again(unfit)];
  } catch (failure) {
    if (!(failure instanceof CommandFailure) || wanted.isLocked) throw failure;
    // another version may have a wheel for the older one
    const oldest = await install(context, wanted);
    const newer = (await again(oldest, SECOND_OF_UV)).filter(fits);
    return [...oldest.filter(({ name }) => !newer.some((item) => item.name === name)), ...newer];
  }
}

/** The line that requires exactly this version, with the URL or the hashes of the wanted line. */
function exactly({ name, version }: Distribution, { lines }: Download): string {
  for (const line of lines) {
    const [, requirement, hashes] = /^(.*?)( --hash.*)?$/.exec(line)!;
    const { name: wanted, url } = parseRequirement(requirement);
    if (wanted === name) return url === undefined ? `${name}==${version}${hashes ?? ''}` : line;
  }
  return `${name}==${version}`;
}

async function install(context: DownloadContext, wanted: Download, glibc?: number): Promise<Distribution[]> {
  const { files: installed, yanked } = await installInto(context, wanted, glibc);
  const distributions: Distribution[] = [];
  for (const { files, isWhole } of ownFiles(installed)) {
    const distribution = readDistribution(files);
    const whole = isWhole ? distribution
      : readDistribution((await installInto(context, { lines: [exactly(distribution, wanted)], isLocked: true }, glibc)).files);
    distributions.push({ ...whole, yanked: yanked.get(yankedKey(distribution)), wheelSha256: onlyHash(context, distribution) });
  }
  return distributions;
}

/** Of a wheel that is locked: uv keeps none. Nothing where the lock lists several that fit. */
function onlyHash({ request: { requirements: { locked } } }: DownloadContext, { name }: Distribution): string | undefined {
  const [hash, ...others] = locked.find((item) => item.name === name)?.hashes ?? [];
  return others.length === 0 ? /^sha256:(.*)$/.exec(hash ?? '')?.[1] : undefined;
}

interface Installed {
  readonly files: readonly PackedFile[];
  readonly yanked: ReadonlyMap<string, string>;
}

async function installInto(context: DownloadContext, wanted: Download, glibc?: number): Promise<Installed> {
  const target = fs.mkdtempSync(path.join(context.temporary, 'target-'));
  const output = await runForAll(uvInstall(context, wanted, target, glibc));
  return { files: listTarget(target), yanked: readYanked(output) };
}

interface InstalledPackage {
  readonly files: readonly PackedFile[];
  /** Whether no other package has overwritten a file of it. */
  readonly isWhole: boolean;
}

/** Divide the files of a folder among its packages, by their RECORDs. */
function ownFiles(target: readonly PackedFile[]): InstalledPackage[] {
  const byPath = new Map(target.map((file) => [file.path, file]));
  const records = target.filter((file) => /^[^/]+\.dist-info\/RECORD$/.test(file.path)).map((file) => file.read().toString());
  const owners = new Map<string, number>();
  const paths = records.map(recordedPaths);
  for (const name of paths.flat()) owners.set(name, (owners.get(name) ?? 0) + 1);
  return records.map((record, i) => {
    const files = paths[i].map((name) => byPath.get(name)).filter((file) => file !== undefined);
    const isAsRecorded = (file: PackedFile) => `\n${record}`.includes(`\n${recordLine({ path: file.path, content: file.read() })}`);
    return { files, isWhole: files.every((file) => owners.get(file.path) === 1 || isAsRecorded(file)) };
  });
}
