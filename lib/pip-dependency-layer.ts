import * as path from 'node:path';
import { Annotations, AssetHashType } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { appOf, isBuilding, refuseTokens } from './app-state';
import { appWords } from './app-words';
import { ReferencedLayer } from './artifact/referenced-layer';
import { informOfBytecode, type Bytecode } from './bytecode';
import { ArtifactError, refusal } from './core/base/error';
import { platformOf } from './core/lambda/target';
import { checkBytecode } from './core/plan/inputs/bytecode';
import type { ObtainedLayer } from './core/synth/session';
import type { Installer } from './installer';
import { CodeStorage } from './publication/code-storage';

/** Properties of a `PipDependencyLayer`. */
export interface PipDependencyLayerProps extends lambda.LayerVersionOptions {
  /**
   * The Python project whose dependencies the layer holds: its folder, absolute or relative to where the app runs.
   *
   * Their versions come from the first of these that exists: `uv.lock` (of the project or of the workspace that it is in), `pylock.toml`,
   * `poetry.lock`, `Pipfile.lock`, `requirements.txt`, `[project].dependencies` of pyproject.toml. The project itself is not in the layer.
   *
   * @default - none, and `requirements` is needed
   */
  readonly entry?: string;

  /**
   * The file to take the versions from: one of the above, recognised by its name, or any `*.txt` in the format of a requirements file.
   *
   * @default - found in `entry`
   * @see https://pip.pypa.io/en/stable/reference/requirements-file-format/
   */
  readonly requirements?: string;

  /**
   * The runtime of the functions that use the layer. It decides which Python and which glibc the wheels must fit.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
   */
  readonly runtime: lambda.Runtime;

  /**
   * The architecture of the functions that use the layer.
   *
   * @default lambda.Architecture.X86_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Extras of the project (`[project.optional-dependencies]`) whose dependencies are wanted too.
   *
   * @default - none
   * @see https://packaging.python.org/en/latest/specifications/pyproject-toml/#dependencies-optional-dependencies
   */
  readonly extras?: string[];

  /**
   * Dependency groups of the project whose dependencies are wanted too.
   *
   * @default - none
   * @see https://peps.python.org/pep-0735/
   */
  readonly groups?: string[];

  /**
   * Dependency groups of the project that alone are wanted: without its own dependencies, which may be in another layer.
   *
   * @default - none: the project's dependencies, and those of `groups`
   */
  readonly onlyGroups?: string[];

  /**
   * Packages that alone are wanted, with what they require: what changes seldom can be a layer of its own, and another layer has the
   * rest if it excludes the same names.
   *
   * @default - all that the project requires
   */
  readonly packages?: string[];

  /**
   * Packages that stay out, such as `boto3`, which Lambda's runtime brings, and what nothing else in the layer requires; and files of
   * packages, by patterns as in .gitignore: `numpy/**\/tests/**`.
   *
   * @default - none
   */
  readonly exclude?: string[];

  /**
   * Take wheels alone. Without it, a package that has only a source distribution is built if its wheel runs everywhere (`none-any`): its
   * build runs code of the package on this machine.
   *
   * @default false
   */
  readonly onlyBinary?: boolean;

  /**
   * The Python whose pip downloads the wheels. It need not be the version of the runtime.
   *
   * @default - the project's `.venv`, else the active virtual environment, else `python3`, else `python`
   */
  readonly python?: string;

  /**
   * The program that downloads the wheels: pip, or uv. Both give the same layer.
   *
   * @default - pip, or uv if the Python has no pip
   * @see https://docs.astral.sh/uv/pip/
   */
  readonly installer?: Installer;

  /**
   * More arguments of `pip download` or `uv pip install`, such as `--index-url`.
   *
   * @default - none
   * @see https://pip.pypa.io/en/stable/cli/pip_download/#options
   */
  readonly pipArgs?: string[];

  /**
   * More environment variables for pip, such as `PIP_INDEX_URL`.
   *
   * @default - the environment of the app
   * @see https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
   */
  readonly environment?: { [name: string]: string };

