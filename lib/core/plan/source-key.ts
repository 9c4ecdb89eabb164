import { identifyConstraints, sourceOptions, steeringVariables } from './inputs';
import type { ArtifactRequest } from './source-request';
import { readTextIfThere } from '../base/files';
import { OUR_VERSION } from '../base/library-version';
import { digestTree, sha256, type FileDigest } from '../base/tree';
import { identifyTracked } from '../project/git-index';
import { findPythons, identifyPython } from '../project/interpreter';
import type { Project } from '../project/project';
import { identifyRevision, ignoreFiles, sourceRepository } from '../project/repository';

/**
 * The key of an artifact: the digest of everything that its build reads. These are the content of the source files, the inputs that
 * `inputs` declares, the Python, the state of git if the build asks for it, and this library's version. Starts no process.
 */
export function fingerprint(project: Project, request: ArtifactRequest, source: readonly FileDigest[]): string {
  const { version } = request;
  const repository = sourceRepository(project);
  return sha256(JSON.stringify({
    format: 1,
    library: OUR_VERSION,
    source: digestTree(source),
    options: sourceOptions(request),
    environment: steeringVariables(process.env),
    constraints: identifyConstraints({ ...process.env, ...request.environment }),
    python: identifyPython(findPythons(project.entry, request.python)),
    revision: repository && project.versionFromGit && version === undefined ? identifyRevision(repository) : undefined,
    tracked: repository && identifyTracked(repository),
    ignored: repository && project.heedsGitignore ? ignoreFiles(repository, project.entry).map(readTextIfThere) : undefined,
    pretendedVersion: project.versionFromGit ? version : undefined,
  }));
}
