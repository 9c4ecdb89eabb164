// Bytecode of the constructs: the template does not depend on it, and what is lacking is told.
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { Bytecode, PipDependencyLayer, PipSourceArtifact } from '../lib';
import { newCache, temporaryFolder, writeFiles } from './setup/projects';
import { writeWheel } from './setup/wheels';
import { listArchive } from '../lib/core/package/read-archive';

const REAL_HOME = os.homedir();
const RUNTIME = lambda.Runtime.PYTHON_3_9; // no machine has it on its PATH
let project: string;
let home: string;
const built = () => fs.readFileSync(path.join(project, '..', 'builds'), 'utf8').length;

beforeAll(async () => {
  project = writeFiles(path.join(temporaryFolder(), 'greeter'), {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "greeter"\nversion = "1.0"\n',
    'backend.py': [
      'import os, zipfile',
      'def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):',
      '    with open(os.environ["BUILDS"], "a") as file: file.write("x")',
      '    name = "greeter-1.0-py3-none-any.whl"',
      '    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:',
      '        wheel.writestr("greeter/__init__.py", "")',
      '        wheel.writestr("greeter/lambda_function.py", "def lambda_handler(event, context): pass\\n")',
      '        wheel.writestr("greeter-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeter\\nVersion: 1.0\\n")',
      '        wheel.writestr("greeter-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")',
      '        wheel.writestr("greeter-1.0.dist-info/RECORD", "")',
      '    return name', '',
    ].join('\n'),
    'requirements.txt': 'words==1.0\n',
  });
  await writeWheel(path.join(project, '..', 'wheels'), { name: 'words', version: '1.0' });
});

beforeEach(() => {
  home = temporaryFolder();
  fs.writeFileSync(path.join(project, '..', 'builds'), '');
  vi.stubEnv('BUILDS', path.join(project, '..', 'builds'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('PATH', path.join(inject('venv'), 'bin'));
  vi.stubEnv('PYENV_ROOT', path.join(home, 'pyenv'));
  vi.stubEnv('UV_PYTHON_INSTALL_DIR', path.join(home, 'uv'));
  vi.stubEnv('PIP_SOURCE_ARTIFACT_CACHE_DIR', newCache());
});
afterEach(() => void vi.unstubAllEnvs());

function newApp(more: { readonly bytecode?: Bytecode; readonly runtime?: lambda.Runtime } = {}) {
  const app = new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });
  const stack = new Stack(app, 'Stack');
  const environment = { BUILDS: process.env.BUILDS! };
  const layer = new PipDependencyLayer(stack, 'Layer', {
    entry: project, pipArgs: ['--no-index', '--find-links', path.join(project, '..', 'wheels')], bytecode: more.bytecode, runtime: more.runtime ?? RUNTIME,
  });
  const source = new PipSourceArtifact(stack, 'Source', { entry: project, bucket: new s3.Bucket(stack, 'Bucket'), environment, runtime: RUNTIME, ...more });
  return { app, stack, layer, source };
}

const infosOf = (stack: Stack) => Annotations.fromStack(stack).findInfo('*', Match.anyValue()).map(({ id, entry }) => `${id}: ${String(entry.data)}`);

async function compiledOf({ app }: ReturnType<typeof newApp>): Promise<string[]> {
  const { directory } = app.synth();
  const archives = fs.readdirSync(directory).filter((name) => name.endsWith('.zip')).map((name) => path.join(directory, name));
  const entries = await Promise.all(archives.map(async (archive) => listArchive(archive)));
  return entries.flat().map((entry) => entry.path).filter((name) => name.endsWith('.pyc')).sort();
}

/** A Python 3.9, if this machine has one. */
function findPython(): string | undefined {
  const versions = path.join(REAL_HOME, '.pyenv', 'versions');
  const name = fs.existsSync(versions) ? fs.readdirSync(versions).find((item) => item.startsWith('3.9.')) : undefined;
  return name && path.join(versions, name);
}

describe('a Python that is not there', () => {
  test('AUTO: told on both constructs, with the way out; a Python that appears compiles, and nothing is built', async () => {
    const without = newApp();
    expect(infosOf(without.stack)).toEqual([
      expect.stringMatching(/^\/Stack\/Layer: the layer has no bytecode, so that Lambda compiles its modules at each cold start: no Python 3\.9 was found .*uv python install, pyenv install.*bytecode: Bytecode\.NONE .*\[ack: cdk-pip-source-artifact:noBytecode\]$/s),
      expect.stringMatching(/^\/Stack\/Source: the artifact has no bytecode.*noBytecode\]$/s),
    ]);
    expect([await compiledOf(without), built()]).toEqual([[], 1]);

    const installation = findPython();
    if (installation === undefined) return; // the rest needs one
    fs.mkdirSync(path.join(home, 'pyenv', 'versions'), { recursive: true });
    fs.symlinkSync(installation, path.join(home, 'pyenv', 'versions', path.basename(installation)));
    const now = newApp({ bytecode: Bytecode.REQUIRED });
    expect(infosOf(now.stack)).toEqual([]);
    expect(Template.fromStack(now.stack).toJSON(), 'the template').toEqual(Template.fromStack(without.stack).toJSON());
    expect([now.source.sourceSha256, now.layer.layerSha256]).toEqual([without.source.sourceSha256, without.layer.layerSha256]);
    expect([await compiledOf(now), built()]).toEqual([
      ['greeter/__pycache__/__init__.cpython-39.pyc', 'greeter/__pycache__/lambda_function.cpython-39.pyc', 'python/words/__pycache__/__init__.cpython-39.pyc'], 1,
    ]);
    expect(await compiledOf(newApp({ bytecode: Bytecode.NONE })), 'none').toEqual([]);
  });

  test('REQUIRED: refused by name', () => {
    expect(() => newApp({ bytecode: Bytecode.REQUIRED })).toThrow(/^Stack\/Layer: no Python 3\.9 was found that compiles for the runtime, got "python3\.9"; install one \(uv python install 3\.9, or pyenv install 3\.9\), set python to it, or set bytecode to auto\n\nhint: looked for: .*\n\n\[bytecode-python-missing\]$/s);
  });
});

test('a function on another runtime than the bytecode is told so', () => {
  const { stack, source } = newApp({ bytecode: Bytecode.NONE });
  const own = new PipSourceArtifact(stack, 'Own', { entry: project, bucket: source.bucket, prefix: 'own/', environment: { BUILDS: process.env.BUILDS! } });
  new lambda.Function(stack, 'Function', { code: own.code, handler: own.handler, runtime: lambda.Runtime.PYTHON_3_8 });
  expect(infosOf(stack)).toEqual([expect.stringMatching(/^\/Stack\/Function\/Resource: the function runs on python3\.8, and the bytecode of greeter is for python3\.\d+: it works, and starts slowly\. Set the runtime of the PipSourceArtifact to that of the function \[ack: cdk-pip-source-artifact:otherBytecode\]$/)]);
});

test('a runtime that is none is refused', () => {
  expect(() => newApp({ runtime: new lambda.Runtime('nodejs22.x') })).toThrow('[runtime-unknown]');
});
