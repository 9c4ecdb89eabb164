/**
 * `npm run demo`: the app of this folder, deployed by the CDK CLI to ministack, a local AWS without account or Docker. Each step
 * checks what the library promises. Runs on a fresh clone: what is missing is installed and compiled. Linux and macOS.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMinistack } from '../../.scripts/ministack.mjs';
import { prepareRepository } from './prepare.mjs';

const DEMO = import.meta.dirname;
const REPO = join(DEMO, '..', '..');
const CDK = join(REPO, 'node_modules', '.bin', 'cdk');
const GREETING = 'src/my_lambda_app/greeting.py';
const KEYS = ['lambda/source/0.1.1/source.zip', 'lambda/source/0.1.2/source.zip'];
const STACK = 'PipSourceDemo';
/** The app of the stage that comes next. */
const PRODUCTION = { stack: 'PipSourceProduction', options: ['--app', 'node --import tsx production.ts'] };
const STAGING_BUCKET = 'cdk-hnb659fds-assets-000000000000-us-east-1';
const BUILDING = /: building my-lambda-app with pip/;
const BUILDING_LAYER = /: building a layer for python3\.\d+ on \w+ from uv\.lock with pip/;

async function demo() {
  step('version 0.1.1 is built by pip, published, and runs');
  await cdk('bootstrap', ['aws://000000000000/us-east-1']);
  const { output, outputs: { FunctionName, LayerArn, S3Url, ConsoleUrl } } = await deploy();
  holds('pip built the project and its layer, and nothing warned', [BUILDING.test(output), BUILDING_LAYER.test(output), /warning/i.test(output)], [true, true, false]);
  const hello = await invoke(FunctionName);
  holds('the function answers, with its data file, numpy of the layer, and its version', hello, { message: 'Hello, Ada!', median: 2, version: '0.1.1' });
  const bucket = new URL(S3Url).hostname;
  const published = await describe(bucket, KEYS[0]);
  show(`${S3Url}, ${published.size} bytes\nmetadata ${JSON.stringify(published.metadata)}\ntags ${JSON.stringify(published.tags)}\n${ConsoleUrl}`);
  holds('the URL is readable', S3Url, `s3://${bucket}/${KEYS[0]}`);
  const { source_sha256: sourceSha256, code_sha256: codeSha256, built_with: builtWith, team } = published.metadata;
  holds('the object tells the digests of its content', [sourceSha256, codeSha256], [synthesizedDigest(), published.sha256]);
  holds('the object tells what it was built with', /^python 3\..*, hatchling \S+, cdk-pip-source-artifact /.test(builtWith), true);
  holds('its bytecode is that of the runtime, and a traceback of it names the files as they are in Lambda', tracebackOfBytecode(published.bytes), {
    compiled: ['my_lambda_app/__init__.py', 'my_lambda_app/greeting.py', 'my_lambda_app/lambda_function.py'],
    traceback: ['/var/task/my_lambda_app/greeting.py in greet', "KeyError: 'xx'"],
  });
  const failed = failInVarTask(published.bytes);
  if (failed) {
    holds('invoked in /var/task, which cannot be written to, it runs its bytecode, and fails with such a traceback', failed, {
      bytecode: ['__init__', 'greeting', 'lambda_function'],
      traceback: ['/var/task/my_lambda_app/lambda_function.py:12 in lambda_handler', '/var/task/my_lambda_app/greeting.py:10 in greet', "KeyError: 'xx'"],
    });
  } else {
    say('- it is not invoked in /var/task: this machine has no namespaces for it');
  }
  holds('the object has metadata and tags of the app', [team, published.tags.stage], ['greeters', 'demo']);

  step('other code under the same version is refused');
  edit(GREETING, '{name}!', '{name}! How are you?');
  const refusal = failure((await deploy({ exitCode: 1 })).output).replaceAll(/\s+/g, ' '); // the CLI wraps it
  const named = ['version 0.1.1', 'changed my_lambda_app/greeting.py', sourceSha256, synthesizedDigest()];
  holds('the message names version, file and both digests', named.filter((name) => !refusal.includes(name)), []);
  holds('the stack is rolled back', await stackStatus(), 'UPDATE_ROLLBACK_COMPLETE');
  holds('the published object is untouched', await describe(bucket, KEYS[0]), published);
  holds('the function answers as before', await invoke(FunctionName), hello);

  step('under a new version it is published beside the old one');
  edit('pyproject.toml', 'version = "0.1.1"', 'version = "0.1.2"');
  const next = await deploy();
  holds('pip built the project, and not its layer', [BUILDING.test(next.output), BUILDING_LAYER.test(next.output)], [true, false]);
  holds('the layer is the same', next.outputs.LayerArn, LayerArn);
  holds('the function answers anew', await invoke(FunctionName), { ...hello, message: 'Hello, Ada! How are you?', version: '0.1.2' });
  holds('both versions are in the bucket', await listKeys(bucket), KEYS);

  step('back to 0.1.1: nothing is built, nothing is uploaded');
  const staged = await listKeys(STAGING_BUCKET);
  edit(GREETING, '{name}! How are you?', '{name}!');
  edit('pyproject.toml', 'version = "0.1.2"', 'version = "0.1.1"');
  const { output: again } = await deploy();
  holds('pip did not run', [BUILDING.test(again), BUILDING_LAYER.test(again)], [false, false]);
  holds('the staging bucket is as it was', await listKeys(STAGING_BUCKET), staged);
  holds('the published object is untouched', await describe(bucket, KEYS[0]), published);
  holds('the function answers as at first', await invoke(FunctionName), hello);

  step('version 0.1.1 is promoted to production, another stack with a bucket of its own, and runs there');
  const { outputs: production } = await deploy({ app: PRODUCTION, context: { version: '0.1.1', tested: bucket } });
  holds('the function there answers', await invoke(production.FunctionName), hello);
  const content = ({ sha256, metadata, tags }) => ({ sha256, metadata, tags });
  holds('its object has the same bytes, metadata and tags', content(await describe(new URL(production.S3Url).hostname, KEYS[0])), content(published));

  step('its object deleted or replaced by hand: other code is refused still, the stack is not stuck, and the same code puts it back');
  await s3.deleteObject({ Bucket: bucket, Key: KEYS[0] });
  edit(GREETING, '{name}!', '{name}! How are you?');
  const afterDeletion = failure((await deploy({ exitCode: 1 })).output).replaceAll(/\s+/g, ' ');
  holds('other code is refused, as CloudFormation would not update the function', refusedBy(afterDeletion), 'version-deployed');
  holds('the stack is rolled back', await stackStatus(), 'UPDATE_ROLLBACK_COMPLETE');
  holds('which has put the object back', (await describe(bucket, KEYS[0])).sha256, published.sha256);
  holds('the function answers as at first', await invoke(FunctionName), hello);
  await s3.putObject({ Bucket: bucket, Key: KEYS[0], Body: 'of somebody else' });
  const afterReplacement = failure((await deploy({ exitCode: 1 })).output).replaceAll(/\s+/g, ' ');
  holds('where other bytes are, it is refused as well', refusedBy(afterReplacement), 'version-published');
  holds('the stack is rolled back', await stackStatus(), 'UPDATE_ROLLBACK_COMPLETE');
  await s3.deleteObject({ Bucket: bucket, Key: KEYS[0] });
  edit(GREETING, '{name}! How are you?', '{name}!');
  await deploy({ stage: 'restored' });
  const { lastModified, ...restored } = await describe(bucket, KEYS[0]);
  holds('the same code, with another tag, puts the object back', { ...restored, lastModified: published.lastModified }, { ...published, tags: { stage: 'restored' } });
  holds('the function answers as at first', await invoke(FunctionName), hello);

  step('development: changed code is hotswapped in, without a version');
  const { outputs: { Version: developed } } = await deploy({ development: true });
  holds('the version has the digest of the content', developed, `0.1.1+dev.${sourceSha256.slice(0, 8)}`);
  edit(GREETING, '{name}!', '{name}, again!');
  const { output: swapped } = await deploy({ development: true, hotswap: true });
  holds('the CDK has swapped the code, and deployed nothing else', [/Greeter.* hotswapped!/.test(swapped), /UPDATE_IN_PROGRESS/.test(swapped)], [true, false]);
  holds('the function answers anew', await invoke(FunctionName), { ...hello, message: 'Hello, Ada, again!' });
  holds('nothing was published', await listKeys(bucket), KEYS);

  step('published versions outlive the stack');
  await cdk('destroy', ['--force']);
  holds('the stack is gone', await stackStatus() ?? 'DELETE_COMPLETE', 'DELETE_COMPLETE');
  holds('both versions are in the bucket', await listKeys(bucket), KEYS);
}

