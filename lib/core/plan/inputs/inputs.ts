import * as path from 'node:path';
import { readConfiguration, type Configuration } from './configuration';
import { identifyNamed } from './files';
import { identifyInstalled, isIsolated } from './isolation';
import { identifyPythons } from './pythons';
import { familyOf, isOfInstaller, isPlace, settings, type Settings } from './variables';
import { readTextIfThere } from '../../base/files';
import { OUR_VERSION } from '../../base/library-version';
import { withoutCredentials } from '../../base/redact';
import { digestTree, sha256, type FileDigest } from '../../base/tree';
import { isSecret } from '../../base/variables';
import { namedVariables } from '../../project/build-files';
import { GitReader } from '../../project/git-state';
import { findPythons } from '../../project/interpreter';
import type { Project } from '../../project/project';
import { findRepository, ignoreFiles } from '../../project/repository';

/** What is to be made, as far as a key may depend on it. */
export interface KeySubject {
  /** The folder whose Python and configuration are preferred. */
  readonly entry: string;
  readonly python?: string;
  readonly pipArgs?: readonly string[];
  /** What the user adds to the environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The project that is built, and its files. */
  readonly project?: Project;
  readonly source?: readonly FileDigest[];
  /** The version that the user gives it. */
  readonly version?: string;
  /** All else that is asked for, as data. */
  readonly options?: unknown;
  /** Requirements, constraints, and arguments of a lock file: what they name is read. */
  readonly requirements?: readonly string[];
  readonly git?: GitReader;
}

/** A subject, with what several inputs need of it. */
interface Looked extends KeySubject {
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Those that may build it, best first. */
  readonly interpreters: readonly string[];
  readonly configuration: Configuration;
  /** Whether the project's build files name a variable. */
  readonly isNamed: (variable: string) => boolean;
}

const isSetting = (name: string) => isOfInstaller(name) && !isPlace(name);

/** All that a key may depend on: how each is told without starting a process, and without what is only a credential. */
export const INPUTS = {
  /** Another version of this library may build in another way. */
  library: () => OUR_VERSION,
  source: ({ source = [] }) => digestTree(source),
  options: ({ options }) => options,
  pipArgs: ({ pipArgs = [] }) => pipArgs.map(withoutCredentials),
  python: ({ interpreters, project, env }) => identifyPythons(interpreters, project?.requiresPython, env),
  /** The packages beside the Python, where the build uses them. */
  installed: ({ interpreters: [interpreter], pipArgs = [], env, configuration }) => {
    const told: Settings = [...settings(env, isSetting), ...configuration.settings];
    return interpreter === undefined || isIsolated(pipArgs, told) ? undefined : identifyInstalled(interpreter, env);
  },
  /** What pip and uv are told of what to install, by variables and by their configuration. */
  installer: ({ env, configuration }) => [settings(env, isSetting), configuration.settings.filter(([name]) => !isPlaceOption(name))],
  /** From where they are told to install. */
  places: ({ env, configuration }) => [settings(env, isPlace), configuration.settings.filter(([name]) => isPlaceOption(name))],
  /** What is in the files that all of these name: constraints, wheels, folders of wheels. */
  files: ({ entry, env, pipArgs = [], requirements = [], configuration }) => {
    const told = [...settings(env, isOfInstaller), ...configuration.settings].map(([, value]) => value);
    const lines = requirements.filter((line) => /[\\/]|^-|\.(whl|zip|gz)\b/.test(line));
    return identifyNamed([...told, ...pipArgs, ...lines], [...new Set([process.cwd(), entry, ...configuration.folders])]);
  },
  /** Variables that the user gives to this build; a secret only if the project's own files name it. */
  environment: ({ environment = {}, isNamed }) => settings(environment, (name) => {
    return /^(PIP|UV)_/.test(name) ? isPlace(name) || isOfInstaller(name) : !isSecret(name) || isNamed(name);
  }),
  /** Variables of the app that the project's build files name, or that its backend and other ones listen to; secrets are not theirs. */
  variables: ({ env, project, isNamed }) => {
    if (!project) return undefined;
    const isOfFamily = familyOf(project.buildSystem?.requires ?? []);
    return settings(env, (name) => !/^(PIP|UV)_(?!DYNAMIC_)/.test(name) && !isSecret(name) && name !== '_' && (isNamed(name) || isOfFamily(name)));
  },
  /** The version that plugins are told instead of asking git. */
  version: ({ project, version }) => project?.versionFromGit ? version : undefined,
  /** What a version from git depends on, where a plugin is known to ask; of what else is asked, see `answersOfGit`. */
  git: ({ project, version, git = new GitReader() }) => {
    const repository = project?.versionFromGit ? findRepository(project.entry) : undefined;
    return repository && git.identify(repository, project!.entry, version === undefined ? 'revision' : 'files');
  },
  /** Files above the project that tell git what to ignore: backends leave it out. */
  ignored: ({ project }) => {
    const repository = project && findRepository(project.entry);
    return repository && ignoreFiles(repository, project.entry).map(readTextIfThere);
  },
} satisfies Record<string, (subject: Looked) => unknown>;

type Input = keyof typeof INPUTS;

/**
 * Which inputs a key has. A layer is the same whichever Python fetches it; a build environment is there before the project is looked at.
 */
export const KEYS = {
  artifact: [
    'library', 'source', 'options', 'pipArgs', 'python', 'installed', 'installer', 'files', 'environment', 'variables',
    'version', 'git', 'ignored',
  ],
  layer: ['library', 'options', 'pipArgs', 'installer', 'places', 'files', 'environment'],
  environment: ['options', 'pipArgs', 'installer', 'places', 'files'],
} satisfies Record<string, readonly Input[]>;

/** The digest of all that an artifact, a layer or a kept build environment depends on. */
export function keyOf(kind: keyof typeof KEYS, subject: KeySubject): string {
  const env = { ...process.env, ...subject.environment };
  const { entry, python, project, source = [] } = subject;
  const interpreters = findPythons(entry, python, env, project?.requiresPython).flatMap(({ file }) => file ?? []);
  const [interpreter] = interpreters;
  const prefix = interpreter === undefined ? undefined : path.join(path.dirname(interpreter), '..');
  const isNamed = project ? namedVariables(project, source) : () => false;
  const looked: Looked = { ...subject, env, interpreters, configuration: readConfiguration(entry, prefix, env), isNamed };
  const inputs: readonly Input[] = KEYS[kind];
  return sha256(JSON.stringify([kind, inputs.map((input) => [input, (INPUTS[input] as (subject: Looked) => unknown)(looked)])]));
}

function isPlaceOption(name: string): boolean {
  return /(index|index-url|extra-index-url|default-index|find-links|no-index|index-strategy)$/.test(name);
}

/** Tells whether two builds are given the same, apart from credentials, which may be new at each synth. */
export function identifySecrets(pipArgs: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): string {
  const nothing = { entry: '', interpreters: [], configuration: { settings: [], folders: [] }, isNamed: () => false };
  const looked: Looked = { ...nothing, pipArgs, environment, env: environment };
  return sha256(JSON.stringify([INPUTS.pipArgs(looked), INPUTS.environment(looked)]));
}
