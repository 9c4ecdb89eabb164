import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Duration, Lazy, Stack, type AppProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { PipDependencyLayer, PipFunction, PipSourceArtifact, type PipFunctionProps } from '../../lib/index';
import { tinyProject } from '../pipeline/projects';
import { temporaryFolder, writeFiles } from '../setup/projects';
import { writeWheel } from '../setup/wheels';

const { PYTHON_3_12, PYTHON_3_13 } = lambda.Runtime;
const RUNTIME = { Properties: { Runtime: Match.stringLikeRegexp('^python') } };
let plain: string;
let wheels: string;

beforeAll(async () => {
  wheels = temporaryFolder();
  await writeWheel(wheels, { name: 'needed', version: '1.0' });
  plain = tinyProject({ name: 'plain', files: { 'other.py': 'def handler(event, context): ...\n' } });
});

/** A project that requires something. */
function requiringProject(name = 'requiring'): string {
  const project = tinyProject({ name, metadata: 'Requires-Dist: needed\\n' });
  return writeFiles(project, { 'requirements.txt': `--no-index\n--find-links=${wheels}\nneeded==1.0\n` });
}

function newStack(context: AppProps['context'] = {}): Stack {
  const app = new App({ context, outdir: path.join(temporaryFolder(), 'cdk.out') });
  return new Stack(app, 'Stack', { env: { region: 'eu-west-1' } });
}

function newFunction(props: Partial<PipFunctionProps> = {}, stack = newStack()) {
  return { stack, fn: new PipFunction(stack, 'Greet', { entry: plain, runtime: PYTHON_3_13, ...props }) };
}

describe('one function of one project', () => {
  test('has its artifact, in the bucket of the stack, and waits for it', () => {
    const { stack, fn } = newFunction({ architecture: lambda.Architecture.ARM_64, timeout: Duration.seconds(7), environment: { STAGE: 'test' } });
    const template = Template.fromStack(stack);
    const [publication] = Object.keys(template.findResources('Custom::PipSourcePublication'));
    template.hasResource('AWS::Lambda::Function', {
      Properties: {
        Runtime: 'python3.13',
        Architectures: ['arm64'],
        Handler: 'plain.lambda_function.lambda_handler',
        Timeout: 7,
        Environment: { Variables: { STAGE: 'test' } },
        Code: { S3Key: 'lambda/source/1.0/source.zip' },
        Layers: Match.absent(),
      },
      DependsOn: Match.arrayWith([publication]),
    });
    template.resourceCountIs('AWS::Lambda::LayerVersion', 0);
    template.resourceCountIs('AWS::S3::Bucket', 1);
    expect([fn.handler, fn.source.version, fn.dependencies, fn.source.node.path]).toEqual(['plain.lambda_function.lambda_handler', '1.0', undefined, 'Stack/Greet/Source']);
    expect(fn).toBeInstanceOf(lambda.Function);
  });

  test('a bucket may be given', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Own');
    expect(newFunction({ bucket }, stack).fn.source.bucket).toBe(bucket);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Code: { S3Bucket: { Ref: Match.stringLikeRegexp('^Own') } } });
  });

  test('has a layer, for its runtime and architecture, if the project requires anything', () => {
    const { stack, fn } = newFunction({ entry: requiringProject(), runtime: PYTHON_3_12, architecture: lambda.Architecture.ARM_64 });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::LayerVersion', { CompatibleRuntimes: ['python3.12'], CompatibleArchitectures: ['arm64'] });
    const [layer] = Object.keys(template.findResources('AWS::Lambda::LayerVersion'));
    template.hasResourceProperties('AWS::Lambda::Function', { Runtime: 'python3.12', Layers: [{ Ref: layer }] });
    expect(fn.dependencies).toBeInstanceOf(PipDependencyLayer);
    expect((fn.dependencies as PipDependencyLayer).packages).toEqual(['needed==1.0']);
  });

  test.each<[string, () => string]>([
    ['an empty requirements.txt', () => writeFiles(tinyProject(), { 'requirements.txt': '# nothing\n' })],
    ['[project].dependencies that are empty', () => writeFiles(tinyProject(), {})],
    ['requirements for others', () => writeFiles(tinyProject(), { 'requirements.txt': 'colorama ; sys_platform == "win32"\n' })],
  ])('has no layer: %s', (_, entry) => {
    const { stack, fn } = newFunction({ entry: entry() });
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::LayerVersion', 0);
    expect(fn.dependencies).toBeUndefined();
  });

  test('layers of the user come first, each once', () => {
    const stack = newStack();
    const own = lambda.LayerVersion.fromLayerVersionArn(stack, 'Own', 'arn:aws:lambda:eu-west-1:123456789012:layer:own:1');
    const { fn } = newFunction({ entry: requiringProject(), layers: [own] }, stack);
    new PipFunction(stack, 'Again', { source: fn.source, layers: [own, fn.dependencies!], handler: 'requiring.lambda_function.lambda_handler' });
    const layers = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function', RUNTIME)).map(({ Properties }) => Properties.Layers).filter(Boolean);
    expect(layers).toEqual([[own.layerVersionArn, { Ref: expect.any(String) }], [own.layerVersionArn, { Ref: expect.any(String) }]]);
  });

  test('the handler is checked, and found as pyproject.toml says', () => {
    expect(newFunction({ handler: 'plain.other.handler' }).fn.handler).toBe('plain.other.handler');
    const told = tinyProject({ name: 'told', files: { 'other.py': 'def handler(event, context): ...\n' } });
    fs.appendFileSync(path.join(told, 'pyproject.toml'), '\n[tool.pip-source-artifact]\nhandler = "told.other.handler"\n');
    const { stack, fn } = newFunction({ entry: told });
    expect(fn.handler).toBe('told.other.handler');
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Handler: 'told.other.handler' });
    expect(newFunction({ entry: told, handler: 'told.lambda_function.lambda_handler' }).fn.handler).toBe('told.lambda_function.lambda_handler');
  });

  test('a version of it changes with the content', () => {
    const versionOf = (code?: string) => {
      const { stack, fn } = newFunction({ entry: tinyProject({ code }) });
      return stack.resolve((fn.currentVersion.node.defaultChild as lambda.CfnVersion).logicalId);
    };
    expect(versionOf()).toBe(versionOf());
    expect(versionOf()).not.toBe(versionOf('def lambda_handler(event, context): return 2\n'));
  });

  test('nothing is built where the CDK bundles nothing', () => {
    const { stack, fn } = newFunction({ entry: requiringProject() }, newStack({ 'aws:cdk:bundling-stacks': [] }));
    expect(fn.handler).toBe('lambda_function.lambda_handler');
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::LayerVersion', 1);
  });
});

