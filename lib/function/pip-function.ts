import { Lazy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { kindOf, ProjectCode } from './function-source';
import type { PipFunctionProps } from './pip-function-props';
import { appWords } from '../app-words';
import type { IPipSourceArtifact } from '../artifact/i-pip-source-artifact';
import { ArtifactError } from '../core/base/error';

/**
 * A Lambda function of a Python project: its code as an immutable, versioned artifact in S3, and what it requires in a layer, for the
 * function's runtime and architecture. It is built by pip at synth, without Docker; the handler is found.
 *
 * It is a `PipSourceArtifact`, a `PipDependencyLayer` and a `lambda.Function` in one. Take those where a project has options that this
 * construct has not, and hand them over as `source` and `dependencies`.
 *
 * Fails at synth for what cannot be built or cannot run in Lambda, and at deploy when the version is already published with other content.
 *
 * @example
 * import { App, Stack } from 'aws-cdk-lib';
 * import * as lambda from 'aws-cdk-lib/aws-lambda';
 * import { PipFunction } from 'cdk-pip-source-artifact';
 *
 * const app = new App();
 * const stack = new Stack(app, 'Greetings');
 * const greet = new PipFunction(stack, 'Greet', {
 *   entry: '../my-lambda-project',
 *   runtime: lambda.Runtime.PYTHON_3_13,
 *   architecture: lambda.Architecture.ARM_64,
 * });
 * // another function of the same project: the same artifact, layer, runtime and architecture
 * new PipFunction(stack, 'Other', { source: greet.source, handler: 'my_lambda_app.other.handler' });
 * app.synth();
 */
export class PipFunction extends lambda.Function {
  /** The artifact that the function runs, to be shared with other functions. */
  public readonly source: IPipSourceArtifact;

  /** The layer with what the project requires, to be shared with other functions; none, if it requires nothing. */
  public readonly dependencies?: lambda.ILayerVersion;

  /** The handler. */
  public readonly handler: string;

  constructor(scope: Construct, id: string, props: PipFunctionProps) {
    const { entry, source: givenSource, dependencies: _dependencies, bucket, handler: givenHandler, ...options } = props;
    const where = [scope.node.path, id].filter(Boolean).join('/');
    const kind = telling(where, () => kindOf(props));
    const own = entry === undefined ? undefined : new ProjectCode(entry, { bucket, handler: givenHandler }, kind, PipFunction);
    super(scope, id, {
      ...options,
      runtime: kind.runtime,
      architecture: kind.architecture,
      code: own ?? givenSource!.code,
      handler: givenHandler ?? givenSource?.handler ?? Lazy.string({ produce: () => own!.made.handler }),
    });
    const made = own?.made ?? { source: givenSource!, dependencies: kind.dependencies, handler: givenHandler ?? givenSource!.handler };
    this.source = made.source;
    this.dependencies = made.dependencies;
    this.handler = made.handler;
    const layers = [...made.source.layers, ...made.dependencies ? [made.dependencies] : []];
    this.addLayers(...new Set(layers.filter((layer) => !options.layers?.includes(layer))));
  }
}

function telling<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof ArtifactError ? error.at(where, appWords, PipFunction) : error;
  }
}
