import * as os from 'node:os';
import type { PipConfig } from './pip-config';
import { refusal } from '../base/error';

/** Options of pip and uv that say what is installed, where, for which Python, or that nothing is: ours alone say that here. */
const OPTIONS = [
  'target', 'prefix', 'root', 'user', 'dest', 'src', 'python', 'report', 'editable', 'requirement', 'group', 'requirements-from-script',
  'dry-run', 'no-deps', 'require-virtualenv', 'platform', 'abi', 'implementation', 'python-version',
];

/** Of these, our own variables say otherwise, see `buildEnvironment`, and count more than a file. */
const OVERRIDDEN = ['user', 'dry-run', 'no-deps', 'require-virtualenv'];

const OF_UV = ['PYTHON', 'PYTHON_PLATFORM', 'PYTHON_VERSION', 'TARGET', 'PREFIX', 'SYSTEM_PYTHON'].map((name) => `UV_${name}`);

const VARIABLES = new Set([...OPTIONS.map(variableOf), ...OF_UV]);

/** Whether a variable of pip or uv is meant for another installation than ours. */
export function isForeignSetting(variable: string): boolean {
  return VARIABLES.has(variable.toUpperCase());
}

/**
 * The environment for a pip whose configuration has such options: it reads no file, and has what they say else by variables. Without such
 * options it is the same environment.
 *
 * @see https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
 */
export function withoutForeign(env: NodeJS.ProcessEnv, config: PipConfig): NodeJS.ProcessEnv {
  const options = [...config];
  if (!options.some(([option]) => OPTIONS.includes(option) && !OVERRIDDEN.includes(option))) return env;
  const kept = options.filter(([option]) => !OPTIONS.includes(option)).map(([option, value]) => [variableOf(option), value]);
  const own = Object.entries(env).filter(([name, value]) => value !== undefined && !(value === '' && name.startsWith('PIP_')));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(own), PIP_CONFIG_FILE: os.devNull };
}

// of them, what as an argument would change the outcome, or where it goes
const ARGUMENT = /^(?:--(?:target|prefix|root|user|dest|python|editable|dry-run)(?:=|$)|-[tde])/;

/** Refuse arguments that say where something is installed, or that nothing is. */
export function refuseForeign(pipArgs: readonly string[] = []): void {
  const isValue = (i: number) => /^(?:--(?:global|build)-option|--config-settings?|-C)$/.test(pipArgs[i - 1] ?? '');
  const got = pipArgs.find((argument, i) => ARGUMENT.test(argument) && !isValue(i));
  if (got === undefined) return;
  const advice = 'leave it out: what is installed, and where, is not for {pipArgs} to say';
  throw refusal('pip-args-foreign', 'an argument of pip or uv is for another installation', got, advice);
}

function variableOf(option: string): string {
  return `PIP_${option.replaceAll('-', '_').toUpperCase()}`;
}
