import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ContractCheck, PipDependencyLayer, PipSourceArtifact, type PipDependencyLayerProps, type PipSourceArtifactProps } from '../lib/index';
import { digestFolder, temporaryFolder, writeFiles } from './setup/projects';
import { writeWheel, writeYankedPage } from './setup/wheels';
import { sha256 } from '../lib/core/base/tree';

let wheels: string;
/** Requires greetings and, on Arm, armour. */
let project: string;

beforeAll(async () => {
  wheels = temporaryFolder();
  await Promise.all([
    writeWheel(wheels, { name: 'greetings', version: '1.0' }),
    writeWheel(wheels, { name: 'greetings', version: '2.0', requires: ['words>=1'] }),
    writeWheel(wheels, { name: 'words', version: '1.5' }),
    writeWheel(wheels, { name: 'armour', version: '1.0', tag: 'cp313-cp313-manylinux_2_28_aarch64' }),
  ]);
  project = writeFiles(path.join(temporaryFolder(), 'project'), {
    'pyproject.toml': '[project]\nname = "greeter"\nversion = "1.0"\ndependencies = ["greetings>=2", "armour; platform_machine == \'aarch64\'"]\nrequires-python = ">=3.10"\n',
    'greeter/__init__.py': '',
    'greeter/lambda_function.py': 'def lambda_handler(event, context):\n    return event\n',
    'requirements.txt': 'greetings==2.0\nwords==1.5\narmour==1.0 ; platform_machine == "aarch64"\n',
  });
});

interface Fixture { readonly app: App; readonly stack: Stack; readonly bucket: s3.Bucket }

function newStack(context: Record<string, unknown> = {}): Fixture {
  const app = new App({ context, outdir: path.join(temporaryFolder(), 'cdk.out') });
  const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
  return { app, stack, bucket: new s3.Bucket(stack, 'Bucket') };
}

function newLayer(stack: Stack, props: Partial<PipDependencyLayerProps> = {}, id = 'Dependencies'): PipDependencyLayer {
  return new PipDependencyLayer(stack, id, {
    entry: project, runtime: lambda.Runtime.PYTHON_3_13, pipArgs: ['--no-index', '--find-links', wheels], ...props,
  });
}

function newFunction({ stack, bucket }: Fixture, layers: lambda.ILayerVersion[], more: Partial<PipSourceArtifactProps> = {}, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  const source = new PipSourceArtifact(stack, 'Source', { entry: project, bucket, layers, ...more });
  return new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: source.handler, code: source.code, layers: source.layers, ...props });
}

