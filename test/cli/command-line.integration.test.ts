import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { BUNDLE, command } from './command';
import { run } from './run';
import { buildSourceArtifactsUsingPip, listSourceVersions } from '../../lib/pipeline/api';
import { listFolder, newBucket, tinyProject } from '../pipeline/projects';
import { digestFolder, gitInit, temporaryFolder } from '../setup/projects';
import { writeWheel } from '../setup/wheels';

const S3_DIR = 's3://commanded/lambda/';
const SHA256 = /^[0-9a-f]{64}$/;
let s3Client: S3Client;

beforeAll(async () => {
  ({ s3Client } = await newBucket('commanded'));
});

/** A run with --json: nothing but JSON on standard output, nothing on standard error. */
async function json(...args: string[]): Promise<any> {
  const { exitCode, stdout, stderr } = await run(...args, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout);
}

const work = (project: string) => path.join(project, 'build', 'lambda', 'source');
const publishedVersions = async () => (await listSourceVersions({ s3Client, s3DirLambda: S3_DIR, verbose: false })).map(({ sourceVersion }) => sourceVersion);

describe('from a project to an object', () => {
  test('build, package, upload: what they say and what they do', async () => {
    const project = tinyProject({ version: '1.0' });
    const built = await run('build', project);
    const [, sha] = /source_sha256 +([0-9a-f]{64})/.exec(built.stdout)!;
    const size = listFolder(path.join(work(project), 'build')).reduce((sum, name) => sum + fs.statSync(path.join(work(project), 'build', name)).size, 0);
    const lines = ['project        tiny', 'version        1.0', `source_sha256  ${sha}`, `build folder   ${work(project)}/build (${size} B)`, 'entry point    tiny.lambda_function.lambda_handler', ''];
    expect(built).toEqual({ exitCode: 0, stderr: '', stdout: lines.join('\n') });
    const packaged = await run('package', project);
    const [, code] = /code_sha256 +(\S{44})/.exec(packaged.stdout)!;
    expect(packaged.stdout).toMatch(/^project        tiny\nversion        1\.0\nsource_sha256  [0-9a-f]{64}\ncode_sha256    .{44}\narchive        .*\/build\/lambda\/source\/source\.zip \([\d.]+ \w+, unzipped \d+ B\)\nbytecode       for python3\.\d+, by Python 3\.\S+ \(\d+ B\)\n$/);
    const text = (outcome: string) => [
      'version        1.0', `source_sha256  ${sha}`, `code_sha256    ${code}`, 'target         s3://commanded/lambda/source/1.0/source.zip', `outcome        ${outcome}`,
      'console        https://console.aws.amazon.com/s3/object/commanded?region=us-east-1&prefix=lambda%2Fsource%2F1.0%2Fsource.zip', '',
    ].join('\n');
    const upload = ['upload', project, '--s3-dir', S3_DIR, '--metadata', 'team=billing', '--tag', 'stage=a=b'];
    expect(await run(...upload)).toEqual({ exitCode: 0, stderr: '', stdout: text('created') });
    expect(await run(...upload)).toEqual({ exitCode: 0, stderr: '', stdout: text('unchanged: published already') });

    const shown = await run('show', '1.0', '--s3-dir', S3_DIR);
    expect(shown.stdout).toMatch(/^version +1\.0\nsource_sha256 +.*\ncode_sha256 +.*\ntarget +s3:.*\npublished +20.*Z\nsize +[\d.]+ \w+\nconsole +https:.*\nmetadata team +billing\ntag stage +a=b\n$/);
    expect((await run('list', '--s3-dir', S3_DIR)).stdout).toMatch(new RegExp(`^version .*\n1\\.0 +0 min  [\\d.]+ \\w+  - +${sha}  stage=a=b\\n$`));
    expect((await run('list', '--s3-dir', 's3://commanded/nothing')).stdout).toBe('nothing is published there\n');
    expect((await run('verify', '1.0', '--s3-dir', S3_DIR)).stdout).toMatch(/\narchive +whole\n$/);

    const zip = path.join(temporaryFolder(), 'a.zip');
    expect((await json('download', '1.0', '--zip', zip, '--s3-dir', S3_DIR)).pathSourceZip).toBe(zip);
    expect(fs.readFileSync(zip).equals(fs.readFileSync(path.join(work(project), 'source.zip')))).toBe(true);
    const elsewhere = await json('upload', '--zip', zip, '--s3-dir', 's3://commanded/elsewhere/');
    expect(elsewhere, 'the archive tells its version').toMatchObject({ outcome: 'created', sourceVersion: '1.0', sourceSha256: sha });
  });

  test('release, conflict, overwrite, verify', async () => {
    const project = tinyProject({ version: '2.0' });
    const released = await json('release', project, '--s3-dir', S3_DIR);
    expect(released).toMatchObject({ outcome: 'created', sourceVersion: '2.0', sourceSha256: expect.stringMatching(SHA256), uri: 's3://commanded/lambda/source/2.0/source.zip', handlers: ['tiny.lambda_function.lambda_handler'] });

    fs.appendFileSync(path.join(project, 'tiny', 'lambda_function.py'), '# more\n');
    const differs = await run('verify', '--project', project, '--s3-dir', S3_DIR);
    expect([differs.exitCode, differs.stderr]).toEqual([4, '']);
    expect(differs.stdout).toMatch(/\narchive +whole\nproject +differs: changed tiny\/lambda_function\.py\ntwo builds +equal\n$/);
    const refused = await run('release', project, '--yes', '--s3-dir', S3_DIR);
    expect([refused.exitCode, refused.stdout]).toEqual([4, '']);
    expect(refused.stderr).toMatch(new RegExp(
      '^pip-source-artifact release s3://commanded/lambda/source/2\\.0/source\\.zip: version 2\\.0 is already published with other content, '
      + `source_sha256 ${released.sourceSha256}, got "[0-9a-f]{64}"; give the project another version: a published version is never changed\\. Different: changed tiny/lambda_function\\.py \\[version-published\\]\n$`));
    expect(await json('release', project, '--yes', '--overwrite', '--s3-dir', S3_DIR)).toMatchObject({ outcome: 'overwritten' });
    const all: Array<{ readonly ok: boolean; readonly sourceVersion: string }> = await json('verify', '--all', '--s3-dir', S3_DIR);
    expect(all.map(({ ok, sourceVersion }) => [ok, sourceVersion])).toEqual((await publishedVersions()).map((version) => [true, version]));
  });

  test('verify --project builds twice: what differs, file by file', async () => {
    const [steady, stamped] = [tinyProject(), tinyProject({ seen: '"built\\nAT = %d\\n" % time.time()' })];
    const before = digestFolder(stamped);
    const [same, other] = await Promise.all([run('verify', '--project', steady), run('verify', '--project', stamped, '--no-cache')]);
    const rows = ['project        tiny', 'version        1.0', expect.stringMatching(/^source_sha256  [0-9a-f]{64}$/)];
    expect({ ...same, stdout: same.stdout.split('\n') }).toEqual({ exitCode: 0, stderr: '', stdout: [...rows, 'two builds     equal', ''] });
    const differences = ['changed        tiny-1.0.dist-info/RECORD', expect.stringMatching(/^changed        tiny\/seen\.txt, line 2: "AT = \d+", then "AT = \d+"$/)];
    expect({ ...other, stdout: other.stdout.split('\n') }).toEqual({ exitCode: 4, stderr: '', stdout: [...rows, 'two builds     differ in 2 files', ...differences, ''] });
    expect(digestFolder(stamped), 'nothing is written').toBe(before);
  });

  test('an upload is of the version that was built, in the project\'s spelling', async () => {
    const project = tinyProject({ version: '3.0rc1' });
    await json('build', project);
    await json('package', project);
    const pyproject = path.join(project, 'pyproject.toml');
    const write = (version: string) => fs.writeFileSync(pyproject, fs.readFileSync(pyproject, 'utf8').replace(/^version = .*/m, `version = "${version}"`));
    write('3.0-rc.1');
    expect((await json('upload', project, '--s3-dir', S3_DIR, '--dry-run')).sourceVersion).toBe('3.0-rc.1');
    write('3.1');
    expect(await run('upload', project, '--s3-dir', S3_DIR)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
      `pip-source-artifact upload: the archive was built as version 3.0rc1, the project is at 3.1, got ${JSON.stringify(path.join(work(project), 'source.zip'))}; build and package it again, or set --source-version to publish it as it is [archive-outdated]\n`,
    });
    expect((await json('upload', project, '--s3-dir', S3_DIR, '--dry-run', '--source-version', '3.1')).sourceVersion).toBe('3.1');
    expect(await publishedVersions()).not.toContain('3.1');
  });

  test('a dry run writes nothing, and says so', async () => {
    const project = tinyProject({ version: '4.0' });
    const before = digestFolder(project);
    expect((await run('build', project, '--dry-run')).stdout).toMatch(/\ndry run: nothing was written\n$/);
    const release = await run('release', project, '--dry-run', '--s3-dir', S3_DIR);
    expect(release.stdout).toMatch(/\noutcome +would be created\n[^]*\ndry run: nothing was written\n$/);
    expect(digestFolder(project)).toBe(before);
    await json('build', project);
    const withBuild = digestFolder(project);
    expect(await json('package', project, '--dry-run')).toMatchObject({ sourceSha256: expect.stringMatching(SHA256) });
    const zip = path.join(temporaryFolder(), 'a.zip');
    expect((await json('download', '1.0', '--zip', zip, '--dry-run', '--s3-dir', S3_DIR)).sourceVersion).toBe('1.0');
    expect([digestFolder(project), fs.existsSync(zip), (await publishedVersions()).includes('4.0')]).toEqual([withBuild, false, false]);
  });

  test('--verbose tells what is done, on standard error', async () => {
    const project = tinyProject();
    const { stdout, stderr } = await run('build', project, '--verbose', '--json', '--build-dir', path.join(temporaryFolder(), 'b'));
    expect(stderr).toMatch(/^--- Building Lambda source artifacts using pip \.\.\.\npathSetupPyOrPyprojectToml = .*\ndirLambdaSourceBuild = .*\nsourceVersion = 1\.0\nsourceSha256 = [0-9a-f]{64}\n$/);
    expect(JSON.parse(stdout).sourceVersion).toBe('1.0');
  });

  test('build options reach the build', async () => {
    const seen = 'repr([os.environ.get("SEEN"), os.environ.get("PIP_SOURCE_ARTIFACT_REFRESH"), os.path.basename(sys.argv[0]), sorted(os.listdir())])';
    const project = tinyProject({ code: 'def main(event, context): ...\n', seen, files: { 'notes.md': '' } });
    const folder = path.join(temporaryFolder(), 'b');
    const build = ['build', path.join(project, 'pyproject.toml'), '--build-dir', folder, '--yes', '--handler', 'tiny.lambda_function.main'];
    const whatItSaw = () => fs.readFileSync(path.join(folder, 'tiny', 'seen.txt'), 'utf8');
    expect(await json(...build, '--source-version', '9', '--env', 'SEEN=a=b', '--refresh', '--exclude', '*.md', '--python', 'python3')).toMatchObject({ sourceVersion: '9', handlers: ['tiny.lambda_function.main'] });
    expect(whatItSaw()).toBe("['a=b', '1', '-c', ['backend.py', 'pyproject.toml', 'tiny']]");
    expect(listFolder(folder).filter((name) => name.startsWith('tiny/'))).toEqual(['tiny/lambda_function.py', 'tiny/seen.txt']);
    await json(...build, '--no-cache');
    expect(whatItSaw(), "pip's own").toMatch(/^\[None, None, '_in_process\.py', /);
  });

  test('what the user should know of the build is told, but for programs', async () => {
    const project = tinyProject();
    gitInit(project, 'v1');
    const build = ['build', project, '--yes', '--python', path.join(inject('venv'), 'bin', 'python'), '--env', 'PATH=/nowhere'];
    expect((await run(...build)).stderr).toBe(`note: git was not found on the PATH: the commit of ${project} is not recorded\n`);
    expect((await json(...build)).provenance.git_commit).toBeUndefined();
    const lines: string[] = [];
    await buildSourceArtifactsUsingPip({
      pathSetupPyOrPyprojectToml: path.join(project, 'pyproject.toml'), pathBinPip: build[4], environment: { PATH: '/nowhere' }, skipPrompt: true, dryRun: true, printer: (line) => lines.push(line),
    });
    expect(lines.filter((line) => line.startsWith('note:'))).toHaveLength(1);
  });

  test('an installer that is not there', async () => {
    const { exitCode, stderr } = await run('build', tinyProject(), '--installer', 'uv', '--env', 'PATH=/nowhere');
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/: uv was not found; .* tried \.venv of the project: uv is neither on the PATH nor beside it; /s)]);
  });
});

