import { execFile, execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { command } from '../cli/command';
import { bootstrap } from '../setup/cdk';
import { compileLibrary } from '../setup/compiled';
import { newCache, temporaryFolder, writeFiles } from '../setup/projects';

const ROOT = path.join(__dirname, '..', '..');
const MINUTES = 60_000;

// ministack starts functions with its own Python
const python = execFileSync(path.join(ROOT, '.ministack', 'bin', 'python'), ['-c', 'import sys; print("%d_%d" % sys.version_info[:2])'], { encoding: 'utf8' }).trim();

/** What somebody has who has no project yet. */
const FOLDER = {
  'index.py': 'import json, pathlib\nimport six\nimport shared\n\nGREETINGS = json.loads((pathlib.Path(__file__).parent / "greetings.json").read_text())\n\n'
    + 'def handler(event, context):\n    return {"message": GREETINGS["en"].format(event["name"]), "six": six.__version__, "by": shared.NAME}\n',
  'shared.py': 'NAME = "shared"\n\ndef main(event, context):\n    return {"other": event["name"]}\n',
  'greetings.json': '{"en": "Hello, {}!"}',
  'requirements.txt': 'six==1.16.0\n',
  'test_index.py': 'raise Exception("not to be imported")\n',
};

/** An app as users write it: a stack of two functions, in JavaScript. */
const APP = (library: string, architecture: string) => `
const { App, CfnOutput, Stack } = require('aws-cdk-lib');
const lambda = require('aws-cdk-lib/aws-lambda');
const { PipFunction } = require(${JSON.stringify(library)});
const stack = new Stack(new App(), 'Walk', { env: { account: '000000000000', region: 'us-east-1' } });
const greet = new PipFunction(stack, 'Greet', {
  entry: '../greeter', runtime: lambda.Runtime.PYTHON_${python}, architecture: lambda.Architecture.${architecture},
});
const other = new PipFunction(stack, 'Other', { source: greet.source, handler: 'shared.main' });
for (const [id, { functionName }] of Object.entries({ greet, other })) new CfnOutput(stack, id, { value: functionName });
new CfnOutput(stack, 'url', { value: greet.source.s3Url });
`;

describe('from a plain folder to functions that answer', () => {
  const work = temporaryFolder();
  const project = path.join(work, 'greeter');
  const app = path.join(work, 'app');
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    writeFiles(project, FOLDER);
    writeFiles(app, { 'app.js': APP(await compileLibrary(), process.arch === 'arm64' ? 'ARM_64' : 'X86_64').replace(/^/, `process.chdir(${JSON.stringify(app)});\n`) });
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(app, 'node_modules'));
    env = { ...process.env, ...inject('ministack'), PIP_SOURCE_ARTIFACT_CACHE_DIR: newCache(), CDK_DISABLE_CLI_TELEMETRY: 'true', JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20', CI: '1' };
  });

  const cdk = async (...args: string[]) => promisify(execFile)(path.join(ROOT, 'node_modules', '.bin', 'cdk'), [...args, '--app', 'node app.js', '--no-notices'], { cwd: app, env });
  const invoke = async (name: string, event: unknown) => {
    const response = await fetch(`${env.AWS_ENDPOINT_URL}/2015-03-31/functions/${name}/invocations`, { method: 'POST', body: JSON.stringify(event) });
    return response.json();
  };

  test('1: without a project, the error says how to get one', async () => {
    await expect(cdk('synth', '--quiet')).rejects.toMatchObject({ stderr: expect.stringMatching(/Walk\/Greet\/Source: the folder holds neither pyproject\.toml nor setup\.py, got ".*greeter"; npx cdk-pip-source-artifact init \.\.\/greeter writes a pyproject\.toml/) });
  }, MINUTES);

  test('2: init makes one', async () => {
    expect(await command(['init', project], { env })).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^handler +index\.handler$/m) });
  }, MINUTES);

  test('3: cdk deploy, and the functions answer: with the data, the module beside, and what is required', async () => {
    await bootstrap(async (args) => cdk(...args));
    const outputs = path.join(work, 'outputs.json');
    const { stderr } = await cdk('deploy', '--require-approval', 'never', '--outputs-file', outputs);
    expect(stderr).not.toMatch(/warning/i);
    const { greet, other, url } = JSON.parse(fs.readFileSync(outputs, 'utf8')).Walk;
    expect(url).toMatch(/^s3:\/\/.*\/lambda\/source\/0\.1\.0\/source\.zip$/);
    expect(await invoke(greet, { name: 'Ada' })).toEqual({ message: 'Hello, Ada!', six: '1.16.0', by: 'shared' });
    expect(await invoke(other, { name: 'Ada' })).toEqual({ other: 'Ada' });
  }, 5 * MINUTES);
});
