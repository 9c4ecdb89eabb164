import { InvalidArgumentError, Option, type Command } from 'commander';
import type { OptionName, Words } from '../core/base/words';

const FLAGS: Readonly<Record<OptionName, string>> = {
  architecture: '--architecture',
  bucket: '--s3-dir',
  bytecode: '--bytecode',
  createSourceZip: 'pip-source-artifact package',
  development: 'the development',
  dirLambdaSourceBuild: 'the build folder',
  dirProjectRoot: 'the project argument',
  entry: 'the project argument',
  environment: '--env',
  exclude: '--exclude',
  extras: '--extra',
  fromS3DirLambda: '--from',
  groups: '--group',
  handler: '--handler',
  installer: '--installer',
  inUseBy: '--in-use-by',
  keep: '--keep',
  layers: '--layer',
  metadata: '--metadata',
  olderThan: '--older-than',
  onlyBinary: '--only-binary',
  onlyGroups: '--only-group',
  packages: '--package',
  pathLayerZip: '--zip',
  pathSbom: '--out',
  pathZip: '--zip',
  pathSetupPyOrPyprojectToml: 'the project argument',
  pathSourceZip: '--zip',
  pipArgs: '--pip-arg',
  prefix: '--s3-dir',
  publishedIn: '--from',
  protect: 'the protection',
  python: '--python',
  requirements: '--requirements',
  runtime: '--runtime',
  s3Client: 'the client',
  s3DirLambda: '--s3-dir',
  serverSideEncryption: '--sse',
  skipChecks: '--skip-check',
  skipPrompt: '--yes',
  source: 'the source',
  sourceSha256: 'the digest',
  storage: 'the storage of the code',
  tags: '--tag',
  toS3DirLambda: '--to',
  verifyReproducible: 'pip-source-artifact verify',
  version: '--source-version',
};

/** Options as they are written on the command line. Each item of a list in brackets gets an option of its own. */
export const flagWords: Words = (option, value) => {
  if (value === undefined) return FLAGS[option];
  const values = /^\[(.*)\]$/.exec(value)?.[1].split(/, */) ?? [value];
  return values.map((item) => `${FLAGS[option]}=${item.replace(/^"(.*)"$/, '$1')}`).join(' ');
};

export interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly dryRun?: boolean;
}

export function addCommonOptions(command: Command, { writes }: { readonly writes: boolean }): Command {
  if (writes) command.option('--dry-run', 'do all but write: the result is that of a run that writes');
  return command
    .option('--json', 'write the result as JSON to standard output and nothing else; an error is one line of JSON on standard error')
    .option('--verbose', 'tell on standard error what is done');
}

/** The flags of all commands that run an installer. */
export interface InstallerFlags {
  readonly python?: string;
  readonly installer?: 'pip' | 'uv';
  readonly cache: boolean;
  readonly refresh?: boolean;
  readonly pipArg?: string[];
  readonly env?: Record<string, string>;
}

export function addInstallerOptions(command: Command): Command {
  return command
    .option('--python <path>', 'a Python, a virtual environment\'s folder or its pip '
      + '(default: .venv of the project, $VIRTUAL_ENV, python3, python)')
    .addOption(installerOption())
    .option('--no-cache', 'neither use nor keep anything in the cache folder: pip makes a build environment for this build alone')
    .option('--refresh', 'make what is kept in the cache folder anew, with the newest versions that are allowed')
    .addOption(repeatable('--pip-arg <argument>', 'one more argument of pip install, as in --pip-arg=--no-build-isolation'))
    .addOption(pairs('--env <name=value>', 'one more environment variable for the build'));
}

function installerOption(): Option {
  const description = 'what installs (default: pip, else uv where the Python has no pip); both give the same artifact';
  return new Option('--installer <pip|uv>', description).choices(['pip', 'uv']);
}

/** The flags of all commands that compile. */
export interface BytecodeFlags {
  readonly bytecode?: 'auto' | 'required' | 'none';
  readonly runtime?: string;
}

export function addBytecodeOption(command: Command): Command {
  const description = 'compiled modules in the archive, which make cold starts faster '
    + '(default: auto, where there is a Python of the runtime\'s version)';
  return command.addOption(new Option('--bytecode <auto|required|none>', description).choices(['auto', 'required', 'none']));
}

export function addRuntimeOption(command: Command): Command {
  const description = 'the runtime that modules are compiled for, such as python3.13 (default: that of the Python that builds)';
  return command.option('--runtime <name>', description);
}

export interface BuildFlags extends InstallerFlags, BytecodeFlags {
  readonly sourceVersion?: string;
  readonly handler?: string;
  readonly exclude?: string[];
}

export function addBuildOptions(command: Command): Command {
  return addInstallerOptions(command).addOption(repeatable('--exclude <pattern>', 'leave files of the project out, as in .gitignore'));
}

export function addVersionOption(command: Command): Command {
  const description = 'the version of the artifact (default: [project].version, else that of the built metadata)';
  return command.option('--source-version <version>', description);
}

export function addHandlerOption(command: Command): Command {
  const description = 'the entry point, which must be in the package (default: the one that is found, or in pyproject.toml)';
  return command.option('--handler <module.function>', description);
}

export function addYesOption(command: Command): Command {
  return command.option('--yes', 'clean an earlier build without asking; no other folder is ever cleaned');
}

/** The pipeline's options for the flags of a build. */
export function buildOptions(flags: BuildFlags) {
  const { python, sourceVersion, handler, installer, cache, refresh, pipArg, env, exclude, bytecode, runtime } = flags;
  const installing = { pathBinPip: python, installer, cache, refresh, pipArgs: pipArg, environment: env };
  return { ...installing, sourceVersion, handler, exclude, bytecode, runtime };
}

export interface S3Flags {
  readonly s3Dir: string;
  readonly profile?: string;
  readonly region?: string;
}

export function addS3Options(command: Command, { required = true } = {}): Command {
  return command
    .addOption(new Option('--s3-dir <url>', 'the folder in S3, such as s3://bucket/lambda/').makeOptionMandatory(required))
    .option('--profile <name>', 'a profile of the AWS configuration files')
    .option('--region <name>', 'an AWS region');
}

export interface PublishFlags extends S3Flags {
  readonly metadata?: Record<string, string>;
  readonly tag?: Record<string, string>;
  readonly overwrite?: boolean;
  readonly sse?: string;
  readonly sseKmsKeyId?: string;
}

export function addPublishOptions(command: Command): Command {
  return addS3Options(command)
    .addOption(pairs('--metadata <name=value>', 'more metadata of the object'))
    .addOption(pairs('--tag <name=value>', 'a tag of the object'))
    .addOption(encryptionOption())
    .option('--sse-kms-key-id <key>', KMS_KEY)
    .option('--overwrite', 'replace other content that is published under this version');
}

export const KMS_KEY = 'the KMS key of --sse, by its ARN or id';

export function encryptionOption(): Option {
  const description = 'name the object\'s encryption, for a bucket whose policy wants it (default: the bucket\'s, unnamed)';
  return new Option('--sse <AES256|aws:kms|aws:kms:dsse>', description).choices(['AES256', 'aws:kms', 'aws:kms:dsse']);
}

export function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`).argParser((value, all: string[] = []) => [...all, value]);
}

function pairs(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`).argParser((value, all: Record<string, string> = {}) => {
    const [, name, content] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
    if (name === undefined) throw new InvalidArgumentError('It is to be written like name=value.');
    return { ...all, [name]: content };
  });
}