describe('layer', () => {
  let project: string;
  let wheels: string;
  beforeAll(async () => {
    [project, wheels] = [temporaryFolder(), temporaryFolder()];
    await writeWheel(wheels, { name: 'greetings', version: '2.0' });
    fs.writeFileSync(path.join(project, 'requirements.txt'), 'greetings\n');
  });
  const offline = () => ['--pip-arg=--no-index', `--pip-arg=--find-links=${wheels}`];

  test('makes the archive of the dependencies, and says where their versions come from', async () => {
    const { exitCode, stdout, stderr } = await run('layer', project, '--runtime', 'python3.13', '--architecture', 'arm64', '--bytecode=none', ...offline());
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.replace(/(?<=sha256 +)\S+/g, '<digest>').replace(/\([^)]*\)/, '(<size>)').replaceAll(project, '<project>')).toBe([
      'versions from  <project>/requirements.txt, which leaves versions open',
      'layer for      python3.13, arm64',
      'layer_sha256   <digest>',
      'code_sha256    <digest>',
      'archive        <project>/build/lambda/layer/layer.zip (<size>)',
      'packages       greetings==2.0', '',
    ].join('\n'));
  });

  test('of a file, to a place', async () => {
    const zip = path.join(temporaryFolder(), 'a.zip');
    const result = await json('layer', '--requirements', path.join(project, 'requirements.txt'), '--runtime', 'python3.13', '--zip', zip, ...offline());
    expect([result.pathLayerZip, result.packages, result.isLocked]).toEqual([zip, ['greetings==2.0'], false]);
  });

  test('errors are in the words of the command', async () => {
    expect(await run('layer', project, '--runtime', 'nodejs22.x')).toEqual({
      exitCode: 2, stdout: '', stderr: 'pip-source-artifact layer: the runtime is not one that layers are built for, got "nodejs22.x"; set --runtime to one of python3.8 to python3.15 [runtime-unknown]\n',
    });
    expect(await run('layer', temporaryFolder(), '--runtime', 'python3.13')).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringContaining('pip-source-artifact layer: ') });
  });
});