describe('several functions of one project', () => {
  test('share artifact, layer, runtime and architecture', () => {
    const entry = requiringProject('shared');
    const { stack, fn } = newFunction({ entry, runtime: PYTHON_3_12, architecture: lambda.Architecture.ARM_64 });
    const other = new PipFunction(stack, 'Other', { source: fn.source, handler: 'shared.lambda_function.lambda_handler' });
    expect([other.source, other.dependencies]).toEqual([fn.source, fn.dependencies]);
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::PipSourcePublication', 1);
    template.resourceCountIs('AWS::Lambda::LayerVersion', 1);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Runtime: 'python3.12', Architectures: ['arm64'], Layers: [{ Ref: Match.anyValue() }], Code: { S3Key: 'lambda/source/1.0/source.zip' } }, 2);
  });

  test('one for another runtime has no layer that does not fit', () => {
    const { stack, fn } = newFunction({ entry: requiringProject(), runtime: PYTHON_3_12 });
    const other = new PipFunction(stack, 'Other', { source: fn.source, runtime: PYTHON_3_13 });
    expect(other.dependencies).toBeUndefined();
    expect(() => Template.fromStack(stack)).toThrow(/Stack\/Other\]? the function's layers lack requirements of requiring/);
  });

  test('two projects of one stack share the bucket', () => {
    const stack = newStack();
    newFunction({}, stack);
    new PipFunction(stack, 'Other', { entry: tinyProject({ name: 'other', version: '2.0' }), runtime: PYTHON_3_13 });
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 1);
  });
});

