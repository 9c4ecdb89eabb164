import { memo } from '../base/collections';

/** The machine and the Python that a wheel has to run on. */
export interface WheelTarget {
  /** The minor version of Python 3. */
  readonly minor: number;
  /** The minor version of glibc 2. */
  readonly glibc: number;
  /** The kernel's and the wheels' name of the architecture. */
  readonly machine: 'x86_64' | 'aarch64';
}

// the names that manylinux had before PEP 600, by the minor version of glibc
const LEGACY_NAMES: Readonly<Record<number, string>> = { 17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1' };

/** The platform tags of wheels that run on the target, best first. @see https://peps.python.org/pep-0600/ */
export function platformTags({ glibc, machine }: WheelTarget): string[] {
  const oldest = machine === 'x86_64' ? 5 : 17; // manylinux for arm begins there
  const tags: string[] = [];
  for (let minor = glibc; minor >= oldest; minor--) {
    tags.push(`manylinux_2_${minor}_${machine}`);
    if (minor in LEGACY_NAMES) tags.push(`${LEGACY_NAMES[minor]}_${machine}`);
  }
  return [...tags, `linux_${machine}`];
}

// a lock file lists thousands of wheels, and all are compared with the same target
const fittingPlatforms = memo((target: WheelTarget): ReadonlySet<string> => new Set(['any', ...platformTags(target)]), 20);

/** Whether a wheel with these tags (`cp313-cp313-manylinux_2_28_x86_64`, `py2.py3-none-any`) runs on the target. */
export function tagsFit(tags: string, target: WheelTarget): boolean {
  const [pythons, abis, platforms] = tags.split('-').map((part) => part.split('.'));
  const fitting = fittingPlatforms(target);
  return platforms.some((name) => fitting.has(name)) && pythons.some((python) => abis.some((abi) => runsOn(python, abi, target.minor)));
}

/** @param python `py3`, `py38`, `cp313` @param abi `none`, `abi3`, `cp313` */
function runsOn(python: string, abi: string, minor: number): boolean {
  const [, implementation, digits] = /^(cp|py)3(\d*)$/.exec(python) ?? [];
  if (implementation === undefined) return false;
  if (digits === '') return implementation === 'py' && abi === 'none'; // any Python 3
  const version = Number(digits);
  if (abi === 'none') return implementation === 'py' ? version <= minor : version === minor;
  if (implementation === 'py') return false;
  return abi === 'abi3' ? version <= minor : version === minor && abi === `cp3${minor}`;
}

/**
 * The place of a wheel in the order in which pip takes wheels of one version, best first; `undefined` if it does not run on the target.
 *
 * @see https://packaging.pypa.io/en/stable/tags.html
 */
export function rankOf(tags: string, platform: WheelTarget): number | undefined {
  const [pythons, abis, platforms] = tags.split('-').map((part) => part.split('.'));
  const order = [...platformTags(platform), 'any'];
  const ranks = pythons.flatMap((python) => abis.flatMap((abi) => platforms.map((name) => {
    const place = order.indexOf(name);
    return place === -1 || !runsOn(python, abi, platform.minor) ? Infinity : rankOfPython(python, abi, name, platform.minor) * 1000 + place;
  })));
  const best = Math.min(...ranks);
  return best === Infinity ? undefined : best;
}

/** First this Python's own, then its abi3, then abi3 of older ones, then those for any ABI, and last those for any platform. */
function rankOfPython(python: string, abi: string, platform: string, minor: number): number {
  const isOwn = python === `cp3${minor}`;
  const age = minor - Number(/^..3(\d+)$/.exec(python)?.[1] ?? minor - 0.5);
  if (platform === 'any') return 300 + (isOwn ? 0 : 1 + age);
  if (abi === 'none') return isOwn ? 2 : 200 + age;
  if (abi === 'abi3') return isOwn ? 1 : 100 + age;
  return 0;
}
