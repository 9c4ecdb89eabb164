import type { FoundInstaller } from './find';
import { explainInstall, lastException } from './output';
import { ArtifactError } from '../base/error';
import { CommandFailure, runCommand } from '../process/command';

export interface InstallOptions {
  /** The folder of the project's copy. */
  readonly project: string;
  /** An empty folder. */
  readonly target: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Run `pip install --no-deps --target` for the copy, in its folder: a setup.py may have relative paths. */
export async function install(installer: FoundInstaller, { project, target, args, env, signal }: InstallOptions): Promise<void> {
  const ownArgs = installer.kind === 'pip' ? ['--no-compile'] : ['--link-mode', 'copy'];
  const allArgs = [...installer.args, project, '--no-deps', ...ownArgs, '--target', target, ...args];
  try {
    await runCommand({ file: installer.file, args: allArgs, cwd: project, env, signal });
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    const { reference, advice, hint } = explainInstall(failure.process.output);
    throw new ArtifactError({
      reference,
      problem: `${installer.kind} could not install the project`,
      got: lastException(failure.process.output),
      advice,
      process: failure.process,
      hint,
    }, undefined, { cause: failure });
  }
}
