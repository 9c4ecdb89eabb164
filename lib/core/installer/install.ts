import { ArtifactError } from '../base/error';
import type { Installer } from './find';
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

// set by a git hook, by a Python that runs the app, or for another installation
const FOREIGN = /^(GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX)|PYTHON(HOME|STARTUP)|__PYVENV_LAUNCHER__|PIP_(TARGET|PREFIX|ROOT|EDITABLE|REQUIREMENT))$/;

/**
 * The environment of a build: the user's, so that pip's own configuration (index, proxies, certificates) holds, without what
 * fights with `--target`, and with what makes builds repeatable.
 *
 * @see https://pip.pypa.io/en/stable/topics/configuration/
 * @see https://reproducible-builds.org/docs/source-date-epoch/
 */
export function buildEnvironment(user: NodeJS.ProcessEnv, added: Readonly<Record<string, string>>, version?: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(user).filter(([name]) => !FOREIGN.test(name));
  return {
    SOURCE_DATE_EPOCH: '315532800', // 1980-01-01, the first that a zip can hold
    ...Object.fromEntries(inherited),
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PIP_USE_PEP517: '1', // pip before 23.1 else runs setup.py install, which leaves no dist-info
    PIP_NO_COLOR: '1',
    PIP_PROGRESS_BAR: 'off',
    NO_COLOR: '1',
    ...version === undefined ? {} : pretendVersion(version),
    ...added,
  };
}

/** Plugins that take the version from git build without one when they are told it. */
function pretendVersion(version: string): Record<string, string> {
  const names = ['SETUPTOOLS_SCM_PRETEND_VERSION', 'PDM_BUILD_SCM_VERSION', 'PBR_VERSION', 'UV_DYNAMIC_VERSIONING_BYPASS', 'POETRY_DYNAMIC_VERSIONING_BYPASS'];
  return Object.fromEntries(names.map((name) => [name, version]));
}

/** `pip install --no-deps --target` of the copy, in the copy's folder, so that relative paths of a setup.py hold. */
export async function install(installer: Installer, { project, target, args, env, signal }: InstallOptions): Promise<void> {
  const noCompile = installer.kind === 'pip' ? ['--no-compile'] : ['--link-mode', 'copy'];
  try {
    await runCommand({
      file: installer.file, args: [...installer.args, project, '--no-deps', ...noCompile, '--target', target, ...args], cwd: project, env, signal,
    });
  } catch (failure) {
    if (!(failure instanceof CommandFailure)) throw failure;
    const { advice, hint } = explain(failure.process.output);
    throw new ArtifactError({
      code: 'build', problem: `${installer.kind} could not install the project`, got: lastException(failure.process.output), advice, process: failure.process, hint,
    }, undefined, { cause: failure });
  }
}

interface Explanation { readonly advice: string; readonly hint: string }

// what pip or uv prints when an index does not let them in, and when none answers
export const WITHOUT_CREDENTIALS = /40[13] (Client )?Error|Unauthorized|403 Forbidden|User for .*:\s*$/m;
export const OUT_OF_REACH = /Failed to establish a new connection|Connection refused|Connection aborted|Temporary failure in name resolution|NewConnectionError|Max retries exceeded|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|ReadTimeout|error sending request|dns error/i;

// each: what pip or uv prints, and what to do about it; the first that fits
const EXPLANATIONS: readonly (readonly [RegExp, Explanation])[] = [
  [/requires a different Python|requires-python|does not satisfy Python/i, {
    advice: 'build with a Python that the project admits',
    hint: 'set python to an interpreter that fits the project\'s requires-python; the one of the Lambda runtime is best',
  }],
  [/No module named pip\b/, {
    advice: 'give this Python a pip', hint: 'python -m ensurepip, or set python to another interpreter',
  }],
  [WITHOUT_CREDENTIALS, {
    advice: 'give pip credentials for the index', hint: 'renew the token of the index (PIP_INDEX_URL, pip.conf or netrc)',
  }],
  [OUT_OF_REACH, {
    advice: 'make the package index reachable',
    hint: 'an isolated build takes its build backend from the index: check the network and PIP_INDEX_URL, or install the backend and set pipArgs to ["--no-build-isolation"]',
  }],
  [/No matching distribution found for|Could not find a version that satisfies|was not found in the package registry|No solution found/i, {
    advice: 'correct [build-system].requires, or make the index reachable that pip asks',
    hint: 'what the build needs is not on the index, or pip did not reach it: look for a misspelt name in [build-system].requires, and at PIP_INDEX_URL',
  }],
  [/BackendUnavailable|Cannot import '|ModuleNotFoundError|No module named/, {
    advice: 'add what the build imports to [build-system].requires',
    hint: 'the build runs in an environment of its own that holds only [build-system].requires; check build-backend for a misspelling too',
  }],
  [/Multiple top-level (packages|modules) discovered/, {
    advice: 'tell setuptools which packages to install',
    hint: 'set [tool.setuptools] packages, or move the package below src/',
  }],
  [/setuptools-scm was unable to detect version|LookupError: .*version|Unable to determine version|NoVersionError/i, {
    advice: 'set version, or build from a git checkout with tags',
    hint: 'a shallow clone has no tags: git fetch --unshallow --tags',
  }],
  [/must contain \['version'\]|field .*`?version`?.* (is )?(required|missing)|'version' is a required|"?project\.version"?.*(missing|required|dynamic)|No version (found|specified)|missing .*version/i, {
    advice: 'give the project a version', hint: 'set [project].version in pyproject.toml',
  }],
];

function explain(output: string): Explanation {
  return EXPLANATIONS.find(([pattern]) => pattern.test(output))?.[1] ?? {
    advice: 'correct what its output names', hint: 'the same error comes from: python -m pip install --no-deps --target /tmp/check .',
  };
}

/** Of a traceback among pip's many lines. */
function lastException(output: string): string | undefined {
  return [...output.matchAll(/^\s*((?:\w+\.)*\w*(?:Error|Exception|Exit): .+)$/gm)].pop()?.[1].trim();
}
