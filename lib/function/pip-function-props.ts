import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { IPipSourceArtifact } from '../artifact/i-pip-source-artifact';

/** Properties of a `PipFunction`: those of a `lambda.Function`, and where its code comes from. */
export interface PipFunctionProps extends lambda.FunctionOptions {
  /**
   * The Python project: the folder that holds `pyproject.toml` or `setup.py`, absolute or relative to where the app runs. The function
   * gets a `PipSourceArtifact` of it, and a `PipDependencyLayer` if it requires anything.
   *
   * How it is built can be written in `[tool.pip-source-artifact]` of its `pyproject.toml`.
   *
   * @default - none, and `source` is needed
   */
  readonly entry?: string;

  /**
   * The artifact that the function runs, instead of one that is made of `entry`: that of another `PipFunction`, one with options of its
   * own, or a published version.
   *
   * @default - made of `entry`
   */
  readonly source?: IPipSourceArtifact;

  /**
   * The layer that holds what the project requires, instead of one that is made of `entry`.
   *
   * @default - made of `entry`, where it requires anything; with the `source` of a `PipFunction`, the layer of that
   */
  readonly dependencies?: lambda.ILayerVersion;

  /**
   * The runtime: a Python. With it, `architecture` may be left out as well.
   *
   * @default - that of the `PipFunction` whose `source` is given, or of the `PipDependencyLayer` that `dependencies` is; else it is needed
   */
  readonly runtime?: lambda.Runtime;

  /**
   * The handler, `<module>.<function>`. It is refused if it is not in the project.
   *
   * @default - the handler of the source: the one of `[tool.pip-source-artifact]` in pyproject.toml, else the only one that the project has
   * @see https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
   */
  readonly handler?: string;

  /**
   * Where the artifact that is made of `entry` is published.
   *
   * @default - the bucket that all artifacts of the stack share which name none
   */
  readonly bucket?: s3.IBucket;
}