  /**
   * Compiled modules in the layer, for its runtime, with which functions start faster. They are not part of `layerSha256`.
   *
   * @default Bytecode.AUTO
   */
  readonly bytecode?: Bytecode;

  /**
   * Where Lambda has the layer that it runs. With `REFERENCE` it is published to `bucket`, beside the code and under the digest of its
   * content, and has to stay there as long as a function runs it.
   *
   * @default CodeStorage.COPY - an asset of the CDK, which Lambda copies
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-self-managed-storage.html
   */
  readonly storage?: CodeStorage;

  /**
   * The bucket for `REFERENCE`, with versioning, of the functions' account and region.
   *
   * @default - the stack's own, as `PipSourceArtifact` makes it
   */
  readonly bucket?: s3.IBucket;

  /**
   * The folder in `bucket`: the key is `<prefix>source/layer-<digest>/layer.zip`.
   *
   * @default "lambda/"
   */
  readonly prefix?: string;

  /**
   * The runtimes that the layer may be used with.
   *
   * @default - `runtime`
   */
  readonly compatibleRuntimes?: lambda.Runtime[];

  /**
   * The architectures that the layer may be used with.
   *
   * @default - `architecture`
   */
  readonly compatibleArchitectures?: lambda.Architecture[];
}

/**
 * The dependencies of a Python project as a layer, for the functions' own runtime and architecture, made on any host without Docker.
 *
 * pip downloads wheels for the target, never for this machine. The layer is the same to the byte wherever it is made. It is made anew when
 * the locked requirements or the target change, but not when the function's code does.
 *
 * Fails at synth if the requirements cannot be met on the target. The message names a package without a wheel for it, and the wheels
 * there are.
 *
 * @example
 * import { App, Stack } from 'aws-cdk-lib';
 * import * as lambda from 'aws-cdk-lib/aws-lambda';
 * import { PipDependencyLayer } from 'cdk-pip-source-artifact';
 *
 * const app = new App();
 * const stack = new Stack(app, 'Greetings');
 * new PipDependencyLayer(stack, 'Dependencies', {
 *   entry: '../my-lambda-project', // has uv.lock, pylock.toml, poetry.lock, Pipfile.lock, requirements.txt or [project].dependencies
 *   runtime: lambda.Runtime.PYTHON_3_13,
 *   architecture: lambda.Architecture.ARM_64,
 * });
 * app.synth();
 */
export class PipDependencyLayer extends lambda.LayerVersion {
  /** The runtime that the wheels were chosen for. */
  public readonly runtime: lambda.Runtime;

  /** The architecture that the wheels were chosen for. */
  public readonly architecture: lambda.Architecture;

  /**
   * The digest of the layer's files (their paths, contents and executable bits), hexadecimal SHA-256. The asset is named by it.
   *
   * It is 64 zeros if nothing is built, as in `cdk ls`.
   */
  public readonly layerSha256: string;

  /** The packages in the layer, as `name==version`. Empty if nothing is built. */
  public readonly packages: string[];