describe('errors', () => {
  const project = () => tinyProject();

  test.each<[string, () => string[], number, RegExp | string]>([
    ['an unknown option', () => ['build', '--foo'], 2, "pip-source-artifact build: unknown option '--foo'; see pip-source-artifact build --help [command-line]"],
    ['an option without its value', () => ['upload', '--s3-dir'], 2, "pip-source-artifact upload: option '--s3-dir <url>' argument missing; see pip-source-artifact upload --help [command-line]"],
    ['a missing option', () => ['list'], 2, "pip-source-artifact list: required option '--s3-dir <url>' not specified; see pip-source-artifact list --help [command-line]"],
    ['a missing argument', () => ['show', '--s3-dir', S3_DIR], 2, "pip-source-artifact show: missing required argument 'version'; see pip-source-artifact show --help [command-line]"],
    ['too many arguments', () => ['build', 'a', 'b'], 2, /^pip-source-artifact build: too many arguments for 'build'\. Expected 1 argument but got 2; see/],
    ['an unknown command', () => ['publish'], 2, "pip-source-artifact: unknown command 'publish'; see pip-source-artifact --help [command-line]"],
    ['a pair', () => ['upload', '--s3-dir', S3_DIR, '--tag', 'x'], 2, "pip-source-artifact upload: option '--tag <name=value>' argument 'x' is invalid. It is to be written like name=value; see pip-source-artifact upload --help [command-line]"],
    ['an unknown installer', () => ['build', '--installer', 'conda'], 2, "pip-source-artifact build: option '--installer <pip|uv>' argument 'conda' is invalid. Allowed choices are pip, uv; see pip-source-artifact build --help [command-line]"],
    ['nothing to verify', () => ['verify', '1.0'], 2, 'pip-source-artifact verify: what is to be verified: name it with --project, --s3-dir or both; see pip-source-artifact verify --help [command-line]'],
    ['all versions of a project', () => ['verify', '--all', '--project', '.'], 2, "pip-source-artifact verify: option '--all' cannot be used with option '--project <folder>'; see pip-source-artifact verify --help [command-line]"],
    ['no version', () => ['verify', '--s3-dir', S3_DIR], 2, 'pip-source-artifact verify: which version is to be verified: name one, or --all; see pip-source-artifact verify --help [command-line]'],
    ['no project', () => ['build', '/nowhere'], 2, 'pip-source-artifact build: there is no such pyproject.toml or setup.py, got "/nowhere"; set the project argument to the file in the project\'s root; python -m pip install -e . works there for a project that can be installed [project-file-missing]'],
    ['no Python', () => ['build', project(), '--python', '/nowhere/pip'], 2, /^pip-source-artifact build: this Python cannot install the project, got "\/nowhere\/pip"; set --python to an interpreter that has pip, or make a virtual environment in the project\n\nhint: tried /],
    ['no entry point', () => ['build', tinyProject({ code: '' })], 3, 'pip-source-artifact build: the entry point is missing: lambda_function.py has no lambda_handler; put lambda_function.py with a lambda_handler into the package, or set --handler to <module>.<function> [entry-point-missing]'],
    ['nothing built', () => ['package', project()], 2, /^pip-source-artifact package: the build folder holds no installed project, got ".*\/build\/lambda\/source\/build"; build it first \[build-folder-empty\]$/],
    ['nothing packaged', () => ['upload', project(), '--s3-dir', S3_DIR], 2, /^pip-source-artifact upload: --zip cannot be read \(ENOENT\), got ".*\/source\.zip"; make the archive first \[archive-unreadable\]$/],
    ['a place that is none', () => ['list', '--s3-dir', 'lambda/'], 2, 'pip-source-artifact list: --s3-dir is not a folder in S3, got "lambda/"; write it like s3://bucket/lambda/ [s3-dir-invalid]'],
    ['no such version', () => ['show', '9.9', '--s3-dir', 's3://commanded/none/'], 2, 'pip-source-artifact show: version 9.9 is not published in s3://commanded/none/source/; publish it first, or correct --s3-dir [version-not-published]'],
    ['no bucket', () => ['list', '--s3-dir', 's3://not-there/'], 5, 'pip-source-artifact list s3://not-there/source/: the bucket does not exist, got "not-there"; create it, or correct its name [bucket-missing]'],
  ])('%s', async (_, args, code, message) => {
    const { exitCode, stdout, stderr } = await run(...args());
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' });
    expect(stderr.replace(/\n$/, '')).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('with --json, as one line of JSON', async () => {
    const { exitCode, stdout, stderr } = await run('list', '--s3-dir', 's3://not-there/', '--json');
    expect([exitCode, stdout, stderr.split('\n').length]).toEqual([5, '', 2]);
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'aws', reference: 'bucket-missing', message: 'pip-source-artifact list s3://not-there/source/: the bucket does not exist, got "not-there"; create it, or correct its name [bucket-missing]' } });
    expect(JSON.parse((await run('build', '--json', '--foo')).stderr).error.code).toBe('usage');
  });

  test('an earlier build is not cleaned without a question, and there is nobody to ask', async () => {
    const own = project();
    await json('build', own);
    expect(await run('build', own)).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
      `pip-source-artifact build: the build folder holds an earlier build, and there is no terminal to ask whether it may be cleaned, got ${JSON.stringify(path.join(work(own), 'build'))}; clean it without asking with --yes [build-folder-unconfirmed]\n`,
    });
    expect((await run('build', own, '--yes')).exitCode).toBe(0);
  });
});