describe('the layer', () => {
  test('is a layer version as users know it, named by its content', () => {
    const { app, stack } = newStack();
    const before = digestFolder(project);
    const layer = newLayer(stack, { description: 'greetings', layerVersionName: 'greetings', license: 'MIT' });
    expect(layer.packages).toEqual(['greetings==2.0', 'words==1.5']);
    expect(layer.layerSha256).toMatch(/^[0-9a-f]{64}$/);
    expect([layer.runtime, layer.architecture]).toEqual([lambda.Runtime.PYTHON_3_13, lambda.Architecture.X86_64]);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::LayerVersion', {
      CompatibleRuntimes: ['python3.13'],
      CompatibleArchitectures: ['x86_64'],
      Content: { S3Key: `${sha256(layer.layerSha256)}.zip` }, // the CDK hashes what it is given
      Description: 'greetings',
      LayerName: 'greetings',
      LicenseInfo: 'MIT',
    });
    expect(fs.existsSync(path.join(app.outdir, `asset.${sha256(layer.layerSha256)}.zip`))).toBe(true);
    expect(digestFolder(project), 'nothing was written there').toBe(before);
  });

  test('grants', () => {
    const { stack } = newStack();
    newLayer(stack).addPermission('Other', { accountId: '123456789012' });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::LayerVersionPermission', { Principal: '123456789012' });
  });

  test('of another architecture has other content', () => {
    const { stack } = newStack();
    const arm = newLayer(stack, { architecture: lambda.Architecture.ARM_64 });
    expect(arm.packages).toEqual(['armour==1.0', 'greetings==2.0', 'words==1.5']);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::LayerVersion', { CompatibleArchitectures: ['arm64'] });
  });

  test('is made once for an app, and not again for a comment', () => {
    const said = vi.spyOn(process.stderr, 'write');
    const { stack } = newStack();
    const one = newLayer(stack, {}, 'One');
    const changed = writeFiles(path.join(temporaryFolder(), 'changed'), { 'requirements.txt': '# more words\ngreetings==2.0\nwords==1.5  # 1.6 is out\narmour==1.0 ; platform_machine == "aarch64"\n' });
    expect(newLayer(stack, { entry: changed }, 'Two').layerSha256).toBe(one.layerSha256);
    expect(said).not.toHaveBeenCalled();
  });

  test('warns where versions are left open, and says how to lock them', () => {
    const { stack } = newStack();
    const open = writeFiles(path.join(temporaryFolder(), 'open'), { 'pyproject.toml': '[project]\nname = "open"\nversion = "1"\ndependencies = ["greetings"]\n' });
    expect(newLayer(stack, { entry: open }).packages).toEqual(['greetings==2.0', 'words==1.5']);
    Annotations.fromStack(stack).hasWarning('/Stack/Dependencies', Match.stringLikeRegexp('^pyproject\\.toml leaves versions open \\(greetings, words\\): the layer has those of the day it was built\\. Lock them: uv lock, poetry lock or pip lock'));
  });

  test('warns of a version that its index has withdrawn, and why; every time', async () => {
    const folder = temporaryFolder();
    await Promise.all(['1.0', '2.0'].map((version) => writeWheel(folder, { name: 'greetings', version })));
    const page = writeYankedPage(folder, 'greetings-2.0-py3-none-any.whl', 'greets the wrong ones');
    const requirements = path.join(writeFiles(temporaryFolder(), { 'requirements.txt': 'greetings==2.0\n' }), 'requirements.txt');
    for (const _ of ['made', 'found in the cache']) {
      const { stack } = newStack();
      expect(newLayer(stack, { entry: undefined, requirements, pipArgs: ['--no-index', '--find-links', page] }).packages).toEqual(['greetings==2.0']);
      Annotations.fromStack(stack).hasWarning('/Stack/Dependencies', Match.stringLikeRegexp('^greetings 2\\.0, which requirements\\.txt leads to, was withdrawn from the index \\(greets the wrong ones\\)\\. Require another version'));
    }
  });

  test('warns of a .pth file that Python does not read in a layer, and of none that does not matter', async () => {
    const folder = temporaryFolder();
    await writeWheel(folder, { name: 'patcher', version: '1.0', files: { 'patcher.pth': 'import patcher\n', 'distutils-precedence.pth': '', 'patcher/inner.pth': '' } });
    await writeWheel(folder, { name: 'spaced', version: '1.0', files: { 'spaced-1.0-nspkg.pth': 'import sys\n' } });
    const requirements = path.join(writeFiles(temporaryFolder(), { 'requirements.txt': 'patcher==1.0\nspaced==1.0\n' }), 'requirements.txt');
    for (const _ of ['made', 'found in the cache']) {
      const { stack } = newStack();
      newLayer(stack, { entry: undefined, requirements, pipArgs: ['--no-index', '--find-links', folder] });
      const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('\\.pth')).map(({ entry }) => String(entry.data));
      expect(warnings).toEqual([expect.stringMatching(/^patcher has patcher\.pth, and Python reads such files in site-packages alone, .* \[ack: cdk-pip-source-artifact:pth:patcher\]$/)]);
    }
  });

  test('is not built where nothing is, and the contract is not checked', () => {
    const fixture = newStack({ 'aws:cdk:bundling-stacks': [] });
    const layer = newLayer(fixture.stack, { entry: path.join(project, 'not', 'there') });
    newFunction(fixture, [layer]);
    expect([layer.layerSha256, layer.packages]).toEqual(['0'.repeat(64), []]);
    expect(() => fixture.app.synth()).not.toThrow();
  });

  test('is built for a function of a stack that is bundled, as by cdk deploy --exclusively, when its own is not', () => {
    const { stack } = newStack({ 'aws:cdk:bundling-stacks': ['Functions'] });
    expect(newLayer(stack).packages).toEqual(['greetings==2.0', 'words==1.5']);
  });

  // the CDK that is installed here is the oldest: test/package/app does it with the newest
  test('is for each Python runtime that the CDK knows, from 3.8 on, and for python3.15, which it does not know yet', () => {
    const { stack } = newStack({ 'aws:cdk:bundling-stacks': [] });
    const known = Object.entries(lambda.Runtime).filter(([name]) => /^PYTHON_3_([89]|\d\d)$/.test(name)).map(([, runtime]): lambda.Runtime => runtime);
    expect(known.length).toBeGreaterThanOrEqual(7);
    for (const runtime of [...known, new lambda.Runtime('python3.15', lambda.RuntimeFamily.PYTHON)]) newLayer(stack, { runtime }, `Dependencies-${runtime.name}`);
  });

  test.each<[string, Partial<PipDependencyLayerProps>, string]>([
    ['a runtime without Python', { runtime: lambda.Runtime.NODEJS_22_X }, 'Stack/Dependencies: the runtime is not one that layers are built for, got "nodejs22.x"; set runtime to one of python3.8 to python3.15'],
    ['an unknown runtime', { runtime: new lambda.Runtime('python3.42', lambda.RuntimeFamily.PYTHON) }, 'Stack/Dependencies: the runtime is not one that layers are built for, got "python3.42"; set runtime to one of python3.8 to python3.15'],
    ['an unknown architecture', { architecture: lambda.Architecture.custom('riscv64') }, 'Stack/Dependencies: the architecture is not one of Lambda\'s, got "riscv64"; set architecture to x86_64 or arm64'],
  ])('fails for %s', (_, props, message) => {
    const { stack } = newStack();
    expect(() => newLayer(stack, props)).toThrow(message);
  });
});

