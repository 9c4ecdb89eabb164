import { keyOf } from './inputs/inputs';
import type { ArtifactRequest } from './source-request';
import { sha256, type FileDigest } from '../base/tree';
import { GitReader, type Asked } from '../project/git-state';
import type { Project } from '../project/project';
import { findRepository } from '../project/repository';

/** Of what is kept of an artifact, see `Artifact`: raised when an older record means something else. */
const FORMAT = 2;

/**
 * The digest of everything that a build reads: the source files' content, the options, the Python, and the others of `INPUTS`. Starts no
 * process. A build that asks git has a key of its own besides, see `keyWithGit`.
 */
export function fingerprint(project: Project, request: ArtifactRequest, source: readonly FileDigest[], git?: GitReader): string {
  const { entry, version, python, pipArgs, environment, bytecode: _, runtime: __, ...options } = request; // see keyWithBytecode
  const given = Object.entries(options).filter(([, value]) => value !== undefined).sort();
  return keyOf('artifact', { entry, python, pipArgs, environment, project, source, version, options: [FORMAT, given], git });
}

/**
 * The key of what was built with answers of git. Whether a build asks is known when it was built; so its other key leads to that
 * knowledge, and this one to the outcome.
 *
 * @param entries the folders that were built
 */
export function keyWithGit(key: string, entries: readonly string[], asked: Asked | undefined, git = new GitReader()): string {
  if (asked === undefined) return key;
  const answers = entries.map((entry) => {
    const repository = findRepository(entry);
    return repository && git.identify(repository, entry, asked);
  });
  return sha256(JSON.stringify([key, answers]));
}
