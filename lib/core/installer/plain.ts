import type { FoundInstaller } from './find';
import type { PipConfig } from './pip-config';
import { isSet } from '../base/variables';
import { splitArguments } from '../plan/inputs/arguments';
import type { ArtifactRequest } from '../plan/source-request';

// of a build, to which the kept environment gives no answer
const VARIABLES = [
  'PIP_NO_BUILD_ISOLATION', 'PIP_CONFIG_SETTINGS', 'PIP_GLOBAL_OPTION', 'PIP_BUILD_OPTION', 'UV_NO_BUILD_ISOLATION',
];
const OPTIONS = ['no-build-isolation', 'config-settings', 'config-setting', 'global-option', 'build-option'];

/** Whether the user asks pip or uv for more than to install the project: by arguments, variables or pip's configuration. */
export function asksForMore(request: ArtifactRequest, env: NodeJS.ProcessEnv, { config }: FoundInstaller): boolean {
  const { pipArgs = [] } = request;
  const isAsked = isSet('PIP_SOURCE_ARTIFACT_ISOLATED', env) || VARIABLES.some((name) => env[name])
    || OPTIONS.some((name) => config.has(name));
  return splitArguments(pipArgs).others.length > 0 || isAsked || ignoresRequiresPython(request, env, config);
}

/** Whether the user has a project installed by a Python that it does not admit. */
export function ignoresRequiresPython({ pipArgs = [] }: ArtifactRequest, env: NodeJS.ProcessEnv, config?: PipConfig): boolean {
  const isYes = (value: string | undefined) => /^(y|yes|t|true|on|1)$/i.test(value ?? '');
  const isIgnored = isYes(env.PIP_IGNORE_REQUIRES_PYTHON) || isYes(config?.get('ignore-requires-python'));
  return isIgnored || pipArgs.includes('--ignore-requires-python');
}
