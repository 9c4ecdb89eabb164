import type { FoundInstaller } from './find';
import { explainInstall, lastException } from './output';
import { ArtifactError } from '../base/error';
import { CommandFailure, runCommand } from '../process/command';

export interface InstallOptions {
  /** Where the copy of the project is. */
  readonly project: string;
  /** An empty folder. */
  readonly target: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** `pip install --no-deps --target` of the copy, in the copy's folder, so that relative paths of a setup.py hold. */
export async function install(installer: FoundInstaller, { project, target, args, env, signal }: InstallOptions): Promise<void> {
  const noCompile = installer.kind === 'pip' ? ['--no-compile'] : ['--link-mode', 'copy'];
  try {
    await runCommand({
      file: installer.file, args: [...installer.args, project, '--no-deps', ...noCompile, '--target', target, ...args], cwd: project, env, signal,
    });
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

// what pip or uv prints when an index does not let them in, and when none answers
// each: what pip or uv prints, and what to do about it; the first that fits
