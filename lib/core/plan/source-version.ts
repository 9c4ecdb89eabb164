import { checkVersion } from './object-key';
import type { ArtifactRequest } from './source-request';
import { ArtifactError } from '../base/error';
import type { Project } from '../project/project';

/** The version of an artifact: the one that is given, or else that of pyproject.toml, or else that of the built metadata. */
export function artifactVersion({ version, versionFromGit }: Project, request: ArtifactRequest, built: string): string {
  const isMadeUp = built === '0.0.0' && !versionFromGit; // by setuptools, for a project without a version
  if (request.version === undefined && version === undefined && isMadeUp) {
    throw new ArtifactError({
      reference: 'version-missing',
      problem: 'the project has no version',
      advice: 'set version in setup.py, or the {version} of the artifact',
    });
  }
  return checkVersion(request.version ?? version ?? built);
}
