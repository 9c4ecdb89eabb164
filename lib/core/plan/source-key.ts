import { type ArtifactRequest, STEERING } from './source-request';
import { readTextIfThere } from '../base/files';
import { OUR_VERSION } from '../base/library-version';
import { digestTree, sha256, type FileDigest } from '../base/tree';
import { identifyTracked } from '../project/git-index';
import { findPythons, identifyConstraints, identifyPython } from '../project/interpreter';
import type { Project } from '../project/project';
import { identifyRevision, ignoreFiles, sourceRepository } from '../project/repository';

/**
 * The digest of everything that a build reads: the source files' content, the options, the Python, the commit where the version
 * comes from git, and this library's version. Starts no process.
 */
export function fingerprint(project: Project, request: ArtifactRequest, source: readonly FileDigest[]): string {
  const { entry: _, version, ...given } = request;
  const repository = sourceRepository(project);
  return sha256(JSON.stringify({
    format: 1,
    library: OUR_VERSION,
    source: digestTree(source),
    options: Object.entries(given).filter(([, value]) => value !== undefined).sort(),
    environment: Object.entries(process.env).filter(([name]) => STEERING.test(name)).sort(),
    constraints: identifyConstraints({ ...process.env, ...request.environment }),
    python: identifyPython(findPythons(project.entry, request.python)),
    revision: repository && project.versionFromGit && version === undefined ? identifyRevision(repository) : undefined,
    tracked: repository && identifyTracked(repository),
    ignored: repository && project.heedsGitignore ? ignoreFiles(repository, project.entry).map(readTextIfThere) : undefined,
    pretendedVersion: project.versionFromGit ? version : undefined,
  }));
}