describe('help', () => {
  test('of the command: what it does, the steps, credentials, exit codes', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    for (const part of ['upload --s3-dir s3://my-bucket/lambda/', '--profile and --region override', 'Exit codes:', '4    conflict']) expect(stdout).toContain(part);
    const { version } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8'));
    expect((await run('--version')).stdout).toBe(`${version}\n`);
    expect((await run()).exitCode).toBe(2);
  });

  test.each(['build', 'package', 'upload', 'release', 'list', 'show', 'download', 'verify'])('of %s', async (name) => {
    const { exitCode, stdout } = await run(name, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: pip-source-artifact ${name} \\[options\\]`));
    expect(stdout.match(/^ {2}--\S+/gm)!.map((flag) => flag.trim())).toEqual(expect.arrayContaining(['--json', '--verbose', ...['list', 'show', 'verify'].includes(name) ? [] : ['--dry-run']]));
    expect(stdout).toContain('Exit codes:');
  });
});

// the process: what the environment decides, and what a terminal sees
describe.concurrent('the process', () => {
  const list = ['list', '--s3-dir', S3_DIR];
  const nothing = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };

  test('no credentials', async () => {
    const { exitCode, stderr } = await command(list, { env: nothing });
    expect([exitCode, stderr]).toEqual([5, expect.stringMatching(/^pip-source-artifact list s3:\/\/commanded\/lambda\/source\/: there are no AWS credentials, got ".*"; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in\n\nhint: aws sts get-caller-identity tells/)]);
  });

  test('a wrong profile', async () => {
    const { exitCode, stderr } = await command([...list, '--profile', 'nobody'], { env: nothing });
    expect([exitCode, stderr]).toEqual([5, expect.stringMatching(/: there are no AWS credentials in profile "nobody", got ".*"; correct the profile's name, or sign in\n\nhint: aws sts get-caller-identity --profile nobody tells/)]);
  });

  test('--profile and --region are used, above the environment', async () => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'credentials'), '[mine]\naws_access_key_id = a\naws_secret_access_key = b\n');
    const env = { AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'), AWS_CONFIG_FILE: '/dev/null', AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined };
    expect((await command([...list, '--profile', 'mine'], { env })).stderr).toBe('pip-source-artifact list s3://commanded/lambda/source/: there is no AWS region; set AWS_REGION, or the region of the profile [region-missing]\n');
    const { exitCode, stdout } = await command(['list', '--json', '--s3-dir', S3_DIR, '--profile', 'mine', '--region', 'eu-west-1'], { env: { ...env, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined } });
    expect([exitCode, JSON.parse(stdout)[0].consoleUrl]).toEqual([0, expect.stringContaining('region=eu-west-1')]);
  });

  test('on a terminal: a spinner, and a question before an earlier build is cleaned', async () => {
    const own = tinyProject();
    await json('build', own);
    const [refused, closed, agreed] = await Promise.all(['n\n', '\x03', 'y\n'].map((answer) => onTerminal(['build', own], '(y/N) ', answer)));
    expect(refused).toContain(`Delete the folder ${path.join(work(own), 'build')} and all its contents? (y/N) `);
    for (const output of [refused, closed]) expect(output).toMatch(/: the build folder was not to be cleaned, got ".*"; choose another folder, or agree \[build-folder-declined\]\s+exit code 2$/);
    expect(agreed).toMatch(/Building Lambda source artifacts using pip[^]*project +tiny[^]*exit code 0$/);
  });

  test('Ctrl-C on a terminal leaves nothing behind', async () => {
    const own = tinyProject();
    fs.appendFileSync(path.join(own, 'backend.py'), '\nimport time\ntime.sleep(30)\n');
    const temporary = temporaryFolder();
    expect(await onTerminal(['build', own], 'Building', '\x03', { TMPDIR: temporary })).toMatch(/\s+exit code 130$/);
    expect([fs.readdirSync(temporary), fs.existsSync(path.join(own, 'build'))]).toEqual([[], false]);
  });
});

/** The command on a terminal of its own, where something is typed when the command has said something. */
async function onTerminal(args: readonly string[], said: string, typed: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)('python3', ['-c', PTY, said, typed, process.execPath, BUNDLE, ...args], { env: { ...process.env, ...inject('ministack'), CI: undefined, TERM: 'xterm', ...env } });
  return stdout;
}

const PTY = `
import os, pty, sys
said, typed = sys.argv[1].encode(), sys.argv[2].encode()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[3], sys.argv[3:])
seen = b""
while True:
    try:
        chunk = os.read(terminal, 1024)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    if typed and said in seen:
        os.write(terminal, typed)
        typed = b""
print(seen.decode())
print("exit code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), end="")
`;