// --- the transcript

let steps = 0;
const say = (text) => console.log(`   ${text}`);
const show = (text) => console.log(text.replaceAll(/^/gm, '   | '));

function step(title) {
  interruption.signal.throwIfAborted();
  console.log(`\n${++steps}. ${title}`);
}

function holds(claim, actual, expected) {
  try {
    assert.deepEqual(actual, expected);
  } catch (error) {
    say(`✗ ${claim}`);
    throw error;
  }
  say(`✓ ${claim}`);
}

// --- the project, in a copy: the tree is never edited

const work = fs.mkdtempSync(join(tmpdir(), 'pip-source-demo-'));
const project = join(work, 'my-lambda-project');
fs.cpSync(join(DEMO, 'my-lambda-project'), project, { recursive: true });

function edit(file, before, after) {
  say(`${file}: ${before}  ->  ${after}`);
  const path = join(project, file);
  const text = fs.readFileSync(path, 'utf8');
  assert(text.includes(before), `it has no ${before}`);
  fs.writeFileSync(path, text.replace(before, after));
}

// --- the CDK

const cdkOut = join(work, 'cdk.out');
const outputsFile = join(work, 'outputs.json');

async function deploy({ exitCode = 0, stage = 'demo', development = false, hotswap = false, app = { stack: STACK, options: [] }, context = {} } = {}) {
  const all = { stage, ...development && { 'pip-source-artifact:development': true }, ...context };
  const options = [...app.options, ...Object.entries(all).flatMap(([name, value]) => ['--context', `${name}=${value}`]), ...hotswap ? ['--hotswap'] : []];
  const env = { ...process.env, ...development && { CI: '' } }; // a developer's machine: a pipeline publishes versions
  const output = await cdk('deploy', ['--require-approval', 'never', '--outputs-file', outputsFile, ...options], exitCode, env);
  return { output, outputs: JSON.parse(fs.readFileSync(outputsFile, 'utf8'))[app.stack] };
}

