import * as fs from 'node:fs';
import * as path from 'node:path';
import { openProject } from '../core/init/open-project';
import { isSameVersion } from '../core/pep/version';
import { artifactVersion } from '../core/plan/source-version';
import { ArtifactError, type SourceZip } from '../pipeline/api';

/**
 * The version to upload an archive as: that of its build, in the project's own spelling, as `release` and the construct have it. An
 * archive of another version than the project's is refused as an old one.
 *
 * @param folder the folder of the project that it was built from, if that may exist
 */
export function versionToUpload(zip: SourceZip, folder: string | undefined): string {
  const isHere = folder !== undefined && ['pyproject.toml', 'setup.py'].some((name) => fs.existsSync(path.join(folder, name)));
  if (!isHere) return zip.sourceVersion;
  const entry = path.resolve(folder);
  const project = openProject(entry);
  if (project.version !== undefined && !isSameVersion(project.version, zip.sourceVersion)) {
    throw new ArtifactError({
      reference: 'archive-outdated',
      problem: `the archive was built as version ${zip.sourceVersion}, the project is at ${project.version}`,
      got: zip.pathSourceZip,
      advice: 'build and package it again, or set {version} to publish it as it is',
    });
  }
  return artifactVersion(project, { entry }, zip.sourceVersion);
}
