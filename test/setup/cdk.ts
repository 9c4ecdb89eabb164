// The CDK's own command on an app of the library as it is now, with ministack as AWS.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { inject, vi } from 'vitest';
import { compileLibrary } from './compiled';
import { temporaryFolder } from './projects';

const ROOT = path.join(__dirname, '..', '..');
const CDK = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/** The runtime of ministack's functions: its own Python. */
export function localRuntime(): string {
  const python = path.join(ROOT, '.ministack', 'bin', 'python');
  return execFileSync(python, ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' }).trim();
}

export interface CdkApp {
  /** Where the app runs. */
  readonly folder: string;
  /** Run a command to its end, and give all that it prints. */
  cdk(args: readonly string[], expected?: number): Promise<string>;
  start(args: readonly string[]): ChildProcess;
}

/**
 * An app in a folder of its own.
 *
 * @param program JavaScript that finds `cdk`, `lambda`, `s3`, `library` and `runtime`
 * @param settings more of cdk.json
 */
export async function newCdkApp(program: string, settings: object = {}): Promise<CdkApp> {
  const library = await compileLibrary();
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'app.cjs'), `
const { createRequire } = require('node:module');
const load = createRequire(${JSON.stringify(library)});
const [cdk, lambda, s3, library] = [load('aws-cdk-lib'), load('aws-cdk-lib/aws-lambda'), load('aws-cdk-lib/aws-s3'), load(${JSON.stringify(library)})];
const runtime = new lambda.Runtime(${JSON.stringify(localRuntime())}, lambda.RuntimeFamily.PYTHON);
${program}`);
  fs.writeFileSync(path.join(folder, 'cdk.json'), JSON.stringify({ app: 'node app.cjs', ...settings }));
  // not as CI: a developer's machine
  const env = { ...process.env, ...inject('ministack'), CI: undefined, FORCE_COLOR: '0', CDK_VALIDATION: 'false', CDK_DISABLE_CLI_TELEMETRY: 'true' };
  const start = (args: readonly string[]) => spawn(process.execPath, [CDK, ...args, '--no-notices'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    folder,
    start,
    cdk: async (args, expected = 0) => {
      const child = start(args);
      const printed: Buffer[] = [];
      for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
      const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
      const output = Buffer.concat(printed).toString();
      if (code === expected) return output;
      throw new Error(`cdk ${args.join(' ')} ended with ${code}, not ${expected}\n${output}`);
    },
  };
}

/** The local AWS is that of all test files, and two cannot bootstrap it at the same time: the first that asks does, and the others wait. */
export async function bootstrap(cdk: (args: readonly string[]) => Promise<unknown>): Promise<void> {
  const [begun, done] = ['begun', 'done'].map((name) => path.join(inject('temporary'), `bootstrap-${name}`));
  try {
    fs.mkdirSync(begun);
  } catch {
    await vi.waitUntil(() => fs.existsSync(done), { timeout: 60_000, interval: 100 });
    return;
  }
  await cdk(['bootstrap', 'aws://000000000000/us-east-1']);
  fs.mkdirSync(done);
}

/** What a function answers. */
export async function invoke(functionName: string): Promise<unknown> {
  const response = await fetch(`${inject('ministack').AWS_ENDPOINT_URL}/2015-03-31/functions/${functionName}/invocations`, { method: 'POST', body: '{}' });
  return response.json();
}
