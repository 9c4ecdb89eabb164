import * as path from 'node:path';
import { ArtifactError } from '../../core/base/error';
import { statIfThere } from '../../core/base/files';
import { refusePlainFolder } from '../../core/init/open-project';
import { buildSource } from '../local/build-tree';
import type { BuildSourceOptions, BuiltSource } from '../model/build';
import { run } from '../run';

/**
 * Step 1: install a project into a folder with pip, without its dependencies, which belong in a layer. The project is built from a
 * copy and not touched.
 *
 * The folder is written as a whole or not at all. An earlier build in it is cleaned, after a question on the terminal. Any other folder
 * is refused.
 *
 * @throws ArtifactError with the code `usage` (an option, the project, no pip) or `build` (pip failed, there is no entry point, or the
 * outcome cannot run in Lambda)
 */
export async function buildSourceArtifactsUsingPip(options: BuildSourceOptions): Promise<BuiltSource> {
  return run('buildSourceArtifactsUsingPip', options, async (current) => {
    const entry = projectOf(options.pathSetupPyOrPyprojectToml);
    return (await buildSource({ ...options, entry }, current)).built;
  });
}

/** The project's folder. */
function projectOf(file: string): string {
  const given = path.resolve(file);
  const isNamed = ['pyproject.toml', 'setup.py'].includes(path.basename(given));
  const isProjectFile = isNamed && statIfThere(given)?.isFile();
  if (isProjectFile) return path.dirname(given);
  if (isNamed) refusePlainFolder(path.dirname(given));
  throw new ArtifactError({
    reference: 'project-file-missing',
    problem: 'there is no such pyproject.toml or setup.py',
    got: file,
    advice: 'set {pathSetupPyOrPyprojectToml} to the file in the project\'s root; '
      + 'python -m pip install -e . works there for a project that can be installed',
  });
}
