import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LayerRequirements, LockedPackage } from './locked';
import { statIfThere } from '../base/files';
import { sha256 } from '../base/tree';
import type { TargetPlatform } from '../lambda/target';
import { isSameVersion } from '../pep/version';
import { isUrl, parseWheelName, wheelTags } from '../pep/wheel-name';
import { rankOf } from '../pep/wheel-tags';

/**
 * Take the user's own wheel of a locked package that has none for the target: from the folders that `--find-links` of `pipArgs` names. It
 * is what `pip wheel` makes of a source distribution, so the lock has no hash of it. Of a lock that does not tell files apart, a wheel
 * counts as one's own if none of the hashes is its hash.
 */
export function takeOwnWheels(requirements: LayerRequirements, pipArgs: readonly string[], platform: TargetPlatform): LayerRequirements {
  const wheels = linkedFolders(pipArgs, path.dirname(requirements.file)).flatMap(listWheels);
  if (wheels.length === 0) return requirements;
  return { ...requirements, locked: requirements.locked.map((item) => ownWheel(item, wheels, platform) ?? item) };
}

function ownWheel(item: LockedPackage, wheels: readonly string[], platform: TargetPlatform): LockedPackage | undefined {
  const { name, version, hashes, wheels: listed, url } = item;
  const rank = (wheel: string) => rankOf(wheelTags(path.basename(wheel)) ?? '--', platform);
  if (url !== undefined || listed?.some((wheel) => rank(wheel) !== undefined)) return undefined;
  const fitting = wheels.filter((wheel) => {
    const named = parseWheelName(wheel);
    return named?.name === name && isSameVersion(named.version, version) && rank(wheel) !== undefined;
  });
  const [best] = fitting.sort((a, b) => rank(a)! - rank(b)!);
  if (best === undefined) return undefined;
  const hash = `sha256:${sha256(fs.readFileSync(best))}`;
  if (hashes.includes(hash) || (hashes.length === 0 && listed === undefined)) return undefined; // the installer finds it itself
  const { isSource: _, ...rest } = item;
  return { ...rest, hashes: [hash], wheels: [path.basename(best)], url: pathToFileURL(best).href };
}

/** The folders of `--find-links <folder>`, `--find-links=<folder>` and `-f <folder>`. */
function linkedFolders(args: readonly string[], base: string): string[] {
  const places = args.flatMap((arg, i) => {
    const [, joined] = /^(?:--find-links=|-f=?(?=.))(.*)$/.exec(arg) ?? [];
    return joined ?? (['--find-links', '-f'].includes(arg) ? args[i + 1] ?? [] : []);
  });
  const folders = places.filter((place) => !isUrl(place)).map((place) => path.resolve(base, place));
  return folders.filter((place) => statIfThere(place)?.isDirectory());
}

function listWheels(folder: string): string[] {
  return fs.readdirSync(folder).filter((name) => name.endsWith('.whl')).sort().map((name) => path.join(folder, name));
}
