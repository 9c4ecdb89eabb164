import { checkVersion } from './object-key';
import type { ArtifactRequest } from './source-request';
import { ArtifactError } from '../base/error';
import type { Project } from '../project/project';

/** The version of an artifact: as given, as written in pyproject.toml, as built. */
export function artifactVersion({ version, versionFromGit }: Project, request: ArtifactRequest, built: string): string {
  if (request.version === undefined && version === undefined && built === '0.0.0' && !versionFromGit) {
    // what setuptools makes up for a project that has none
    throw new ArtifactError({ reference: 'version-missing', problem: 'the project has no version', advice: 'set version in setup.py, or the {version} of the artifact' });
  }
  return checkVersion(request.version ?? version ?? built);
}
