import { pythonRelease } from './python-releases';
import { ArtifactError } from '../base/error';
import { satisfiesSpecifier } from '../pep/specifier';
import type { WheelTarget } from '../pep/wheel-tags';

/** The target of a layer, by Lambda's names. */
export interface LayerTarget {
  /** `python3.13` */
  readonly runtime: string;
  readonly architecture: string;
}

/** The target with all that wheels and environment markers are chosen by. */
export interface TargetPlatform extends LayerTarget, WheelTarget {}

const MACHINES: Readonly<Record<string, TargetPlatform['machine']>> = { x86_64: 'x86_64', arm64: 'aarch64' };
// minor versions of Python 3
const OLDEST = 8;
const NEWEST = 15;

/** The runtimes that layers are built for. */
export const PYTHON_RUNTIMES = Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => `python3.${OLDEST + i}`);

/**
 * Lambda's names, translated for wheels and markers. Amazon Linux 2 has glibc 2.26; Amazon Linux 2023 (python3.12 and newer) has 2.34.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
 */
export function platformOf({ runtime, architecture }: LayerTarget): TargetPlatform {
  const minor = minorOf(runtime);
  if (minor === undefined || minor < OLDEST || minor > NEWEST) {
    throw new ArtifactError({
      reference: 'runtime-unknown',
      problem: 'the runtime is not one that layers are built for',
      got: runtime,
      advice: `set {runtime} to one of python3.${OLDEST} to python3.${NEWEST}`,
    });
  }
  const machine = Object.hasOwn(MACHINES, architecture) ? MACHINES[architecture] : undefined;
  if (!machine) {
    throw new ArtifactError({
      reference: 'architecture-unknown',
      problem: 'the architecture is not one of Lambda\'s',
      got: architecture,
      advice: `set {architecture} to ${Object.keys(MACHINES).join(' or ')}`,
    });
  }
  return { runtime, architecture, minor, glibc: minor >= 12 ? 34 : 26, machine };
}

/** The minor version of Python 3; `undefined` if the runtime is not a Python, or is a token. */
export function minorOf(runtime: string): number | undefined {
  const digits = /^python3\.(\d+)$/.exec(runtime)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The values of the variables of environment markers on the target.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
 */
export function markerEnvironment({ minor, machine }: TargetPlatform): Readonly<Record<string, string>> {
  const release = pythonRelease(minor);
  return {
    implementation_name: 'cpython',
    implementation_version: release,
    os_name: 'posix',
    platform_machine: machine,
    platform_python_implementation: 'CPython',
    platform_release: `5.10.240-264.942.amzn2.${machine}`, // the kernel of Lambda's hosts, for all runtimes
    platform_system: 'Linux',
    platform_version: '#1 SMP',
    python_full_version: release,
    python_version: `3.${minor}`,
    sys_platform: 'linux',
  };
}

/**
 * Whether the target's Python satisfies one of some specifiers. The runtime's patch release is unknown: it is enough if one would do.
 */
export function fitsPython({ minor }: Pick<TargetPlatform, 'minor'>, alternatives: readonly string[]): boolean {
  const releases = Array.from({ length: 100 }, (_, patch) => `3.${minor}.${patch}`);
  return alternatives.some((specifier) => releases.some((release) => satisfiesSpecifier(release, specifier)));
}
