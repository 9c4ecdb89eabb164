import { isForeignSetting } from './foreign';
import { isSecret } from '../base/variables';

// set by a git hook, or by a Python that runs the app
const OF_OTHERS = new RegExp(`^(${[
  'GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|NAMESPACE)',
  'PYTHON(HOME|STARTUP)|__PYVENV_LAUNCHER__',
].join('|')})$`);

/**
 * The environment of a build. The user's variables stay, so that pip's own configuration (index, proxies, certificates) holds.
 * Variables that are meant for another installation are taken out, and those that make builds repeatable are set.
 *
 * @see https://pip.pypa.io/en/stable/topics/configuration/
 * @see https://reproducible-builds.org/docs/source-date-epoch/
 */
export function buildEnvironment(user: NodeJS.ProcessEnv, added: Readonly<Record<string, string>>, version?: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(user).filter(([name]) => !OF_OTHERS.test(name) && !isForeignSetting(name));
  const given = Object.entries(added).filter(([name]) => !isForeignSetting(name));
  return {
    SOURCE_DATE_EPOCH: '315532800', // 1980-01-01, the first date that a zip can hold
    ...Object.fromEntries(inherited),
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    PIP_USE_PEP517: '1', // otherwise pip before 23.1 runs setup.py install, which leaves no dist-info
    PIP_NO_COLOR: '1',
    PIP_PROGRESS_BAR: 'off',
    NO_COLOR: '1',
    ...version === undefined ? {} : pretendVersion(version),
    ...Object.fromEntries(given),
    // and what a pip.conf may ask for: a variable counts more
    PIP_DRY_RUN: '0',
    PIP_NO_DEPS: '0',
    PIP_QUIET: '0',
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
  };
}

// by these, plugins that take the version from git are told it, and need no git
const VERSION_VARIABLES = [
  'SETUPTOOLS_SCM_PRETEND_VERSION',
  'VCS_VERSIONING_PRETEND_VERSION',
  'PDM_BUILD_SCM_VERSION',
  'PBR_VERSION',
  'UV_DYNAMIC_VERSIONING_BYPASS',
  'POETRY_DYNAMIC_VERSIONING_BYPASS',
];

function pretendVersion(version: string): Record<string, string> {
  return Object.fromEntries(VERSION_VARIABLES.map((name) => [name, version]));
}

/**
 * The environment of a backend's own process: without what is secret by its name, unless the user gives it to this build. pip and uv keep
 * theirs, as a keyring may need it for the index.
 */
export function withoutSecrets(env: NodeJS.ProcessEnv, given: readonly string[] = []): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => given.includes(name) || !isSecret(name)));
}
