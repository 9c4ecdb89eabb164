import * as path from 'node:path';
import { refusePython, type FoundInstaller } from './find';
import { withoutForeign } from './foreign';
import { hideSecrets } from './hide-secrets';
import { findMissing } from './missing';
import { explainInstall, lastException } from './output';
import { withholdSecrets } from './withhold-secrets';
import { ArtifactError } from '../base/error';
import { CommandFailure, runCommand } from '../process/command';
import { readUvSources, type UvSources } from '../project/uv-sources';

export interface InstallOptions {
  /** The folder of the project's copy. */
  readonly project: string;
  /** An empty folder. */
  readonly target: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The names of the variables that the user gives to this build. */
  readonly given?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Run `pip install --no-deps --target` for the copy, in its folder: a setup.py may have relative paths. */
export async function install(installer: FoundInstaller, options: InstallOptions): Promise<void> {
  const { project, target, args, env, given = [], signal } = options;
  const own = installer.kind === 'pip' ? ['--no-compile'] : uvOptions(readUvSources(project));
  try {
    const command = {
      file: installer.file,
      args: [...installer.args, project, '--no-deps', ...own, '--target', target, ...args],
      cwd: project,
      env: { ...withoutForeign(env, installer.config), PIP_REQUIRE_HASHES: '0' }, // a folder has no hash
      signal,
    };
    const temporary = path.dirname(target);
    await runCommand(withholdSecrets(hideSecrets(command, installer.kind, temporary), installer.kind, given, temporary));
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    throw explain(installer, failure);
  }
}

/** What the project itself requires is not installed, and the copy does not have it. */
function uvOptions({ ofBuild, others }: UvSources): string[] {
  const sources = ofBuild.length === 0 ? ['--no-sources'] : others.flatMap((name) => ['--no-sources-package', name]);
  return ['--link-mode', 'copy', '--no-require-hashes', ...sources];
}

// how they say which Python a project requires
const BY_PIP = /requires a different Python: \S+ not in '(.*)'/;
const BY_UV = /does not satisfy Python(\S+?),? (?=and|we)/;

function explain(installer: FoundInstaller, failure: CommandFailure): ArtifactError {
  const { output } = failure.process;
  const [, required] = BY_PIP.exec(output) ?? BY_UV.exec(output) ?? [];
  const { reference, advice, hint } = explainInstall(output);
  const trouble = required === undefined ? undefined : refusePython(required, `${installer.pythonVersion} (${installer.python})`).trouble;
  const requirement = reference === 'build-requirement-missing' ? missingRequirement(output) : undefined;
  return new ArtifactError({
    reference,
    problem: `${installer.kind} could not install the project`,
    got: requirement ?? lastException(output),
    advice,
    ...trouble,
    process: failure.process,
    hint,
  }, undefined, { cause: failure });
}

/** Which requirement of the build no index has. */
function missingRequirement(output: string): string | undefined {
  const missing = findMissing(output);
  return missing && `${missing.name}${missing.specifier}`;
}