  constructor(scope: Construct, id: string, props: PipDependencyLayerProps) {
    const { runtime, architecture = lambda.Architecture.X86_64 } = props;
    const { compatibleRuntimes = [runtime], compatibleArchitectures = [architecture] } = props;
    const where = [scope.node.path, id].filter(Boolean).join('/');
    const layer = makeLayerOf(scope, where, { ...props, architecture });
    const layerSha256 = layer?.layerSha256 ?? '0'.repeat(64);
    const archive = layer?.file ?? path.join(__dirname, 'bundled', 'placeholder.zip');
    super(scope, id, {
      code: codeOf(props, { archive, layerSha256, where }),
      compatibleRuntimes,
      compatibleArchitectures,
      description: props.description,
      layerVersionName: props.layerVersionName,
      license: props.license,
      removalPolicy: props.removalPolicy,
    });
    this.runtime = runtime;
    this.architecture = architecture;
    this.layerSha256 = layerSha256;
    this.packages = layer?.packages.map(({ name, version }) => `${name}==${version}`) ?? [];
    if (!layer) return;
    appOf(this).layers.set(this, {
      where,
      runtimes: compatibleRuntimes.map(({ name }) => name),
      architectures: compatibleArchitectures.map(({ name }) => name),
      packages: layer.packages,
      excluded: layer.excluded,
      exempt: layer.requirements.exempt,
      redefined: layer.requirements.redefined,
      unzippedSize: layer.unzippedSize,
      bytecodeSize: layer.bytecode?.size,
      lock: layer.requirements.file,
      isPart: (props.packages ?? props.onlyGroups) !== undefined,
    });
    informOfBytecode(this, 'the layer', layer.bytecode);
    const { isOpen, format } = layer.requirements;
    if (isOpen || layer.unpinned.length > 0) {
      Annotations.of(this).addWarningV2(
        'cdk-pip-source-artifact:unlockedRequirements',
        `${format} leaves versions open${shortList(layer.unpinned)}: the layer has those of the day it was built. `
        + 'Lock them: uv lock, poetry lock or pip lock beside pyproject.toml',
      );
    }
    for (const { name, pth } of layer.packages) {
      if (pth === undefined) continue;
      Annotations.of(this).addWarningV2(
        `cdk-pip-source-artifact:pth:${name}`,
        `${name} has ${pth.join(', ')}, and Python reads such files in site-packages alone, which /opt/python is not. `
        + 'If the package needs what is in it, put the folder that it names into PYTHONPATH, or import the module that it imports',
      );
    }
    for (const { name, version, yanked } of layer.packages) {
      if (yanked === undefined) continue;
      Annotations.of(this).addWarningV2(
        `cdk-pip-source-artifact:yanked:${name}`,
        `${name} ${version}, which ${format} leads to, was withdrawn from the index${yanked && ` (${yanked})`}. Require another version`,
      );
    }
  }
}

function codeOf(
  { storage, bucket, prefix }: PipDependencyLayerProps,
  { archive, layerSha256, where }: { readonly archive: string; readonly layerSha256: string; readonly where: string },
): lambda.Code {
  if (storage === CodeStorage.REFERENCE) return new ReferencedLayer({ bucket, prefix, archive, layerSha256, where });
  if (bucket ?? prefix) {
    const problem = 'bucket and prefix are those of a layer that Lambda runs from there, and this one is an asset of the CDK';
    const advice = 'set {storage=CodeStorage.REFERENCE}, or leave them out';
    throw refusal('layer-storage', problem, bucket?.node.path ?? prefix, advice).at(where, appWords, PipDependencyLayer);
  }
  return lambda.Code.fromAsset(archive, {
    // a hash of the content: the template must not depend on the zlib that compressed it
    assetHash: layerSha256,
    assetHashType: AssetHashType.CUSTOM,
    displayName: where,
  });
}

/** ` (a, b, c, …)`; empty for none. */
function shortList(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''})`;
}

type Options = Omit<PipDependencyLayerProps, 'architecture'> & { readonly architecture: lambda.Architecture };

/** `undefined` if the CDK bundles nothing. */
function makeLayerOf(scope: Construct, where: string, props: Options): ObtainedLayer | undefined {
  const { entry, requirements, extras, groups, onlyGroups, packages, exclude, onlyBinary, ...more } = props;
  const { python, installer, pipArgs, environment, bytecode } = more;
  const options = { extras, groups, onlyGroups, packages, exclude, onlyBinary, python, installer, pipArgs, environment, bytecode };
  const target = { runtime: props.runtime.name, architecture: props.architecture.name };
  try {
    refuseTokens({ entry, requirements, ...options });
    platformOf(target);
    checkBytecode({ bytecode });
    if (!isBuilding(scope)) return undefined;
    const folder = entry === undefined ? undefined : path.resolve(entry);
    const file = requirements === undefined ? undefined : path.resolve(requirements);
    return appOf(scope).session.obtainLayer({ request: { entry: folder, requirements: file, ...options, ...target }, where });
  } catch (error) {
    throw error instanceof ArtifactError ? error.at(where, appWords, PipDependencyLayer) : error;
  }
}