describe('the contract', () => {
  function synth(layers: (stack: Stack) => lambda.ILayerVersion[], more?: Partial<PipSourceArtifactProps>, props?: Partial<lambda.FunctionProps>): () => void {
    const fixture = newStack();
    newFunction(fixture, layers(fixture.stack), more, props);
    return () => fixture.app.synth();
  }

  test('holds: code, layer and function fit', () => {
    expect(synth((stack) => [newLayer(stack)])).not.toThrow();
  });

  test('names what the layers lack', () => {
    expect(synth((stack) => [newLayer(stack, { requirements: path.join(writeFiles(temporaryFolder(), { 'other.txt': 'greetings==1.0\n' }), 'other.txt') })])).toThrow([
      'the function\'s layers lack requirements of greeter 1.0, got ["greetings>=2"]; add them to the lock file of the layer, or give the function the layer that has them',
      '',
      'hint: what requires them, and what is there:',
      '  greeter 1.0 requires greetings>=2: 1.0 is in Stack/Dependencies',
      'skipChecks: [ContractCheck.REQUIREMENTS] turns this check off',
    ].join('\n'));
  });

  test('a function without the layer is one', () => {
    expect(synth((stack) => [newLayer(stack)], {}, { layers: [] })).toThrow('lack requirements of greeter 1.0, got ["greetings>=2"]');
  });

  test('a layer that was added later counts', () => {
    const fixture = newStack();
    newFunction(fixture, []).addLayers(newLayer(fixture.stack));
    expect(() => fixture.app.synth()).not.toThrow();
  });

  test('a layer of another stack counts', () => {
    const fixture = newStack();
    newFunction(fixture, [newLayer(new Stack(fixture.app, 'Layers', { env: { region: 'eu-west-1' } }))]);
    expect(() => fixture.app.synth()).not.toThrow();
  });

  test('a layer of a stack that was made alike does not', () => {
    const fixture = newStack();
    newLayer(new Stack(fixture.app, 'Twin'));
    const foreign = new lambda.LayerVersion(fixture.stack, 'Dependencies', { code: lambda.Code.fromAsset(wheels) });
    newFunction(fixture, [foreign]);
    expect(() => fixture.app.synth(), 'what is in it is not known').not.toThrow();
  });

  test('layers that are parts of one lock file are seen as one', () => {
    const parts = (stack: Stack) => [newLayer(stack, { packages: ['words'] }, 'Words'), newLayer(stack, { exclude: ['words'] })] as const;
    expect(synth((stack) => [...parts(stack)])).not.toThrow();
    expect(synth((stack) => [parts(stack)[1]])).toThrow('got ["words>=1"]; add them to the lock file of the layer');
    expect(synth((stack) => [newLayer(stack, { exclude: ['words'] })]), 'something else brings it').not.toThrow();
  });

  test('of a layer from elsewhere it is told what could not be checked', () => {
    const infos = (add: (fixture: Fixture) => lambda.ILayerVersion) => {
      const fixture = newStack();
      newFunction(fixture, [add(fixture)]);
      fixture.app.synth();
      return Annotations.fromStack(fixture.stack).findInfo('*', Match.stringLikeRegexp('unknownLayer')).map(({ entry }) => entry.data);
    };
    const foreign = ({ stack }: Fixture) => lambda.LayerVersion.fromLayerVersionArn(stack, 'Foreign', `arn:aws:lambda:${stack.region}:123456789012:layer:some:1`);
    const [info] = infos(foreign);
    expect(info).toMatch(/^What is in arn:aws:lambda:\S+:123456789012:layer:some:1 is not known here, so it was not checked that greetings>=2 is there, which greeter requires \[ack: cdk-pip-source-artifact:unknownLayer\]$/);
    expect(infos(({ stack }) => new lambda.LayerVersion(stack, 'Mine', { code: lambda.Code.fromAsset(wheels) }))).toEqual([expect.stringMatching(/^What is in Mine\w+ is not known/)]);
    expect(infos(({ stack }) => newLayer(stack)), 'nothing is unknown').toEqual([]);
  });

  test.each([undefined, { region: 'eu-west-1' }])('AWS\'s own extensions bring no packages: region %j', (env) => {
    const app = new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });
    const stack = new Stack(app, 'Stack', { env });
    const more = {
      insightsVersion: lambda.LambdaInsightsVersion.VERSION_1_0_498_0,
      paramsAndSecrets: lambda.ParamsAndSecretsLayerVersion.fromVersion(lambda.ParamsAndSecretsVersions.V1_0_103),
      adotInstrumentation: { execWrapper: lambda.AdotLambdaExecWrapper.INSTRUMENT_HANDLER, layerVersion: lambda.AdotLayerVersion.fromPythonSdkLayerVersion(lambda.AdotLambdaLayerPythonSdkVersion.LATEST) },
    };
    newFunction({ app, stack, bucket: new s3.Bucket(stack, 'Bucket') }, [], {}, more);
    expect(() => app.synth()).toThrow('lack requirements of greeter 1.0, got ["greetings>=2"]');
  });

  test('the architecture', () => {
    expect(synth((stack) => [newLayer(stack)], { skipChecks: [ContractCheck.REQUIREMENTS] }, { architecture: lambda.Architecture.ARM_64 }))
      .toThrow('the function runs on arm64, but the layer Stack/Dependencies does not, got ["x86_64"]; set the same architecture for both');
  });

  test('the runtime', () => {
    const props = { runtime: lambda.Runtime.PYTHON_3_9 };
    expect(synth(() => [], { skipChecks: [ContractCheck.REQUIREMENTS] }, props)).toThrow('greeter 1.0 does not run on the function\'s runtime, python3.9, got ">=3.10"; set another runtime, or change requires-python in pyproject.toml');
    expect(() => synth((stack) => [newLayer(stack)], {}, props), 'the CDK\'s own check').toThrow(/runtime that is incompatible with this layer/);
  });

  test('all of it can be turned off', () => {
    expect(synth((stack) => [newLayer(stack, { exclude: ['greetings'], requirements: path.join(project, 'requirements.txt') })], { skipChecks: Object.values(ContractCheck) }, { architecture: lambda.Architecture.ARM_64 })).not.toThrow();
  });
});
