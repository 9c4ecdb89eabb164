import * as path from 'node:path';
import type { LayerRequirements, LockedPackage } from './locked';
import { ArtifactError } from '../base/error';
import { platformOf, PYTHON_RUNTIMES, type TargetPlatform } from '../lambda/target';
import { wheelTags } from '../pep/wheel-name';
import { tagsFit } from '../pep/wheel-tags';

/**
 * Refuse packages without a wheel that runs on the target, by the files that the lock lists: nothing has to be fetched for that.
 *
 * @param exclude names of packages that are left out of the layer, normalised
 * @param onlyBinary whether no source distribution may be built
 */
export function refuseWithoutWheel(
  requirements: LayerRequirements, platform: TargetPlatform, exclude: readonly string[] = [], onlyBinary = false,
): void {
  const { locked, file, format } = requirements;
  const isBuilt = ({ isSource = false }: LockedPackage) => isSource && !onlyBinary;
  const isNeeded = (item: LockedPackage) => !exclude.includes(item.name) && !isBuilt(item);
  const lacking = locked.filter((item) => item.wheels && isNeeded(item) && !hasWheel(item.wheels, platform));
  if (lacking.length === 0) return;
  const [{ name, version, wheels = [], wantedBy }, ...others] = lacking;
  const item = `${name} ${version}${wantedBy === undefined ? '' : `, which ${wantedBy} requires,`}`;
  const { runtime, architecture, machine, minor, glibc } = platform;
  throw new ArtifactError({
    ...wheels.length === 0 ? {
      reference: 'locked-only-source',
      problem: `${item} has only a source distribution in ${path.basename(file)}`,
      advice: 'lock a version that has a wheel, or build one (pip wheel) and name its folder with --find-links in {pipArgs}',
    } : {
      reference: 'locked-without-wheel',
      problem: `${item} has no wheel for ${runtime} on ${architecture} in ${path.basename(file)}`,
      got: nearestTags(wheels, platform),
      advice: `lock a version that has one: pure, or cp3${minor} or abi3 for manylinux up to 2.${glibc}, ${machine}`,
    },
    hint: [
      others.length > 0 && `the same goes for ${others.map((other) => `${other.name} ${other.version}`).join(', ')}`,
      ...otherTargets(wheels, platform),
      format === 'pylock.toml' && wheels.length === 1 && OF_PIP_LOCK,
    ].filter(Boolean).join('\n') || undefined,
  });
}

const OF_PIP_LOCK = 'pip lock lists the wheel of the Python and the machine that run it; uv export --format pylock.toml lists all';

function hasWheel(wheels: readonly string[], platform: TargetPlatform): boolean {
  return wheels.some((wheel) => tagsFit(tagsOf(wheel), platform));
}

function tagsOf(wheel: string): string {
  return wheelTags(wheel) ?? '--';
}

const MAX_TAGS = 5;

/** The tags of wheels, those of the target's Python and machine first. */
function nearestTags(wheels: readonly string[], platform: TargetPlatform): string[] {
  const distance = (tags: string) => {
    const [python, abi, platforms] = tags.split('-');
    const isPython = tagsFit(`${python}-${abi}-any`, platform);
    const isMachine = platforms.split('.').some((name) => /^(many)?linux/.test(name) && name.endsWith(platform.machine));
    return Number(!isPython) * 2 + Number(!isMachine);
  };
  const tags = [...new Set(wheels.map(tagsOf))].sort((a, b) => distance(a) - distance(b));
  return tags.length <= MAX_TAGS ? tags : [...tags.slice(0, MAX_TAGS), `${tags.length - MAX_TAGS} more`];
}

/** Lines that tell of other runtimes and architectures for which the lock has a wheel. */
function otherTargets(wheels: readonly string[], { runtime, architecture }: TargetPlatform): string[] {
  const runtimes = PYTHON_RUNTIMES.filter((other) => hasWheel(wheels, platformOf({ runtime: other, architecture })));
  const architectures = ['x86_64', 'arm64'].filter((other) => hasWheel(wheels, platformOf({ runtime, architecture: other })));
  return [
    ...runtimes.length > 0 ? [`there is one for ${runtimes.join(', ')} on ${architecture}`] : [],
    ...architectures.length > 0 ? [`there is one for ${runtime} on ${architectures.join(', ')}`] : [],
  ];
}