describe('apart', () => {
  test('artifact and layer may be made apart, with options of their own', () => {
    const stack = newStack();
    const entry = requiringProject();
    const dependencies = new PipDependencyLayer(stack, 'Dependencies', { entry, runtime: PYTHON_3_12, architecture: lambda.Architecture.ARM_64 });
    const source = new PipSourceArtifact(stack, 'Source', { entry, prefix: 'team/', layers: [dependencies] });
    new PipFunction(stack, 'Function', { source, dependencies });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'python3.12', Architectures: ['arm64'], Layers: [{ Ref: Match.stringLikeRegexp('^Dependencies') }], Code: { S3Key: 'team/source/1.0/source.zip' },
    });
  });

  test('a published version needs no project', () => {
    const stack = newStack();
    const source = PipSourceArtifact.fromPublishedVersion(stack, 'Source', { bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts'), version: '1.2.3', handler: 'app.main' });
    new PipFunction(stack, 'Function', { source, runtime: PYTHON_3_13 });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Handler: 'app.main', Code: { S3Key: 'lambda/source/1.2.3/source.zip' } });
  });
});

describe('fails', () => {
  const several = () => tinyProject({ name: 'several', code: 'def a(event, context): ...\ndef b(event, context): ...\n' });
  test.each<[string, () => Partial<PipFunctionProps>, RegExp]>([
    ['no project', () => ({ entry: undefined }), /^Stack\/Greet: the function has neither a project nor an artifact; set either entry or source \[function-source\]$/],
    ['a project and an artifact', () => ({ source: newFunction().fn.source }), /^Stack\/Greet: the function has both a project and an artifact, got ".*"; set either entry or source \[function-source\]$/],
    ['no runtime', () => ({ runtime: undefined }), /^Stack\/Greet: the function has no runtime, and neither its artifact nor its layer tells one; set runtime, such as lambda\.Runtime\.PYTHON_3_13 \[function-runtime-missing\]$/],
    ['another language', () => ({ runtime: lambda.Runtime.NODEJS_22_X }), /^Stack\/Greet: the function's runtime is no Python, got "nodejs22\.x"; set runtime to a Python, such as .* \[runtime-not-python\]$/],
    ['a token', () => ({ entry: Lazy.string({ produce: () => plain }) }), /^Stack\/Greet\/Source: entry is a token/],
    ['a handler that is not there', () => ({ handler: 'plain.other.main' }), /^Stack\/Greet\/Source: the handler's module plain\.other has no main/],
    ['several handlers', () => ({ entry: several() }), /^Stack\/Greet\/Source: the project has more than one handler, got \["several\.lambda_function\.a","several\.lambda_function\.b"\]; set handler to <module>\.<function>, or handler in \[tool\.pip-source-artifact\] of pyproject\.toml \[handler-ambiguous\]$/],
    ['a plain folder', () => ({ entry: writeFiles(path.join(temporaryFolder(), 'greeter'), { 'index.py': '' }) }), /^Stack\/Greet\/Source: the folder holds neither .*; npx cdk-pip-source-artifact init \S+ writes a pyproject\.toml[^]*only-include = \["index\.py"\]/],
    ['a slip in pyproject.toml', () => {
      const entry = tinyProject();
      fs.appendFileSync(path.join(entry, 'pyproject.toml'), '\n[tool.pip-source-artifact]\nhandlr = "a.b"\n');
      return { entry };
    }, /^Stack\/Greet\/Source: \[tool\.pip-source-artifact\] of pyproject\.toml has an option that there is not, got "handlr"/],
    ['a lock file that is damaged', () => ({ entry: writeFiles(tinyProject(), { 'uv.lock': 'version = ' }) }), /^Stack\/Greet\/Dependencies: uv\.lock is not valid TOML/],
  ])('%s', (_, props, message) => {
    expect(() => newFunction(props())).toThrow(message);
  });

  test('with the user\'s line first', () => {
    let stack: string | undefined;
    try {
      newFunction({ entry: several() });
    } catch (error) {
      ({ stack } = error as Error);
    }
    expect(/\n\s+at (.*)/.exec(stack!)![1]).toContain('pip-function.test.ts');
  });

  test('at synth: a handler that the artifact has not', () => {
    const { stack, fn } = newFunction();
    new PipFunction(stack, 'Other', { source: fn.source, handler: 'plain.gone.handler' });
    expect(() => Template.fromStack(stack)).toThrow(/Stack\/Other\]? the handler's module plain\.gone is not in the installed project/);
  });
});
