import type { LayerRequest } from './layer-request';
import type { ArtifactRequest } from './source-request';
import { readTextIfThere } from '../base/files';

/*
 * The inputs of a build besides the project's files, declared in one place. `source-key` and `layer-key` make their digests of these lists.
 * If an input is missing here, its change is not noticed: the cache answers with the old artifact.
 */

/** Variables of the user's environment that change the outcome of a build, and the reason. */
interface Steering {
  readonly variables: RegExp;
  readonly why: string;
}

/** The index and its credentials are not in the list: they do not change the outcome, and tokens of an index change every day. */
const STEERING: readonly Steering[] = [
  { variables: /^SOURCE_DATE_EPOCH$/, why: 'backends write it into the files that they generate' },
  { variables: /^(PIP|UV)_(BUILD_)?CONSTRAINT$/, why: 'the versions that are installed; the files that they name are inputs too' },
  { variables: /^PIP_NO_BUILD_ISOLATION$/, why: 'the backend comes from the environment of pip, in any version' },
  { variables: /^PIP_CONFIG_SETTINGS$/, why: 'options of the backend' },
  { variables: /^SETUPTOOLS_.*$/, why: 'setuptools and setuptools-scm: SETUPTOOLS_SCM_PRETEND_VERSION, SETUPTOOLS_USE_DISTUTILS' },
  { variables: /^(HATCH|PDM_BUILD|PBR)_.*$/, why: 'backends: HATCH_BUILD_HOOKS_ENABLE, PDM_BUILD_SCM_VERSION, PBR_VERSION' },
  { variables: /^(POETRY|UV)_DYNAMIC_.*$/, why: 'poetry-dynamic-versioning and uv-dynamic-versioning: the version' },
];

/** The variables, with their values, that steer a build; sorted. */
export function steeringVariables(env: NodeJS.ProcessEnv): [string, string | undefined][] {
  return Object.entries(env).filter(([name]) => STEERING.some(({ variables }) => variables.test(name))).sort();
}

/** The variables that name files of constraints, separated by blanks. */
const CONSTRAINTS = ['PIP_CONSTRAINT', 'PIP_BUILD_CONSTRAINT', 'UV_CONSTRAINT', 'UV_BUILD_CONSTRAINT'];

/** The constraints of pip and uv on the versions that they may install: variables, the files that these name, and their content. */
export function identifyConstraints(env: NodeJS.ProcessEnv): unknown {
  return CONSTRAINTS.filter((name) => env[name]).map((name) => [name, env[name], env[name]!.split(/\s+/).map(readTextIfThere)]);
}

/** Whether an option is part of the key as it is given. A new option does not compile before it is decided here. */
type Options<T> = Readonly<Record<keyof T, boolean>>;

const SOURCE_OPTIONS: Options<ArtifactRequest> = {
  entry: false, // the files count, wherever they are
  version: false, // that of the published object; the build is told of it if the version comes from git, see `pretendedVersion`
  python: true,
  pipArgs: true,
  environment: true,
  exclude: true,
  installer: true,
  verifyReproducible: true, // an artifact that was built once has not been compared
};

const LAYER_OPTIONS: Options<LayerRequest> = {
  requirements: false, // identified on their own: without the file's path, and without the requirers' names
  target: true,
  entry: false, // preferred for its Python alone
  python: false, // wheels are chosen for the target, whoever fetches them
  installer: false,
  pipArgs: true,
  environment: true,
  exclude: true,
  packages: true,
};

/** The options of an artifact that its key depends on. */
export function sourceOptions(request: ArtifactRequest): [string, unknown][] {
  return optionsIn(SOURCE_OPTIONS, request).sort();
}

/** The options of a layer that its key depends on. The order of variables and excluded names does not matter. */
export function layerOptions({ exclude = [], environment, ...request }: LayerRequest): Record<string, unknown> {
  return Object.fromEntries(optionsIn(LAYER_OPTIONS, {
    ...request,
    ...environment && { environment: Object.entries(environment).sort() },
    exclude: [...exclude].sort(),
  }));
}

function optionsIn(options: Readonly<Record<string, boolean>>, given: object): [string, unknown][] {
  const values = new Map<string, unknown>(Object.entries(given));
  return Object.keys(options).filter((name) => options[name] && values.get(name) !== undefined).map((name) => [name, values.get(name)]);
}
