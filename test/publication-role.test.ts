import * as path from 'node:path';
import { App, DefaultStackSynthesizer, Stack, Tags, type AppProps, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { PipSourceArtifact } from '../lib/index';
import { tinyProject } from './pipeline/projects';
import { temporaryFolder } from './setup/projects';
import { PublicationPolicies } from '../lib/publication/policies';
import { foldPrefixes, POLICY_SIZES } from '../lib/publication/role-policies';

let entry: string;

beforeAll(() => {
  entry = tinyProject();
});

function newApp(context: AppProps['context'] = {}): App {
  return new App({ context, outdir: path.join(temporaryFolder(), 'cdk.out') });
}

function newStack(props: StackProps = { env: { region: 'eu-west-1', account: '111111111111' } }, context: AppProps['context'] = {}): Stack {
  return new Stack(newApp(context), 'Stack', props);
}

interface Statement { readonly Effect: string; readonly Condition?: unknown; readonly Action: string[]; readonly Resource: string[] }
interface Policies { readonly inline: Statement[]; readonly managed: Statement[][] }

/** A reviver: what CloudFormation puts in, as long as it can be. */
function resolve(_: string, value: any): unknown {
  if (value?.Ref === 'AWS::Partition') return 'aws';
  if (value?.['Fn::GetAtt']) return `arn:aws:s3:::${'b'.repeat(63)}`;
  return value?.['Fn::Join'] ? JSON.parse(JSON.stringify(value['Fn::Join'][1], resolve)).join('') : value;
}

/** The policies as IAM has them, each name that is made at deploy as long as it can be. */
function policiesOf(stack: Stack): Policies {
  const template = Template.fromStack(stack);
  const read = (document: unknown) => {
    const policy = JSON.stringify(document, resolve);
    return { size: policy.length, statements: JSON.parse(policy).Statement };
  };
  const [role] = Object.values(template.findResources('AWS::IAM::Role')).map(({ Properties }) => Properties);
  const inline = role.Policies.map(({ PolicyDocument }: any) => read(PolicyDocument));
  const managed = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).map(({ Properties }) => read(Properties.PolicyDocument));
  expect(inline.reduce((sum: number, { size }: { readonly size: number }) => sum + size, 0)).toBeLessThanOrEqual(10_240);
  for (const { size } of managed) expect(size).toBeLessThanOrEqual(6_144);
  expect(managed.length + (role.ManagedPolicyArns ?? []).length).toBeLessThanOrEqual(10);
  return { inline: inline.flatMap(({ statements }: any) => statements), managed: managed.map(({ statements }) => statements) };
}

/** The resources of an action, with `?` and `*` as IAM reads them. */
function resourcesOf({ inline, managed }: Policies, action: string): string[] {
  return [...inline, ...managed.flat()].filter(({ Effect, Action }) => Effect === 'Allow' && Action.includes(action)).flatMap(({ Resource }) => Resource);
}

