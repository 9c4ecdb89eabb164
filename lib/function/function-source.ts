import * as path from 'node:path';
import type { CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { appOf, isBuilding } from '../app-state';
import type { PipFunctionProps } from './pip-function-props';
import { appWords } from '../app-words';
import type { IPipSourceArtifact } from '../artifact/i-pip-source-artifact';
import { obtainArtifact } from '../artifact/obtain';
import { ArtifactError, refusal } from '../core/base/error';
import { PipDependencyLayer } from '../pip-dependency-layer';
import { PipSourceArtifact } from '../pip-source-artifact';

/** What functions of one artifact share. */
export interface FunctionKind {
  readonly runtime: lambda.Runtime;
  readonly architecture: lambda.Architecture;
  readonly dependencies?: lambda.ILayerVersion;
}

/** By the artifact that was made for a function. */
const KINDS = new WeakMap<IPipSourceArtifact, FunctionKind>();

/** Runtime, architecture and layer, as far as they are given, or follow from what is. */
export function kindOf({ entry, source, dependencies, ...props }: PipFunctionProps): FunctionKind {
  if ((entry === undefined) === (source === undefined)) {
    const what = entry === undefined ? 'neither a project nor' : 'both a project and';
    throw refusal('function-source', `the function has ${what} an artifact`, entry, 'set either {entry} or {source}');
  }
  const like = source && KINDS.get(source);
  const layer = dependencies instanceof PipDependencyLayer ? dependencies : undefined;
  const runtime = props.runtime ?? layer?.runtime ?? like?.runtime;
  const architecture = props.architecture ?? layer?.architecture ?? like?.architecture ?? lambda.Architecture.X86_64;
  if (!runtime) {
    const problem = 'the function has no runtime, and neither its artifact nor its layer tells one';
    throw refusal('function-runtime-missing', problem, undefined, 'set {runtime}, such as lambda.Runtime.PYTHON_3_13');
  }
  if (runtime.family !== lambda.RuntimeFamily.PYTHON) {
    const advice = 'set {runtime} to a Python, such as lambda.Runtime.PYTHON_3_13';
    throw refusal('runtime-not-python', 'the function\'s runtime is no Python', runtime.name, advice);
  }
  const isAlike = like?.runtime.name === runtime.name && like.architecture.name === architecture.name;
  return { runtime, architecture, dependencies: dependencies ?? (isAlike ? like.dependencies : undefined) };
}

interface Made {
  readonly source: PipSourceArtifact;
  readonly dependencies?: lambda.ILayerVersion;
  readonly handler: string;
}

/** The artifact and the layer of a function's own project, as constructs below the function. */
export class ProjectCode extends lambda.Code {
  readonly isInline = false;

  #made?: Made;

  /** @param caller whose caller an error's stack begins with */
  constructor(
    private readonly entry: string,
    private readonly props: Pick<PipFunctionProps, 'bucket' | 'handler'>,
    private readonly kind: FunctionKind,
    private readonly caller: Function,
  ) {
    super();
  }

  get made(): Made {
    return this.#made!;
  }

  /** Called by the constructor of the function, which is the first moment at which there is a scope. */
  bind(scope: Construct): lambda.CodeConfig {
    try {
      this.#made = this.make(scope);
    } catch (error) {
      throw error instanceof ArtifactError ? error.at(error.where, appWords, this.caller) : error;
    }
    return this.made.source.code.bind(scope);
  }

  private make(scope: Construct): Made {
    const { entry, kind } = this;
    const source = new PipSourceArtifact(scope, 'Source', { entry, runtime: kind.runtime, ...this.props });
    const needsLayer = kind.dependencies === undefined && requiresAnything(scope, source, entry, kind);
    const { runtime, architecture } = kind;
    const dependencies = needsLayer ? new PipDependencyLayer(scope, 'Dependencies', { entry, runtime, architecture }) : kind.dependencies;
    KINDS.set(source, { runtime, architecture, dependencies });
    return { source, dependencies, handler: this.props.handler ?? source.handler };
  }

  override bindToResource(resource: CfnResource, options?: lambda.ResourceBindOptions): void {
    this.made.source.code.bindToResource(resource, options);
  }
}

/** Whether a layer has anything to hold. Where only a build tells, as with setup.py, the built metadata does. */
function requiresAnything(scope: Construct, source: PipSourceArtifact, entry: string, { runtime, architecture }: FunctionKind): boolean {
  const folder = path.resolve(entry);
  const required = appOf(scope).session.requires({ entry: folder, runtime: runtime.name, architecture: architecture.name });
  if (required !== undefined) return required;
  return isBuilding(scope) && obtainArtifact(source, { entry: folder, runtime }).requires.some((line) => !/;.*\bextra\s*==/.test(line));
}
