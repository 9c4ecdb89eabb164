/** What the tags of a wheel are held against. */
export interface WheelTarget {
  /** Of Python 3. */
  readonly minor: number;
  /** Of glibc 2. */
  readonly glibc: number;
  /** As the kernel and wheels call the architecture. */
  readonly machine: 'x86_64' | 'aarch64';
}

// each: the name that a manylinux had before PEP 600, of which glibc
const LEGACY_NAMES: Readonly<Record<number, string>> = { 17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1' };

/** The platform tags of wheels that run on the target, best first. @see https://peps.python.org/pep-0600/ */
export function platformTags({ glibc, machine }: WheelTarget): string[] {
  const oldest = machine === 'x86_64' ? 5 : 17; // no manylinux for arm before
  const tags: string[] = [];
  for (let minor = glibc; minor >= oldest; minor--) {
    tags.push(`manylinux_2_${minor}_${machine}`);
    if (minor in LEGACY_NAMES) tags.push(`${LEGACY_NAMES[minor]}_${machine}`);
  }
  return [...tags, `linux_${machine}`];
}

// a lock file lists thousands of wheels
const FITTING = new WeakMap<WheelTarget, ReadonlySet<string>>();

/** Whether a wheel with these tags (`cp313-cp313-manylinux_2_28_x86_64`, each part perhaps several) runs on the target. */
export function tagsFit(tags: string, platform: WheelTarget): boolean {
  const [pythons, abis, platforms] = tags.split('-').map((part) => part.split('.'));
  const fitting = FITTING.get(platform) ?? new Set(['any', ...platformTags(platform)]);
  FITTING.set(platform, fitting);
  return platforms.some((name) => fitting.has(name)) && pythons.some((python) => abis.some((abi) => runsOn(python, abi, platform.minor)));
}

function runsOn(python: string, abi: string, minor: number): boolean {
  const [, implementation, version = ''] = /^(cp|py)3(\d*)$/.exec(python) ?? [];
  if (implementation === undefined) return false;
  if (abi === 'none') return implementation === 'py' ? version === '' || Number(version) <= minor : Number(version) === minor;
  if (implementation !== 'cp' || version === '') return false;
  return abi === 'abi3' ? Number(version) <= minor : Number(version) === minor && abi === `cp3${minor}`;
}