function isMatch(pattern: string, arn: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+]/g, '\\$&')).join('.*')}$`).test(arn);
}

/** A name of a bucket, as long as one can be; the number makes it another. */
const longName = (i: number) => `${'b'.repeat(59)}-${String(i).padStart(3, '0')}`;
/** A prefix, as long as one can be. */
const longPrefix = (i: number) => `${'p'.repeat(507)}${String(i).padStart(3, '0')}/`;

describe('policies of any size', () => {
  // 500 are above CloudFormation's number of resources: users who raise the CDK's own limit have a quota of theirs
  const context = { '@aws-cdk/core:stackResourceLimit': 0 };

  const PLACES: ReadonlyArray<[string, (i: number) => { readonly bucket: string; readonly prefix: string }]> = [
    ['one bucket, short prefixes', (i) => ({ bucket: 'artifacts', prefix: `services/service-${i}/` })],
    ['one bucket, the longest prefixes', (i) => ({ bucket: longName(0), prefix: longPrefix(i) })],
    ['a prefix of the longest in common', (i) => ({ bucket: longName(0), prefix: `${'p'.repeat(500)}/${i}/` })],
    ['fifty buckets, ten of the longest prefixes in each', (i) => ({ bucket: longName(i % 50), prefix: longPrefix(i) })],
    ['no prefix, and others', (i) => ({ bucket: longName(i % 50), prefix: i < 50 ? '' : longPrefix(i) })],
    ['300 buckets with the longest names and prefixes', (i) => ({ bucket: longName(i % 300), prefix: longPrefix(i) })],
  ];
  const REAL: typeof PLACES[number] = ['120 of them in a real stack, a bucket each', (i) => ({ bucket: longName(i), prefix: longPrefix(i) })];

  // the last one in a real stack too, with a bucket for each artifact: 500 of them take many seconds
  test.each([...PLACES, REAL])('500 artifacts: %s', (name, place) => {
    const stack = newStack(undefined, context);
    const places = Array.from({ length: name === REAL[0] ? 120 : 500 }, (_, i) => place(i));
    const buckets = new Map([...new Set(places.map(({ bucket }) => bucket))].map((bucket) => [bucket, s3.Bucket.fromBucketName(stack, bucket, bucket)]));
    let policies: Policies;
    if (name === REAL[0]) {
      places.forEach(({ bucket, prefix }, i) => new PipSourceArtifact(stack, `Source${i}`, { entry, bucket: buckets.get(bucket)!, prefix }));
      policies = policiesOf(stack);
    } else {
      const role = new PublicationPolicies(stack);
      for (const { bucket, prefix } of places) role.allow(s3.Bucket.fromBucketName(stack, `Staging of ${bucket}${prefix}`, 'staging'), buckets.get(bucket)!, prefix);
      const [inline, ...managed] = JSON.parse(JSON.stringify(stack.resolve(role.render(POLICY_SIZES)), resolve)) as Statement[][];
      [inline, ...managed].forEach((Statement, i) => expect(JSON.stringify({ Version: '2012-10-17', Statement }).length).toBeLessThanOrEqual(i === 0 ? 10_240 : 6_144));
      expect(managed.length).toBeLessThan(10);
      policies = { inline, managed };
    }
    const [writable, listable] = ['s3:PutObject', 's3:ListBucket'].map((action) => resourcesOf(policies, action));
    const arns = places.map(({ bucket, prefix }) => ({ bucket: `arn:aws:s3:::${bucket}`, key: `arn:aws:s3:::${bucket}/${prefix}source/1.0/source.zip` }));
    for (const { bucket, key } of arns) {
      expect(writable.some((pattern) => isMatch(pattern, key)), key).toBe(true);
      expect(listable).toContain(bucket);
    }
    // it may create objects, and replace none
    for (const { Effect, Action, Condition } of [...policies.inline, ...policies.managed.flat()].filter((statement) => statement.Action.includes('s3:PutObject'))) {
      const isDenied = policies.inline.some((other) => other.Effect === 'Deny' && JSON.stringify(other.Condition) === '{"Null":{"s3:if-none-match":"true"}}');
      expect([Effect, JSON.stringify(Condition), Action.length]).toEqual(isDenied ? [expect.any(String), Effect === 'Deny' ? '{"Null":{"s3:if-none-match":"true"}}' : undefined, Effect === 'Deny' ? 1 : 4] : ['Allow', '{"Null":{"s3:if-none-match":"false"}}', 1]);
    }
    // and no wider than the buckets' source/*
    for (const pattern of writable) expect(pattern).toMatch(/^arn:aws:s3:::[^*/]+\/([^*]*\*\/|[^*]*)source\/\*$/);
    expect(new Set(listable).size).toBe(buckets.size + 1); // and the staging bucket
  }, 120_000);

  test('what fits is named one by one, in the inline policy alone', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Bucket');
    for (let i = 0; i < 45; i++) new PipSourceArtifact(stack, `Source${i}`, { entry, bucket, prefix: `team-${i}/` });
    const policies = policiesOf(stack);
    expect(policies.managed).toEqual([]);
    expect(resourcesOf(policies, 's3:PutObject')).toHaveLength(45);
  });

  test('what is published waits for the managed policies', () => {
    const stack = newStack();
    for (let i = 0; i < 40; i++) new PipSourceArtifact(stack, `Source${i}`, { entry, bucket: s3.Bucket.fromBucketName(stack, `B${i}`, longName(i)), prefix: longPrefix(i) });
    const template = Template.fromStack(stack);
    const managed = Object.keys(template.findResources('AWS::IAM::ManagedPolicy'));
    expect(managed.length).toBeGreaterThan(0);
    template.hasResource('AWS::Lambda::Function', { DependsOn: Match.arrayWith(managed) });
  });

  test('more buckets than a role can name', () => {
    const stack = newStack(undefined, context);
    const add = () => {
      for (let i = 0; i < 500; i++) new PipSourceArtifact(stack, `Source${i}`, { entry, bucket: s3.Bucket.fromBucketName(stack, `B${i}`, longName(i)) });
    };
    expect(add).toThrow(/^Stack\/Source\d+: the artifacts of the stack are in more buckets than the policies of one role can name, got \d+; publish to fewer buckets/);
  }, 120_000);

  test.each([
    [['a/'], ['*/source/*']],
    [[''], ['source/*']],
    [['team/a/', 'team/b/'], ['team/*/source/*']],
    [['team/a/x/', 'team/a/y/', ''], ['team/a/*/source/*', 'source/*']],
    [['a/', 'b/c/'], ['*/source/*']],
    [['team/', 'team/a/'], ['*/source/*']],
    [[`${'x'.repeat(80)}/a/`, `${'x'.repeat(80)}/b/`], ['*/source/*']],
  ])('prefixes %j become %j', (prefixes, patterns) => {
    expect(foldPrefixes(prefixes)).toEqual(patterns);
  });
});

test('the app\'s tags are on what publishes: policies may demand them', () => {
  const stack = newStack();
  new PipSourceArtifact(stack, 'Source', { entry, bucket: new s3.Bucket(stack, 'Bucket') });
  Tags.of(stack.node.root).add('cost-center', '42');
  const template = Template.fromStack(stack);
  for (const type of ['AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup']) {
    // CloudFormation refuses a property that it does not know
    template.allResourcesProperties(type, { Tags: [{ Key: 'cost-center', Value: '42' }], tags: Match.absent() });
  }
});

describe('roles that the user makes', () => {
  const customized = (usePrecreatedRoles: Record<string, string>) => {
    const app = newApp();
    iam.Role.customizeRoles(app, { preventSynthesis: true, usePrecreatedRoles });
    const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1', account: '111111111111' } });
    const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/abc') });
    for (let i = 0; i < 120; i++) new PipSourceArtifact(stack, `Source${i}`, { entry, bucket, prefix: `${'p'.repeat(200)}${i}/` });
    return stack;
  };
  const ROLE = 'Stack/Custom::PipSourcePublicationCustomResourceProvider/Role';

  test('no role is made, and the report has what it has to allow', () => {
    const stack = customized({ [ROLE]: 'publisher' });
    const assembly = (stack.node.root as App).synth();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    expect(JSON.stringify(template.findResources('AWS::Lambda::Function'))).toContain(':role/publisher');
    const report = require(path.join(assembly.directory, 'iam-policy-report.json')); // eslint-disable-line @typescript-eslint/no-require-imports
    const [{ roleConstructPath, identityPolicyStatements }] = report.roles;
    expect(roleConstructPath).toBe(ROLE);
    expect(identityPolicyStatements.map(({ Action, Resource }: Statement) => [Action, Resource.length])).toEqual([
      [['s3:GetObject'], 1], [['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging'], 120], [['s3:PutObject'], 120], [['s3:ListBucket'], 2], [['kms:Decrypt', 'kms:GenerateDataKey'], 1], [['logs:CreateLogStream', 'logs:PutLogEvents'], 1],
    ]);
    expect(JSON.stringify(report)).not.toMatch(/Resolution error|Token\[/);
  });
});

test('the staging bucket\'s own key may be used to read what was staged', () => {
  class WithKey extends DefaultStackSynthesizer {
    override addFileAsset(...args: Parameters<DefaultStackSynthesizer['addFileAsset']>) {
      return { ...super.addFileAsset(...args), kmsKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/staging' };
    }
  }
  const stack = newStack({ synthesizer: new WithKey() });
  new PipSourceArtifact(stack, 'Source', { entry, bucket: new s3.Bucket(stack, 'Bucket') });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    Policies: [{ PolicyDocument: { Statement: Match.arrayWith([{ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: ['arn:aws:kms:eu-west-1:111111111111:key/staging'] }]) } }],
  });
});
