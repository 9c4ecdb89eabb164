import { setTimeout as sleep } from 'node:timers/promises';
import { digestFile } from './artifact-digest';
import { ArtifactError } from './artifact-error';
import type { ArtifactRequest } from './artifact-request';
import { build, type Build, type BuildOptions } from './build';
import type { Project } from './build-project';
import { compareTrees, describeDifferences } from './publish-difference';

const A_SECOND_LATER = 1100; // ms; most stamps of time are in seconds

/** Build a project a second time, in another folder, another second and another time zone, and fail if that makes a difference. */
export async function verifyReproducible(project: Project, request: ArtifactRequest, first: Build, options: BuildOptions): Promise<void> {
  await sleep(A_SECOND_LATER, undefined, { signal: options.signal });
  const environment = { TZ: 'Pacific/Kiritimati', ...request.environment };
  const second = await build(project, { ...request, environment }, options);
  const differences = compareTrees(first.tree.files.map(digestFile), second.tree.files.map(digestFile));
  if (differences.length === 0) return;
  throw new ArtifactError({
    code: 'build',
    problem: 'two builds of the project differ',
    got: describeDifferences(differences),
    advice: 'take time, folder, host and randomness out of its build',
  });
}
