import * as path from 'node:path';
import { App, NestedStack, Stack, type AppProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { ContractCheck, PipDependencyLayer, PipSourceArtifact, type PipSourceArtifactProps } from '../lib/index';
import { tinyProject } from './pipeline/projects';
import { temporaryFolder, writeFiles } from './setup/projects';
import { writeWheel } from './setup/wheels';

const PUBLICATION = 'Custom::PipSourcePublication';
const runtime = lambda.Runtime.PYTHON_3_13;
const [ONE, TWO] = ['111111111111', '222222222222'];
let entry: string;

beforeAll(() => {
  entry = tinyProject();
});

function newApp(context: AppProps['context'] = {}): App {
  return new App({ context, outdir: path.join(temporaryFolder(), 'cdk.out') });
}

function newStack(app = newApp(), id = 'Stack', region = 'eu-west-1', account = ONE): Stack {
  return new Stack(app, id, { env: { region, account } });
}

function newSource(stack: Stack, props: Partial<PipSourceArtifactProps> = {}): PipSourceArtifact {
  return new PipSourceArtifact(stack, 'Source', { entry, bucket: new s3.Bucket(stack, 'Bucket'), ...props });
}

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
}

/** The ways in which the artifact gets to a function. */
const WAYS: ReadonlyArray<readonly [string, (stack: Stack, source: PipSourceArtifact, handler: string, name: string) => void]> = [
  ['source.code', (stack, { code }, handler, name) => new lambda.Function(stack, 'Function', { runtime: new lambda.Runtime(name), handler, code })],
  ['Code.fromBucket', (stack, { bucket, objectKey }, handler, name) => new lambda.Function(stack, 'Function', { runtime: new lambda.Runtime(name), handler, code: lambda.Code.fromBucket(bucket, objectKey) })],
  ['a SingletonFunction', (stack, { code }, handler, name) => new lambda.SingletonFunction(stack, 'Function', { uuid: 'x', runtime: new lambda.Runtime(name), handler, code })],
  ['a CfnFunction', (stack, { bucket, objectKey }, handler, name) => new lambda.CfnFunction(stack, 'Function', {
    runtime: name, handler, role: 'arn:aws:iam::111111111111:role/r', code: { s3Bucket: bucket.bucketName, s3Key: objectKey },
  })],
  ['a CfnFunction with the literal key', (stack, { bucket }, handler, name) => new lambda.CfnFunction(stack, 'Function', {
    runtime: name, handler, role: 'arn:aws:iam::111111111111:role/r', code: { s3Bucket: bucket.bucketName, s3Key: 'lambda/source/1.0/source.zip' },
  })],
];

