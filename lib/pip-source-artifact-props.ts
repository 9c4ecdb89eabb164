import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Bytecode } from './bytecode';
import type { ContractCheck } from './function-contract';
import type { Installer } from './installer';
import type { CodeStorage } from './publication/code-storage';

/** Properties of a `PipSourceArtifact`. */
export interface PipSourceArtifactProps {
  /**
   * The Python project: the folder that holds `pyproject.toml` or `setup.py`, absolute or relative to where the app runs.
   *
   * It is never written to: the project is built from a copy.
   */
  readonly entry: string;

  /**
   * Where the artifact is published.
   *
   * Versioning is not needed. Published versions stay in it when the stack is destroyed.
   *
   * @default - one bucket for all artifacts of the stack that name none: private, encrypted, versioned, for TLS alone, protected, and kept
   * when the stack is destroyed
   */
  readonly bucket?: s3.IBucket;

  /**
   * Deny everybody to replace or delete published versions, by the bucket's policy; see the method `protect`. The bucket has to be one that
   * this app makes.
   *
   * @default false - the bucket that is made where `bucket` is left out is protected in any case
   */
  readonly protect?: boolean;

  /**
   * The folder in the bucket: the key is `<prefix>source/<version>/source.zip`.
   *
   * @default "lambda/"
   */
  readonly prefix?: string;

  /**
   * The version under which the artifact is published: a PEP 440 or SemVer version.
   *
   * A version is published once; other content under the same version is refused.
   *
   * @default - `[project].version` of pyproject.toml, else the version of the built metadata
   * @see https://peps.python.org/pep-0440/
   */
  readonly version?: string;

  /**
   * Run the project as it is staged, for `cdk watch`, `cdk deploy --hotswap` and whoever does not want to count versions: nothing is
   * published, and the version has the content's digest behind it, as in `0.1.1+dev.0a1b2c3d`.
   *
   * The context `pip-source-artifact:development` switches a whole app: `cdk deploy -c pip-source-artifact:development=true`. It is an
   * error where the environment variable `CI` is set, unless the context is `force`.
   *
   * @default - the context `pip-source-artifact:development`, else false
   * @see https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-watch.html
   */
  readonly development?: boolean;

  /**
   * The Python that builds the project: an interpreter, a virtual environment's folder, or a name on the PATH.
   *
   * @default - the project's `.venv`, else the active virtual environment, else `python3`, else `python`
   */
  readonly python?: string;

  /**
   * What installs: pip, or uv, which is faster. Both give the same artifact.
   *
   * @default - pip, else uv where the Python has no pip
   * @see https://docs.astral.sh/uv/pip/
   */
  readonly installer?: Installer;

  /**
   * More arguments of `pip install`, such as `--no-build-isolation` or `--config-settings`.
   *
   * @default - none
   * @see https://pip.pypa.io/en/stable/cli/pip_install/#options
   */
  readonly pipArgs?: string[];

  /**
   * More environment variables for the build, such as `PIP_INDEX_URL`.
   *
   * @default - the environment of the app
   * @see https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
   */
  readonly environment?: { [name: string]: string };

  /**
   * Files of the project that the build does not need, as patterns of .gitignore; `!pattern` takes one back in.
   *
   * @default - version control, virtual environments, caches, `node_modules`, `cdk.out` and the output of earlier builds are left out
   * @see https://git-scm.com/docs/gitignore#_pattern_format
   */
  readonly exclude?: string[];

  /**
   * Build a changed project twice, in other folders, and fail where the outcomes differ. Meant for CI: it takes twice as long.
   *
   * @default false
   */
  readonly verifyReproducible?: boolean;

  /**
   * Compiled modules in the artifact, with which functions start faster. They are not part of `sourceSha256`.
   *
   * @default Bytecode.AUTO
   */
  readonly bytecode?: Bytecode;

  /**
   * The runtime of the functions, for which modules are compiled. The artifact works on others too, and starts slowly there.
   *
   * @default - that of the Python that builds
   */
  readonly runtime?: lambda.Runtime;

  /**
   * The function's handler, `<module>.<function>`. It is looked for in the installed project, and refused if it is not there.
   *
   * @default - the `lambda_handler` of the project's `lambda_function.py`, if it has exactly one
   * @see https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
   */
  readonly handler?: string;

  /**
   * The object's encryption by name, `AES256` or `aws:kms`, for a bucket whose policy denies writes that do not name it. It does not change
   * the bucket's key.
   *
   * @default - that of the bucket, named where the app says what it is
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
   */
  readonly serverSideEncryption?: string;

  /**
   * Where Lambda has the code that it runs. `REFERENCE` needs a bucket with versioning, of the functions' account and region, and functions
   * in the stack of the artifact; a bucket of the app is protected then.
   *
   * @default CodeStorage.COPY
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-self-managed-storage.html
   */
  readonly storage?: CodeStorage;

  /**
   * More metadata of the published object; names are stored in lower case. With the library's own at most 2 KB. It is set when the
   * version is published, and never changed.
   *
   * @default - the library's own: `source_name`, `source_version`, `source_sha256`, `code_sha256`, `git_commit` and `built_with`
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
   */
  readonly metadata?: { [name: string]: string };

  /**
   * Tags of the published object, at most 10. A version that is published already gets them too; tags that others set stay.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
   */
  readonly tags?: { [key: string]: string };

  /**
   * The layers that hold the project's dependencies, to have them beside the code; the artifact holds none.
   *
   * @default - none
   */
  readonly layers?: lambda.ILayerVersion[];

  /**
   * What is not checked of the functions that run the artifact, and of their layers. Layers that were not built by a
   * `PipDependencyLayer` are not looked into in any case.
   *
   * @default - all is checked when the app is synthesized
   */
  readonly skipChecks?: ContractCheck[];
}
