import * as path from 'node:path';
import { ArtifactError, refusal } from '../../../core/base/error';
import { readIfThere } from '../../../core/base/files';
import { isOfPlainFolder } from '../../../core/init/open-project';
import { propose } from '../../../core/init/propose';
import { checkVersion } from '../../../core/plan/object-key';
import { readProject } from '../../../core/project/project';
import { tryBuild } from '../../local/try-build';
import { writeFileWhole } from '../../local/write-whole';
import type { InitializedProject, InitializeProjectOptions } from '../../model/init';
import { run } from '../../run';

/**
 * Make a project of a folder that holds a function: write the smallest pyproject.toml with which it builds, and build it once, to see
 * that all files and a handler are in the outcome. What pyproject.toml has already, such as tables of tools, stays as it is.
 *
 * @throws ArtifactError with the code `usage` (the folder is a project already, or has no modules) or `build` (the file is written, and
 * the project does not build)
 */
export async function initializeProject(options: InitializeProjectOptions): Promise<InitializedProject> {
  return run('initializeProject', options, async (current) => {
    const entry = path.resolve(options.dirProjectRoot);
    const { name, sourceVersion: version, runtime } = options;
    if (version !== undefined) checkVersion(version);
    refuseProject(entry);
    const file = path.join(entry, 'pyproject.toml');
    const existing = readIfThere(file);
    const proposal = propose(entry, { name, version, runtime });
    if (proposal.files.length === 0) {
      const advice = 'name the folder that has the function\'s modules';
      throw refusal('project-code-missing', 'the folder has no files for an artifact', entry, advice);
    }
    current.printValues('Writing pyproject.toml', { pathPyprojectToml: file, files: proposal.files.join(', ') });
    const start = existing ? withNewline(existing) : Buffer.alloc(0);
    const write = (text: string) => writeFileWhole(file, Buffer.concat([start, Buffer.from(text)]));
    if (!current.dryRun) write(proposal.text);

    current.print('--- Building it once ...');
    const { handlers, unsaid, missingFiles } = await tryBuild({ ...options, entry, proposal }, current).catch((error) => {
      throw current.dryRun ? error : sayThatItIsThere(error);
    });
    const { text } = unsaid === undefined ? proposal : propose(entry, { name, version, runtime, handler: unsaid });
    if (!current.dryRun && text !== proposal.text) write(text);
    return {
      pathPyprojectToml: file,
      text,
      name: proposal.name,
      sourceVersion: proposal.version,
      files: proposal.files,
      leftOut: proposal.leftOut,
      dependencies: proposal.dependencies,
      skippedRequirements: proposal.skipped,
      handlers,
      missingFiles,
    };
  });
}

/** A project that there is stays as it is. */
function refuseProject(entry: string): void {
  let file: string;
  try {
    ({ file } = readProject(entry));
  } catch (error) {
    if (error instanceof ArtifactError && isOfPlainFolder(error)) return;
    throw error;
  }
  const problem = `the folder is a project already: it has a ${file}`;
  throw refusal('project-file-present', problem, entry, 'build it as it is, or change that file');
}

function withNewline(text: Buffer): Buffer {
  return Buffer.concat([text, Buffer.from(text.at(-1) === 0x0a || text.length === 0 ? '\n' : '\n\n')]);
}

function sayThatItIsThere(error: unknown): unknown {
  if (!(error instanceof ArtifactError)) return error;
  const hints = [error.trouble.hint, 'pyproject.toml is written all the same: correct it, or remove it to begin anew'].filter(Boolean);
  return new ArtifactError({ ...error.trouble, hint: hints.join('\nhint: ') }, undefined, { cause: error.cause });
}
