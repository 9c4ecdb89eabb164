import * as os from 'node:os';
import { readTextIfThere } from '../base/files';

const [MAX_BUILDS, MEMORY_OF_A_BUILD] = [8, 512 * 1024 ** 2]; // bytes

/** How many builds run at once: as many as there are cores and memory for, in a container too, or `PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS`. */
export function buildsAtOnce(env: NodeJS.ProcessEnv = process.env): number {
  const wanted = Number(env.PIP_SOURCE_ARTIFACT_PARALLEL_BUILDS);
  if (Number.isInteger(wanted) && wanted > 0) return wanted;
  // Node 20 does not see a container's quota of cores; 0 and more than there is both mean no limit of memory
  const memory = Math.min(process.constrainedMemory() || Infinity, os.totalmem());
  const allowed = Math.min(os.availableParallelism(), quota(), MAX_BUILDS, Math.floor(memory / MEMORY_OF_A_BUILD));
  return Math.max(1, allowed);
}

/** Cores of the container, as control groups have it. @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files */
function quota(): number {
  const [limit, period] = (readTextIfThere('/sys/fs/cgroup/cpu.max') ?? '').split(/\s+/).map(Number);
  return limit > 0 && period > 0 ? Math.ceil(limit / period) : Infinity;
}
