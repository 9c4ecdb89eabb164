import { ArtifactError } from '../base/error';
import { satisfiesSpecifier } from '../pep/specifier';
import type { WheelTarget } from '../pep/wheel-tags';

/** Lambda's names of what a layer is built for. */
export interface LayerTarget {
  /** `python3.13` */
  readonly runtime: string;
  readonly architecture: string;
}

/** What wheels and environment markers are chosen by. */
export interface TargetPlatform extends LayerTarget, WheelTarget {}

const MACHINES: Readonly<Record<string, TargetPlatform['machine']>> = { x86_64: 'x86_64', arm64: 'aarch64' };
const [OLDEST, NEWEST] = [8, 15];

/** Those that layers are built for. */
export const PYTHON_RUNTIMES = Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => `python3.${OLDEST + i}`);

/** Amazon Linux 2 has glibc 2.26, Amazon Linux 2023, from python3.12 on, 2.34. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
export function platformOf({ runtime, architecture }: LayerTarget): TargetPlatform {
  const minor = Number(/^python3\.(\d+)$/.exec(runtime)?.[1]);
  if (!(minor >= OLDEST && minor <= NEWEST)) {
    throw new ArtifactError({ reference: 'runtime-unknown', problem: 'the runtime is not one that layers are built for', got: runtime, advice: `set {runtime} to one of python3.${OLDEST} to python3.${NEWEST}` });
  }
  const machine = Object.hasOwn(MACHINES, architecture) ? MACHINES[architecture] : undefined;
  if (!machine) {
    throw new ArtifactError({ reference: 'architecture-unknown', problem: 'the architecture is not one of Lambda\'s', got: architecture, advice: `set {architecture} to ${Object.keys(MACHINES).join(' or ')}` });
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

/** Which patch release a runtime has is not known: any will do. */
export function fitsPython({ minor }: TargetPlatform, alternatives: readonly string[]): boolean {
  const releases = Array.from({ length: 100 }, (_, patch) => `3.${minor}.${patch}`);
  return alternatives.some((specifier) => releases.some((release) => satisfiesSpecifier(release, specifier)));
}
