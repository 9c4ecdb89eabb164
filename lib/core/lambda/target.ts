import { ArtifactError } from '../base/error';

/** Lambda's names of what a layer is built for. */
export interface LayerTarget {
  /** `python3.13` */
  readonly runtime: string;
  readonly architecture: string;
}

/** What wheels and environment markers are chosen by. */
export interface TargetPlatform extends LayerTarget {
  /** Of Python 3. */
  readonly minor: number;
  /** Of glibc 2. */
  readonly glibc: number;
  /** As the kernel and wheels call the architecture. */
  readonly machine: 'x86_64' | 'aarch64';
}

const MACHINES: Readonly<Record<string, TargetPlatform['machine']>> = { x86_64: 'x86_64', arm64: 'aarch64' };
const [OLDEST, NEWEST] = [8, 14];

/** Amazon Linux 2 has glibc 2.26, Amazon Linux 2023, from python3.12 on, 2.34. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
export function platformOf({ runtime, architecture }: LayerTarget): TargetPlatform {
  const minor = Number(/^python3\.(\d+)$/.exec(runtime)?.[1]);
  if (!(minor >= OLDEST && minor <= NEWEST)) {
    throw new ArtifactError({ code: 'usage', problem: 'the runtime is not one that layers are built for', got: runtime, advice: `set runtime to one of python3.${OLDEST} to python3.${NEWEST}` });
  }
  const machine = Object.hasOwn(MACHINES, architecture) ? MACHINES[architecture] : undefined;
  if (!machine) {
    throw new ArtifactError({ code: 'usage', problem: 'the architecture is not one of Lambda\'s', got: architecture, advice: `set architecture to ${Object.keys(MACHINES).join(' or ')}` });
  }
  return { runtime, architecture, minor, glibc: minor >= 12 ? 34 : 26, machine };
}

/** Environment markers as the target has them. @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers */
export function markerEnvironment({ minor, machine }: TargetPlatform): Readonly<Record<string, string>> {
  // which patch release a runtime has changes; uv takes the first too, but many packages refuse 3.8.0 and 3.9.0, which Lambda never had
  const release = `3.${minor}.${minor < 10 ? 16 : 0}`;
  return {
    implementation_name: 'cpython',
    implementation_version: release,
    os_name: 'posix',
    platform_machine: machine,
    platform_python_implementation: 'CPython',
    platform_release: '',
    platform_system: 'Linux',
    platform_version: '',
    python_full_version: release,
    python_version: `3.${minor}`,
    sys_platform: 'linux',
  };
}

// each: the name that a manylinux had before PEP 600, of which glibc
const LEGACY_NAMES: Readonly<Record<number, string>> = { 17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1' };

/** The platform tags of wheels that run on the target, best first. @see https://peps.python.org/pep-0600/ */
export function platformTags({ glibc, machine }: TargetPlatform): string[] {
  const oldest = machine === 'x86_64' ? 5 : 17; // no manylinux for arm before
  const tags: string[] = [];
  for (let minor = glibc; minor >= oldest; minor--) {
    tags.push(`manylinux_2_${minor}_${machine}`);
    if (minor in LEGACY_NAMES) tags.push(`${LEGACY_NAMES[minor]}_${machine}`);
  }
  return [...tags, `linux_${machine}`];
}

/** The tags in a wheel's file name; nothing for what is not a wheel. @see https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
export function wheelTags(fileName: string): string | undefined {
  return /^[^-]+-[^-]+(?:-\d[^-]*)?-([^-]+-[^-]+-[^-]+)\.whl$/.exec(fileName)?.[1];
}

// a lock file lists thousands of wheels
const FITTING = new WeakMap<TargetPlatform, ReadonlySet<string>>();

/** Whether a wheel with these tags (`cp313-cp313-manylinux_2_28_x86_64`, each part perhaps several) runs on the target. */
export function tagsFit(tags: string, platform: TargetPlatform): boolean {
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