describe.each(WAYS)('a function that has it by %s', (_, use) => {
  const synth = (handler: string, name = 'python3.13', props: Partial<PipSourceArtifactProps> = {}) => {
    const stack = newStack();
    use(stack, newSource(stack, props), handler, name);
    return Template.fromStack(stack);
  };

  test('with a handler that is in the project', () => {
    synth('tiny.lambda_function.lambda_handler');
    synth('tiny/lambda_function.lambda_handler');
  });

  test('with one that is not: the function is named, and the nearest', () => {
    expect(errorOf(() => synth('tiny.lambda_function.lambda_handlr'))).toMatch(
      /(Function|Singleton).* the handler's module tiny\.lambda_function has no lambda_handlr, got "tiny\.lambda_function\.lambda_handlr"; correct it\n\nhint: did you mean tiny\.lambda_function\.lambda_handler\n/,
    );
    expect(errorOf(() => synth('tinny.lambda_function.lambda_handler'))).toContain('the handler\'s module tinny.lambda_function is not in the installed project');
    expect(errorOf(() => synth('tiny.lambda_function.lambda_handlr', 'python3.13', { handler: 'tiny.lambda_function.lambda_handler' }))).toContain('has no lambda_handlr');
    synth('nowhere.at_all', 'python3.13', { skipChecks: [ContractCheck.HANDLER] });
  });

  test('with a runtime of another language', () => {
    for (const name of ['nodejs22.x', 'java21', 'dotnet8', 'ruby3.4', 'go1.x']) {
      expect(errorOf(() => synth('tiny.lambda_function.lambda_handler', name))).toContain(`the function does not run on Python, but its code is tiny, got "${name}"; set runtime to a Python`);
    }
    synth('bootstrap', 'provided.al2023');
  });

  test('in another region than the bucket\'s', () => {
    const stack = newStack();
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Elsewhere', { bucketName: 'artifacts', region: 'us-east-2' });
    expect(errorOf(() => {
      use(stack, newSource(stack, { bucket }), 'tiny.lambda_function.lambda_handler', 'python3.13');
      Template.fromStack(stack);
    })).toMatch(/Lambda in eu-west-1 takes code from buckets of its own region alone, and the artifact's is in another, got "us-east-2"; make the PipSourceArtifact in a stack of eu-west-1, with a bucket of that region/);
  });

  test('a placeholder does not get there', () => {
    const app = newApp();
    const stack = newStack(app);
    stack.node.setContext('aws:cdk:bundling-stacks', []);
    const source = newSource(stack);
    use(newStack(app, 'Other'), source, 'tiny.lambda_function.lambda_handler', 'python3.13');
    // where the version is not known without a build, the literal key of the test is none of ours
    expect(errorOf(() => app.synth())).toContain('the function\'s code was not built');
  });

  test('of another stack: what is exported for it keeps its name when the version changes', () => {
    const exportsOf = (version: string) => {
      const app = newApp();
      const [stack, other] = [newStack(app, 'A'), newStack(app, 'B')];
      const source = newSource(stack, { version });
      if (use !== WAYS[4][1]) use(other, source, 'tiny.lambda_function.lambda_handler', 'python3.13');
      const template = Template.fromStack(stack).toJSON();
      expect(JSON.stringify(Template.fromStack(other).toJSON())).toContain(use === WAYS[4][1] ? '' : `lambda/source/${version}/source.zip`);
      if (use !== WAYS[4][1]) expect(other.dependencies).toContain(stack);
      return Object.values<any>(template.Outputs ?? {}).map(({ Export }) => Export.Name).sort();
    };
    expect(exportsOf('2.0')).toEqual(exportsOf('1.0'));
  });
});

test('a handler may be that of a layer, but a misspelt one of the project is not', async () => {
  const synth = (handler: string, layers: (stack: Stack) => lambda.ILayerVersion[]) => {
    const stack = newStack();
    new lambda.Function(stack, 'Function', { runtime, handler, code: newSource(stack).code, layers: layers(stack) });
    Template.fromStack(stack);
  };
  const foreign = (stack: Stack) => [lambda.LayerVersion.fromLayerVersionArn(stack, 'Layer', `arn:aws:lambda:eu-west-1:${TWO}:layer:wrapper:1`)];
  synth('datadog_lambda.handler.handler', foreign);
  expect(errorOf(() => synth('tiny.lambda_function.nothing', foreign))).toContain('has no nothing');
  const wheels = temporaryFolder();
  await writeWheel(wheels, { name: 'tool-box', version: '1.0' });
  const project = writeFiles(temporaryFolder(), { 'requirements.txt': 'tool-box==1.0\n' });
  const ours = (stack: Stack) => [new PipDependencyLayer(stack, 'Layer', { entry: project, runtime, pipArgs: ['--no-index', '--find-links', wheels] })];
  synth('tool_box.wrap', ours);
  expect(errorOf(() => synth('tinny.lambda_function.lambda_handler', ours))).toContain('tinny.lambda_function is not in the installed project');
});

describe('a layer version of the code', () => {
  test('is refused in another region, and with a placeholder', () => {
    const stack = newStack();
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Elsewhere', { bucketName: 'artifacts', region: 'us-east-2' });
    expect(errorOf(() => new lambda.LayerVersion(stack, 'Layer', { code: newSource(stack, { bucket }).code }))).toMatch(/^Stack\/Layer: Lambda in eu-west-1 takes code/);
    for (const cfn of [false, true]) {
      const app = newApp();
      const unbundled = newStack(app);
      unbundled.node.setContext('aws:cdk:bundling-stacks', []);
      const source = newSource(unbundled);
      const other = newStack(app, 'Other');
      if (cfn) new lambda.CfnLayerVersion(other, 'Layer', { content: { s3Bucket: source.bucket.bucketName, s3Key: source.objectKey } });
      else new lambda.LayerVersion(other, 'Layer', { code: source.code });
      expect(errorOf(() => app.synth())).toContain('the function\'s code was not built');
    }
  });

  test('is warned of: Python does not look there', () => {
    const stack = newStack();
    new lambda.LayerVersion(stack, 'Layer', { code: newSource(stack).code });
    Annotations.fromStack(stack).hasWarning('/Stack/Layer', Match.stringLikeRegexp('/opt/python'));
  });
});

describe('EdgeFunction', () => {
  const newEdge = (stack: Stack, { code, handler }: PipSourceArtifact) => new cloudfront.experimental.EdgeFunction(stack, 'Edge', { runtime, handler, code });

  test('outside of us-east-1: the bucket and the artifact have to be there', () => {
    const stack = newStack();
    expect(errorOf(() => newEdge(stack, newSource(stack)))).toMatch(/Edge: Lambda in us-east-1 takes code from buckets of its own region alone, .* got "eu-west-1"; make the PipSourceArtifact in a stack of us-east-1/);
    const other = newStack();
    const bucket = s3.Bucket.fromBucketAttributes(other, 'Elsewhere', { bucketName: 'artifacts', region: 'us-east-1' });
    expect(errorOf(() => newEdge(other, newSource(other, { bucket })))).toMatch(/Edge: the function is in a stack of us-east-1 that is deployed before the artifact's, which is in another region, got "eu-west-1"/);
  });

  test('with an artifact of a stack in us-east-1', () => {
    const app = newApp();
    const source = newSource(newStack(app, 'Artifacts', 'us-east-1'));
    newEdge(newStack(app, 'Here', 'us-east-1'), source);
    newEdge(newStack(app, 'There', 'eu-west-1'), source);
    app.synth();
  });
});

describe('a bucket of another account', () => {
  const newOwner = (app: App, encryptionKey = false) => {
    const owner = newStack(app, 'Owner', 'eu-west-1', TWO);
    return { owner, bucket: new s3.Bucket(owner, 'B', { bucketName: 'artifacts-of-two', ...encryptionKey ? { encryptionKey: new kms.Key(owner, 'Key') } : {} }) };
  };

  test('that the app makes: its policies let publish and read, and no more', () => {
    const app = newApp();
    const { owner, bucket } = newOwner(app, true);
    const stack = newStack(app);
    const source = newSource(stack, { bucket });
    new lambda.Function(stack, 'Function', { runtime, handler: source.handler, code: source.code });
    const policy = Object.values(Template.fromStack(owner).findResources('AWS::S3::BucketPolicy'))[0].Properties.PolicyDocument.Statement;
    const bucketArn = { 'Fn::GetAtt': [expect.stringMatching(/^B/), 'Arn'] };
    const Principal = { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${ONE}:root`]] } };
    expect(policy).toEqual(expect.arrayContaining([
      { Effect: 'Allow', Principal, Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObject', 's3:PutObjectTagging'], Resource: { 'Fn::Join': ['', [bucketArn, '/lambda/source/*']] } },
      { Effect: 'Allow', Principal, Action: 's3:ListBucket', Resource: bucketArn },
    ]));
    expect(JSON.stringify(Object.values(Template.fromStack(owner).findResources('AWS::KMS::Key'))[0].Properties.KeyPolicy)).toContain('"kms:Decrypt","kms:GenerateDataKey"');
    expect(JSON.stringify(Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')))).toContain(`:kms:eu-west-1:${TWO}:key/*`);
    expect(stack.dependencies).toContain(owner);
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test('of many prefixes: the policy stays within its 20 KB', () => {
    const app = newApp();
    const { owner, bucket } = newOwner(app);
    const stack = newStack(app);
    for (let i = 0; i < 200; i++) new PipSourceArtifact(stack, `Source${i}`, { entry, bucket, prefix: `${'team'.repeat(10)}-${i}/` });
    const policy = JSON.stringify(Object.values(Template.fromStack(owner).findResources('AWS::S3::BucketPolicy'))[0].Properties.PolicyDocument);
    expect(policy.length).toBeLessThan(20_000);
    expect(policy).toContain('*source/*');
  });

  test('that is imported: a warning with the statements, for a function of a third account too', () => {
    const app = newApp();
    const stack = newStack(app);
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Theirs', { bucketName: 'theirs', account: TWO });
    const source = newSource(stack, { bucket });
    Annotations.fromStack(stack).hasWarning('/Stack/Source', Match.stringLikeRegexp(
      `the bucket is of account ${TWO}: its policy has to allow the publishing function, of account ${ONE}, [^]*"Principal":[^]*"AWS":"${ONE}"[^]*"arn:aws:s3:::theirs/lambda/source/\\*"[^]*"s3:ListBucket"[^]*"arn:aws:s3:::theirs"`,
    ));
    const third = newStack(app, 'Third', 'eu-west-1', '333333333333');
    new lambda.Function(third, 'Function', { runtime, handler: source.handler, code: source.code });
    Annotations.fromStack(stack).hasWarning('/Stack/Source', Match.stringLikeRegexp('allow Lambda, of account 333333333333, [^]*"s3:GetObject"'));
  });
});

test('a layer of another stack: its export cannot change, which is said', async () => {
  const wheels = temporaryFolder();
  await writeWheel(wheels, { name: 'tool-box', version: '1.0' });
  const project = writeFiles(temporaryFolder(), { 'requirements.txt': 'tool-box==1.0\n' });
  const app = newApp();
  const [stack, other] = [newStack(app, 'A'), newStack(app, 'B')];
  const nested = new NestedStack(stack, 'Nested');
  const layer = new PipDependencyLayer(stack, 'Layer', { entry: project, runtime, pipArgs: ['--no-index', '--find-links', wheels] });
  const source = newSource(stack, { layers: [layer] });
  for (const scope of [stack, nested, other]) new lambda.Function(scope, 'Function', { runtime, handler: source.handler, code: source.code, layers: source.layers });
  app.synth();
  const warned = app.node.findAll().filter(({ node }) => node.metadata.some(({ data }) => /layerOfOtherStack|is of another stack, which exports its ARN/.test(String(data))));
  expect(warned.map(({ node }) => node.path)).toEqual(['B/Function/Resource']);
});

test('the key as an attribute within a stack and its nested ones, literal elsewhere', () => {
  const app = newApp();
  const stack = newStack(app, 'A');
  const nested = new NestedStack(stack, 'Nested');
  const source = newSource(stack);
  new lambda.Function(nested, 'Function', { runtime, handler: source.handler, code: lambda.Code.fromBucket(source.bucket, source.objectKey) });
  expect(JSON.stringify(Template.fromStack(nested).toJSON())).toMatch(/"S3Key":\{"Ref":"reference/);
  Template.fromStack(stack).resourceCountIs(PUBLICATION, 1);
});
