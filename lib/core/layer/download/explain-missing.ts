import { compare } from '@renovatebot/pep440';
import type { WheelsThereAre } from './ask-index';
import type { DownloadContext } from './command';
import type { Finding } from '../../base/error';
import { requiredPython, type Missing } from '../../installer/missing';
import type { TargetPlatform } from '../../lambda/target';
import { tagsFit } from '../../pep/wheel-tags';

/** Explain a missing wheel by the wheels there are. `undefined` if they explain nothing. */
export function explainMissing({ platform, request }: DownloadContext, missed: Missing, there: WheelsThereAre): Finding | undefined {
  const { name, specifier, version, wantedBy, isThere } = missed;
  const { tags, hasSource, fitting, isFound, log } = there;
  if (isFound) return undefined;
  const target = `${platform.runtime} on ${platform.architecture}`;
  const wanted = version === undefined ? name : `${name} ${version}`;
  const requirer = wantedBy ?? request.requirements.locked.find((item) => item.name === name)?.wantedBy;
  const hint = requirer === undefined ? undefined : `${name} is required by ${requirer}`;
  const advice = adviseVersion(name, version, fitting);
  if (version === undefined && fitting.length > 0) {
    return {
      reference: 'package-version-unfit',
      problem: `no version of ${name} that has a wheel for ${target} satisfies ${specifier}`,
      got: fitting.slice(-5),
      advice: 'require another version',
      hint,
    };
  }
  const requiresPython = missed.requiresPython ?? requiredPython(log, name, version);
  if (requiresPython !== undefined) {
    return { reference: 'package-python', problem: `${wanted} does not run on ${platform.runtime}`, got: requiresPython, advice, hint };
  }
  if (tags.some((item) => tagsFit(item, platform))) return undefined;
  if (hasSource && tags.length === 0) {
    const problem = `${wanted} has no wheel for ${target}, only a source distribution`;
    return { reference: 'package-only-source', problem, advice, hint };
  }
  if (tags.length > 0 || isThere) { // uv does not always list the tags
    const problem = `${wanted} has no wheel for ${target} (${describeTags(platform)})`;
    return { reference: 'package-without-wheel', problem, got: tags.length > 0 ? nearest(tags, platform) : undefined, advice, hint };
  }
  if (fitting.length > 0) {
    return {
      reference: 'package-version-missing',
      problem: `there is no ${wanted}`,
      got: fitting.slice(-5),
      advice: 'require a version that there is',
      hint: hint ?? 'it was perhaps deleted',
    };
  }
  return {
    reference: 'package-missing',
    problem: `no index has a package ${name}`,
    advice: 'correct its name, or name the index that has it: PIP_EXTRA_INDEX_URL, UV_INDEX',
    hint,
  };
}

function adviseVersion(name: string, version: string | undefined, fitting: readonly string[]): string {
  const next = version === undefined ? undefined : fitting.find((item) => compare(item, version) > 0);
  if (next !== undefined) return `require ${name} ${next}, the next version that has one`;
  const last = fitting.at(-1);
  if (last !== undefined) return `require ${name} ${last}, the last version that has one`;
  return 'do without it, or build a wheel of it and name that one\'s folder with --find-links in {pipArgs}';
}

/** `cp313, manylinux up to 2.34, x86_64` */
export function describeTags({ minor, glibc, machine }: TargetPlatform): string {
  return `cp3${minor}, manylinux up to 2.${glibc}, ${machine}`;
}

const MANY = 12;

/** The tags that are nearest to the target: the machine counts most, then the system, then the Python. */
function nearest(tags: readonly string[], { machine, minor }: TargetPlatform): string[] {
  const rank = (tag: string) => [tag.endsWith(machine), tag.includes('linux'), tag.startsWith(`cp3${minor}-`)].map(Number).join('');
  const sorted = [...tags].sort((a, b) => Number(rank(b)) - Number(rank(a)));
  return tags.length <= MANY ? sorted : [...sorted.slice(0, MANY), `and ${tags.length - MANY} more`];
}