async function cdk(command, args, exitCode = 0, env = process.env) {
  say(`$ cdk ${[command, ...args.filter((arg) => arg === '--hotswap')].join(' ')}`);
  const context = { entry: project, ...localRuntime() };
  const options = [...Object.entries(context).flatMap(([name, value]) => ['--context', `${name}=${value}`]), '--output', cdkOut, '--no-notices'];
  const output = await run(CDK, [command, ...args, ...options], { cwd: DEMO, exitCode, env });
  for (const line of output.match(/^PipSourceDemo\/(?:Source|Dependencies): .*|^✨ +Synthesis time.*|.*✅.*/gm) ?? []) show(line.trim());
  if (exitCode !== 0) show(failure(output));
  return output;
}

/** ministack starts Python functions with its own Python. */
function localRuntime() {
  const version = execFileSync(join(REPO, '.ministack', 'bin', 'python'), ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
  return { runtime: version.trim(), architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' };
}

/** The CLI's last words, up to the logs of the function that failed. */
function failure(output) {
  return output.slice(output.indexOf('❌')).split(/\n\s*(?:\n|at )/, 1)[0];
}

/** The reference of the library's message, which is the same in all versions. */
function refusedBy(words) {
  return /\[(version-[a-z]+)\]/.exec(words)?.[1] ?? words;
}

function synthesizedDigest() {
  return synthesized('Custom::PipSourcePublication').SourceSha256;
}

function synthesized(type) {
  const { Resources } = JSON.parse(fs.readFileSync(join(cdkOut, 'PipSourceDemo.template.json'), 'utf8'));
  return Object.values(Resources).find(({ Type }) => Type === type).Properties;
}

// --- the local AWS

let s3; // the SDK's client: it may have to be installed first

async function describe(Bucket, Key) {
  const [object, { TagSet }] = await Promise.all([s3.getObject({ Bucket, Key }), s3.getObjectTagging({ Bucket, Key })]);
  const bytes = await object.Body.transformToByteArray();
  return {
    bytes: Buffer.from(bytes),
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('base64'),
    etag: object.ETag,
    lastModified: object.LastModified.toISOString(),
    metadata: object.Metadata,
    tags: Object.fromEntries(TagSet.map((tag) => [tag.Key, tag.Value])),
  };
}

/** What the published archive has compiled, and where a failure in it is: its code is run as it is, without its source. */
function tracebackOfBytecode(archive) {
  const file = join(work, 'published.zip');
  fs.writeFileSync(file, archive);
  const script = `
import json, importlib.util, marshal, sys, traceback, zipfile
archive = zipfile.ZipFile(sys.argv[1])
sys.path.insert(0, sys.argv[1])
compiled = sorted(importlib.util.source_from_cache(name) for name in archive.namelist() if name.endswith(".pyc"))
code = archive.read(importlib.util.cache_from_source("my_lambda_app/greeting.py"))
assert code[:4] == importlib.util.MAGIC_NUMBER and code[4:8] == (1).to_bytes(4, "little"), "unchecked-hash"
module = {"__name__": "my_lambda_app.greeting"}
exec(marshal.loads(code[16:]), module)
try:
    module["greet"]("Ada", "xx")
except KeyError as error:
    last = traceback.extract_tb(error.__traceback__)[-1]
    print(json.dumps({"compiled": compiled, "traceback": [f"{last.filename} in {last.name}", f"KeyError: {error}"]}))
`;
  return JSON.parse(execFileSync(join(REPO, '.ministack', 'bin', 'python'), ['-c', script, file], { encoding: 'utf8' }));
}

/**
 * The handler as Lambda invokes it: the published archive is /var/task, and cannot be written to. The local AWS unpacks it elsewhere,
 * and Python puts the names of files right there. Nothing where Linux gives no namespace for mounts.
 */
function failInVarTask(archive) {
  const python = join(REPO, '.ministack', 'bin', 'python');
  const [task, opt] = ['task', 'opt'].map((name) => join(work, name));
  const unpack = (file, folder) => execFileSync(python, ['-m', 'zipfile', '-e', file, folder]);
  fs.writeFileSync(`${task}.zip`, archive);
  unpack(`${task}.zip`, task);
  unpack(join(cdkOut, `asset.${synthesized('AWS::Lambda::LayerVersion').Content.S3Key}`), opt);
  const MOUNT = 'mount -t tmpfs none /var && mkdir /var/task && mount --bind "$1" /var/task && mount -o remount,bind,ro /var/task';
  const mounted = (then, ...args) => {
    const user = process.getuid() === 0 ? [] : ['--map-root-user'];
    return spawnSync('unshare', ['--mount', ...user, 'sh', '-c', `${MOUNT} && ${then}`, 'sh', task, ...args], {
      encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { PATH: process.env.PATH },
    });
  };
  if (mounted('true').status !== 0) return undefined;
  const INVOKE = `
import json, sys, traceback
sys.path[:0] = ["/var/task", sys.argv[1]]
from my_lambda_app.lambda_function import lambda_handler
try:
    lambda_handler({"language": "xx"}, None)
except KeyError as error:
    frames = traceback.extract_tb(error.__traceback__)[1:]
    print(json.dumps([f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames] + [f"KeyError: {error}"]))
`;
  const { status, stdout, stderr } = mounted('exec "$2" -v -c "$3" "$4"', python, INVOKE, join(opt, 'python'));
  assert.equal(status, 0, stderr.slice(-2000));
  const loaded = [...stderr.matchAll(/code object from '\/var\/task\/my_lambda_app\/__pycache__\/(\w+)\./g)].map(([, name]) => name);
  return { bytecode: loaded.sort(), traceback: JSON.parse(stdout) };
}

async function listKeys(Bucket) {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket });
  return Contents.map(({ Key }) => Key);
}

async function invoke(functionName) {
  const event = JSON.stringify({ name: 'Ada', numbers: [1, 2, 30] });
  say(`invoke ${event}`);
  const response = await fetch(`${process.env.AWS_ENDPOINT_URL}/2015-03-31/functions/${functionName}/invocations`, { method: 'POST', body: event });
  const answer = await response.text();
  show(answer);
  return JSON.parse(answer);
}

async function stackStatus() {
  const response = await fetch(`${process.env.AWS_ENDPOINT_URL}/?Action=DescribeStacks&StackName=PipSourceDemo`);
  return /<StackStatus>(\w+)/.exec(await response.text())?.[1];
}

// --- commands

/** Quiet; the whole output is shown when the command does not end as it should. */
async function run(command, args, { cwd, exitCode = 0, env = process.env }) {
  const log = join(work, 'command.log');
  const file = fs.openSync(log, 'w'); // one file for both streams: their order is kept
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', file, file], signal: interruption.signal });
  fs.closeSync(file);
  const [code, signal] = await once(child, 'exit');
  const output = fs.readFileSync(log, 'utf8');
  if (code === exitCode) return output;
  show(output);
  throw new Error(`${command} ${args[0]} ended with ${signal ?? `exit code ${code}`}, not ${exitCode}`);
}

// --- from start to end

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interruption.abort());

const started = performance.now();
let aws;
try {
  console.log('cdk-pip-source-artifact: examples/demo/app.ts is deployed to a local AWS');
  await prepareRepository(run, say);
  aws = await startMinistack({ log: say });
  isolate(aws.env);
  const { S3 } = await import('@aws-sdk/client-s3');
  s3 = new S3();
  await demo();
  console.log(`\ndemo: ${steps} steps held in ${((performance.now() - started) / 1000).toFixed(0)} s`);
} catch (error) {
  process.exitCode = interruption.signal.aborted ? 130 : 1;
  console.error(`\ndemo: ${interruption.signal.aborted ? 'interrupted' : error.stack}`);
} finally {
  await aws?.stop();
  fs.rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}

/** The user's AWS profile, CDK settings and artifacts are none of the demo's business; each run is like the first. */
function isolate(env) {
  for (const name of Object.keys(process.env)) if (/^(AWS|CDK|PIP_SOURCE_ARTIFACT)_/.test(name)) delete process.env[name];
  Object.assign(process.env, env, {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    PIP_SOURCE_ARTIFACT_CACHE_DIR: join(work, 'cache'),
    CI: '1',
    FORCE_COLOR: '0',
  });
}
