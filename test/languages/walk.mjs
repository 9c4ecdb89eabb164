// What the walks of all languages share: a folder, processes with a line and a time each, and `cdk synth`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');
export const CODE = path.join(ROOT, 'dist', 'code');
export const CDK = path.join(ROOT, 'node_modules', '.bin', 'cdk');

/** Gone at the end. */
export const work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'psa-languages-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));

export const env = {
  ...process.env,
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  CDK_VALIDATION: 'false', // of the CDK, of each template: seconds
  AWS_ACCESS_KEY_ID: 'none', // else the CLI looks for credentials for seconds
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  PIP_SOURCE_ARTIFACT_CACHE_DIR: path.join(work, 'cache'),
};

export const say = (line) => console.log(line);

/** Runs the steps of one language. A step's output is shown if it fails; its standard output is returned. */
export function lane(language) {
  return async (step, command, args, { exitCode = 0, ...options } = {}) => {
    const start = process.hrtime.bigint();
    const child = spawn(command, args, { cwd: work, env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { output[name] += text; });
    const [code] = await once(child, 'close');
    if (code !== exitCode) throw new Error(`${language}: ${step} ended with ${code}\n$ ${[command, ...args].join(' ')}\n${output.stdout.slice(-4000)}\n${output.stderr.slice(-8000)}`);
    say(`${language.padEnd(10)} ${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(1).padStart(6)} s  ${step}`);
    return exitCode === 0 ? output.stdout : output.stderr;
  };
}

/** Synthesizes an app of the examples, and says which content its template has. */
export async function synth(run, app, args = []) {
  await run('cdk synth', CDK, ['synth', '--quiet', '--no-notices', '--no-validation', ...args], { cwd: app });
  const { Resources } = JSON.parse(fs.readFileSync(path.join(app, 'cdk.out', 'Greetings.template.json'), 'utf8'));
  const properties = (type) => Object.values(Resources).find(({ Type }) => Type === type).Properties;
  const code = Object.values(Resources).map(({ Properties }) => Properties?.Code?.S3Key).find((key) => /^lambda\/source\//.test(key));
  return [code, properties('Custom::PipSourcePublication').SourceSha256, properties('AWS::Lambda::LayerVersion').Content.S3Key].join(' ');
}
