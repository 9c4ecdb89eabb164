import * as os from 'node:os';
import { readTextIfThere } from '../base/files';

const MAX_BUILDS = 8;
const MEMORY_OF_A_BUILD = 512 * 1024 ** 2; // bytes

/** What a machine, or the container that it is, has for builds. */
export interface Machine {
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
}

/** How many builds run at once: as many as there are cores and memory for, in a container too, or `PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS`. */
export function buildsAtOnce(env: NodeJS.ProcessEnv = process.env, { cores, memory }: Machine = thisMachine()): number {
  const wanted = Number(env.PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS);
  if (Number.isInteger(wanted) && wanted > 0) return wanted;
  return Math.max(1, Math.min(Math.ceil(cores), MAX_BUILDS, Math.floor(memory / MEMORY_OF_A_BUILD)));
}

function thisMachine(): Machine {
  return {
    // Node 20 does not see a container's quota of cores
    cores: Math.min(os.availableParallelism(), quotaOf(readTextIfThere('/sys/fs/cgroup/cpu.max') ?? '')),
    // 0, and more than there is, both mean that there is no limit
    memory: Math.min(process.constrainedMemory() || Infinity, os.totalmem()),
  };
}

/** Cores of a container, as its control group has them. @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files */
export function quotaOf(cpuMax: string): number {
  const [limit, period] = cpuMax.split(/\s+/).map(Number);
  return limit > 0 && period > 0 ? limit / period : Infinity;
}
