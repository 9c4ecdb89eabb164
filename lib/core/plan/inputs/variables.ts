import { withoutCredentials } from '../../base/redact';

/** Environment variables, or options of a configuration, as they go into a key: sorted, without credentials. */
export type Settings = readonly (readonly [name: string, value: string])[];

// of pip's and uv's variables, and of the options that are named like them: what has no say in what is installed
const HOW = new RegExp(`^(PIP|UV)_(${[
  'SOURCE_ARTIFACT_.*', // our own
  'TARGET|PREFIX|ROOT|EDITABLE|REQUIREMENT|USER|REQUIRE_VIRTUALENV|USE_PEP517|REPORT|SRC|EXISTS_ACTION|PYTHON|SYSTEM_PYTHON',
  'COMPILE(_BYTECODE)?|NO_COMPILE|NO_WARN_.*',
  'CACHE_DIR|NO_CACHE(_DIR)?|LINK_MODE|CONCURRENT_.*|NO_CLEAN|BUILD_TRACKER|TOOL_.*|PYTHON_INSTALL_.*',
  'PROJECT_ENVIRONMENT|ENV_FILE|RUN_.*|STACK_SIZE',
  'CERT|CLIENT_CERT|PROXY|TRUSTED_HOST|INSECURE_HOST|ALLOW_INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS|SSL_.*',
  '(DEFAULT_|HTTP_|REQUEST_)?TIMEOUT|(HTTP_)?RETRIES|RESUME_RETRIES|OFFLINE',
  'KEYRING_PROVIDER|GITHUB_TOKEN|PUBLISH_.*|INDEX_.*_(USERNAME|PASSWORD)|HTTP_PROXY|HTTPS_PROXY|NO_PROXY|USER_AGENT_.*',
  'WORKSPACE|SOURCES|DEV_DEPENDENCIES|(DEFAULT|DEPENDENCY)_GROUPS|MANAGED|PACKAGE|BUILD_BACKEND|REQUIRED_VERSION',
  '(REQUIRED_)?ENVIRONMENTS|CONFLICTS|CACHE_KEYS|PREVIEW.*',
  'LOG.*|QUIET|VERBOSE|NO_COLOR|NO_PROGRESS|PROGRESS_BAR|NO_INPUT|DISABLE_PIP_VERSION_CHECK|DEBUG|NO_PYTHON_VERSION_WARNING|SHOW_.*',
].join('|')})$|^PIP_(DEST|GROUP|REQUIREMENTS_FROM_SCRIPT|DRY_RUN|NO_DEPS|PLATFORM|ABI|IMPLEMENTATION|PYTHON_VERSION)$`);

// where packages come from
const PLACE = /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|PYPI_URL|FIND_LINKS|NO_INDEX)|UV_(INDEX|INDEX_URL|EXTRA_INDEX_URL|DEFAULT_INDEX|FIND_LINKS|NO_INDEX|INDEX_STRATEGY))$/;

/** Whether a variable of pip or uv changes what is installed, by its value: which versions and which files, and how they are built. */
export function isOfInstaller(name: string): boolean {
  return /^(PIP|UV)_/.test(name) && !HOW.test(name);
}

/** Whether it says from where. */
export function isPlace(name: string): boolean {
  return PLACE.test(name);
}

// backends and plugins that many use, by what their variables begin with
const FAMILIES = new RegExp(`^(${[
  'SOURCE_DATE_EPOCH$|DIST_EXTRA_CONFIG$|DISTUTILS_|SETUPTOOLS_|HATCH_|PDM_|PBR_|FLIT_|POETRY_|UV_DYNAMIC_',
  'VCS_VERSIONING_|DUNAMAI_|VERSIONEER_|VERSIONINGIT_',
  'SKBUILD_|MESON|CMAKE_|CYTHON|MATURIN_|NUITKA_|CFLAGS$|CXXFLAGS$|CPPFLAGS$|LDFLAGS$|CC$|CXX$',
].join('|')})`);

/**
 * Tells, by a variable's name, whether build backends listen to it.
 *
 * @param requires the requirements of the build: each may have variables of its own
 */
export function familyOf(requires: readonly string[]): (name: string) => boolean {
  const names = requires.map((requirement) => /^\s*([\w.-]*)/.exec(requirement)![1].replace(/[.-]+/g, '_').toUpperCase());
  const own = names.filter((name) => name.length > 1).map((name) => `${name}_`);
  return (name) => FAMILIES.test(name) || own.some((beginning) => name.startsWith(beginning));
}

/** The variables that are wanted, as they go into a key. */
export function settings(env: NodeJS.ProcessEnv, isWanted: (name: string) => boolean): Settings {
  const isSet = (item: [string, string | undefined]): item is [string, string] => item[1] !== undefined;
  const wanted = Object.entries(env).filter(isSet).filter(([name]) => isWanted(name));
  const told = wanted.map(([name, value]): [string, string] => [name, isPlace(name) ? withoutCredentials(value) : value]);
  return told.sort(([a], [b]) => a < b ? -1 : 1);
}
