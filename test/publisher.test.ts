// The function that publishes, in accounts that are locked down.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Aspects, DefaultStackSynthesizer, NestedStack, Stack, Stage, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyProject } from './pipeline/projects';
import { temporaryFolder } from './setup/projects';
import { PipPublisher, PipSourceArtifact, type PublisherOptions } from '../lib/index';

let entry: string;
const ACCOUNT = '111111111111';
const env = { region: 'eu-west-1', account: ACCOUNT };

beforeAll(() => {
  entry = tinyProject();
});

const newApp = () => new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });

function stackWith(options: (stack: Stack) => PublisherOptions): Stack {
  const stack = new Stack(newApp(), 'Stack', { env });
  PipPublisher.configure(stack, options(stack));
  new PipSourceArtifact(stack, 'Source', { entry });
  return stack;
}

/** Of the publishing function. */
function statementsOf(stack: Stack): any[] {
  const template = Template.fromStack(stack);
  const own = Object.values(template.findResources('AWS::IAM::Role')).flatMap(({ Properties }) => Properties.Policies ?? []).map(({ PolicyDocument }: any) => PolicyDocument);
  const attached = Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => Properties.PolicyDocument);
  return [...own, ...attached].flatMap(({ Statement }) => Statement);
}

describe('the log group', () => {
  test('is its own by default, for a year; the role may write to it, and to no other', () => {
    const stack = stackWith(() => ({}));
    const template = Template.fromStack(stack);
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'RetainExceptOnCreate', Properties: { RetentionInDays: 365, LogGroupName: Match.absent() } });
    const [name] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
    template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: name } } });
    expect(statementsOf(stack)).toContainEqual({ Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [{ 'Fn::GetAtt': [name, 'Arn'] }] });
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  test('has another retention and a key, which CloudWatch Logs may use', () => {
    const stack = stackWith((scope) => ({ logRetention: logs.RetentionDays.ONE_MONTH, logEncryptionKey: new kms.Key(scope, 'Key') }));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30, KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'], Principal: { Service: Match.anyValue() } })]) },
    });
    expect(JSON.stringify(template.findResources('AWS::KMS::Key'))).toContain('logs.');
  });

  test('may be one that is there', () => {
    const stack = stackWith((scope) => ({ logGroup: logs.LogGroup.fromLogGroupName(scope, 'Logs', '/platform/publishers') }));
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Logs::LogGroup', 0);
    template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: '/platform/publishers' } });
    expect(JSON.stringify(statementsOf(stack))).toContain(':log-group:/platform/publishers:*');
  });
});

test('network, environment, concurrency, owner of the buckets', () => {
  const stack = stackWith((scope) => ({
    vpc: new ec2.Vpc(scope, 'Vpc', { subnetConfiguration: [{ name: 'inner', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] }),
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    environment: { AWS_USE_FIPS_ENDPOINT: 'true' },
    reservedConcurrentExecutions: 2,
    expectedBucketOwner: ACCOUNT,
  }));
  PipSourceArtifact.fromPublishedVersion(stack, 'Old', { version: '0.9' });
  const template = Template.fromStack(stack);
  const [group] = Object.keys(template.findResources('AWS::EC2::SecurityGroup'));
  const subnets = Object.keys(template.findResources('AWS::EC2::Subnet'));
  expect(subnets.length).toBeGreaterThan(1);
  template.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: { SubnetIds: subnets.map((Ref) => ({ Ref })), SecurityGroupIds: [{ 'Fn::GetAtt': [group, 'GroupId'] }] },
    Environment: { Variables: { AWS_USE_FIPS_ENDPOINT: 'true' } },
    ReservedConcurrentExecutions: 2,
  });
  for (const type of ['Custom::PipSourcePublication', 'Custom::PipSourcePublishedVersion']) template.hasResourceProperties(type, { ExpectedBucketOwner: ACCOUNT });
  expect(statementsOf(stack)).toContainEqual({ Effect: 'Allow', Action: expect.arrayContaining(['ec2:CreateNetworkInterface']), Resource: ['*'] });
});

test('security groups that are given', () => {
  const stack = stackWith((scope) => {
    const vpc = new ec2.Vpc(scope, 'Vpc');
    return { vpc, securityGroups: [new ec2.SecurityGroup(scope, 'Group', { vpc })] };
  });
  Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroup', 1);
});

test('a permissions boundary comes through aspects, to all roles', () => {
  const stack = stackWith(() => ({}));
  iam.PermissionsBoundary.of(stack.node.root).apply(iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'));
  Template.fromStack(stack).allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.objectLike({ 'Fn::Join': Match.anyValue() }) });
});

describe('a role that is given', () => {
  test('gets a policy with all that is needed, and the function waits for it', () => {
    const stack = stackWith((scope) => ({ role: new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) }));
    new PipSourceArtifact(stack, 'Other', { entry, prefix: 'other/' });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 1);
    const [role] = Object.keys(template.findResources('AWS::IAM::Role'));
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: role }] });
    template.hasResource('AWS::Lambda::Function', { DependsOn: Match.arrayWith([policy]), Properties: { Role: { 'Fn::GetAtt': [role, 'Arn'] } } });
    expect(statementsOf(stack).filter(({ Action }) => Action.includes('s3:PutObject')).map(({ Resource }) => Resource.length)).toEqual([2]);
    expect(statementsOf(stack).flatMap(({ Action }) => Action)).toContain('logs:PutLogEvents');
  });

  test('that is imported gets it too, and one that takes no policies none', () => {
    const imported = Template.fromStack(stackWith((scope) => ({ role: iam.Role.fromRoleName(scope, 'Role', 'publisher') })));
    imported.hasResourceProperties('AWS::IAM::Policy', { Roles: ['publisher'] });
    for (const fixed of [
      (scope: Stack) => iam.Role.fromRoleArn(scope, 'Role', `arn:aws:iam::${ACCOUNT}:role/publisher`, { mutable: false }),
      (scope: Stack) => new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }).withoutPolicyUpdates(),
    ]) {
      const template = Template.fromStack(stackWith((scope) => ({ role: fixed(scope) })));
      template.resourceCountIs('AWS::IAM::Policy', 0);
      template.resourceCountIs('Custom::PipSourcePublication', 1);
    }
  });

  test.each<[string, (stack: Stack) => iam.IRole, RegExp]>([
    ['of another account', (stack) => iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::222222222222:role/publisher'), /^Stack\/Source: the role of the publishing function is of another account, got "222222222222"; take a role of account 111111111111 \[publisher-role-account\]$/],
    ['that Lambda may not assume', (stack) => new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }), /got "Stack\/Role"; let it be assumed by lambda\.amazonaws\.com \[publisher-role-trust\]$/],
  ])('fails: one %s', (_, role, message) => {
    expect(() => stackWith((stack) => ({ role: role(stack) }))).toThrow(message);
  });
});

describe('a staging bucket with a key of its own', () => {
  const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/staging`;

  test('that the synthesizer does not tell', () => {
    const stack = new Stack(newApp(), 'Stack', { env, synthesizer: new DefaultStackSynthesizer({ fileAssetsBucketName: 'staging' }) });
    PipPublisher.configure(stack, { stagingKey: kms.Key.fromKeyArn(stack, 'Key', KEY) });
    new PipSourceArtifact(stack, 'Source', { entry });
    expect(statementsOf(stack)).toContainEqual({ Effect: 'Allow', Action: ['kms:Decrypt'], Resource: [KEY] });
  });
});

describe('options are set once', () => {
  test('for an app, a stage or a stack: what is nearer goes before', () => {
    const app = newApp();
    PipPublisher.configure(app, { logRetention: logs.RetentionDays.ONE_WEEK, expectedBucketOwner: ACCOUNT });
    const stage = new Stage(app, 'Stage', { env });
    PipPublisher.configure(stage, { environment: { A: '1' } });
    const stack = new Stack(stage, 'Stack');
    PipPublisher.configure(stack, { logRetention: logs.RetentionDays.ONE_DAY });
    new PipSourceArtifact(new NestedStack(stack, 'Nested'), 'Source', { entry });
    new PipSourceArtifact(stack, 'Source', { entry });
    const other = new Stack(stage, 'Other');
    new PipSourceArtifact(other, 'Source', { entry });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { A: '1' } } });
    template.hasResourceProperties('Custom::PipSourcePublication', { ExpectedBucketOwner: ACCOUNT });
    Template.fromStack(other).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  test('the same again is no conflict, and more is added', () => {
    const app = newApp();
    for (const more of [{}, {}, { expectedBucketOwner: ACCOUNT }]) PipPublisher.configure(app, { environment: { A: '1' }, ...more });
    expect(() => PipPublisher.configure(app, { environment: { A: '2' } })).toThrow(
      /^PipPublisher: environment of the publishing function is set to something else already, got "\{\\"A\\":\\"1\\"\}"; set it once \[publisher-conflict\]$/);
    const stack = new Stack(app, 'Stack');
    const [one, two] = ['One', 'Two'].map((id) => new kms.Key(stack, id));
    PipPublisher.configure(stack, { stagingKey: one });
    expect(() => PipPublisher.configure(stack, { stagingKey: two })).toThrow(/^Stack: stagingKey .*, got "Stack\/One"; set it once/);
  });

  test.each(['app', 'stack'])('fails: for the %s, after its first artifact', (name) => {
    const stack = stackWith(() => ({}));
    expect(() => PipPublisher.configure(name === 'app' ? stack.node.root : stack, {})).toThrow(
      /: the publishing function is made already, got "Stack"; set its options before the first artifact of the stack, .* \[publisher-late\]$/);
    expect(() => PipPublisher.configure(new Stack(stack.node.root as App, 'Other'), {})).not.toThrow();
  });
});

test.each<[string, (stack: Stack) => PublisherOptions, RegExp]>([
  ['a variable of Lambda', () => ({ environment: { AWS_REGION: 'x' } }), /^Stack: the variable is one that Lambda sets itself, got "AWS_REGION"; leave it out of environment \[environment-reserved\]$/],
  ['another one', () => ({ environment: { AWS_LAMBDA_FUNCTION_NAME: 'x' } }), /\[environment-reserved\]$/],
  ['an account that is none', () => ({ expectedBucketOwner: '12345' }), /, got "12345"; write its 12 digits \[account-invalid\]$/],
  ['a log group and its retention', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs'), logRetention: logs.RetentionDays.ONE_DAY }), /, got "Stack\/Logs"; .* \[log-group-given\]$/],
  ['subnets without a network', () => ({ vpcSubnets: {} }), /^Stack\/Source: .*, got "vpcSubnets"; set vpc too \[vpc-missing\]$/],
])('fails: %s', (_, options, message) => {
  expect(() => stackWith(options)).toThrow(message);
});

test('an account that is known at deploy alone is let through', () => {
  expect(() => stackWith(() => ({ expectedBucketOwner: Token.asString({ Ref: 'AWS::AccountId' }) }))).not.toThrow();
});

describe('cdk-nag: no rule of AwsSolutions is broken, unless the reason is in the code', () => {
  const everything = (): Stack => {
    const stack = stackWith((scope) => ({ vpc: new ec2.Vpc(scope, 'Theirs') }));
    const bucket = new s3.Bucket(stack, 'Theirs2');
    const longest = Array.from({ length: 40 }, (_, i) => `${'p'.repeat(500)}${i}/`); // for managed policies
    const sources = longest.map((prefix, i) => new PipSourceArtifact(stack, `Source${i}`, { entry, prefix, bucket, protect: true }));
    new lambda.Function(stack, 'Theirs3', { runtime: lambda.Runtime.PYTHON_3_13, handler: 'tiny.lambda_function.lambda_handler', code: sources[0].code });
    return stack;
  };
  const findings = (stack: Stack) => {
    Aspects.of(stack.node.root).add(new AwsSolutionsChecks({ reports: false }));
    const annotations = Annotations.fromStack(stack);
    const found = [...annotations.findError('*', Match.stringLikeRegexp('AwsSolutions')), ...annotations.findWarning('*', Match.stringLikeRegexp('AwsSolutions'))];
    return found.map(({ id, entry: { data } }) => `${id}: ${String(data).slice(0, 80)}`);
  };

  const isTheirs = (finding: string) => /^[^:]*\/Theirs/.test(finding);

  test('in an app', () => {
    const all = findings(everything());
    expect(all.filter(isTheirs), 'it is looked').not.toEqual([]);
    expect(all.filter((finding) => !isTheirs(finding))).toEqual([]);
  });

  test('with a role that is given', () => {
    const stack = stackWith((scope) => ({ role: iam.Role.fromRoleName(scope, 'Role', 'publisher') }));
    expect(findings(stack)).toEqual([]);
  });

  test('in the template: it does not look at the resources of the CDK\'s own provider', () => {
    const templateFile = path.join(temporaryFolder(), 'template.json');
    const { Parameters: _parameters, Rules: _rules, ...template } = Template.fromStack(everything()).toJSON(); // the stack around has its own
    fs.writeFileSync(templateFile, JSON.stringify(template));
    const stack = new Stack(newApp(), 'Included', { env });
    new CfnInclude(stack, 'Template', { templateFile });
    const all = findings(stack);
    expect(all.filter(isTheirs), 'it is looked').not.toEqual([]);
    expect(all.filter((finding) => !isTheirs(finding))).toEqual([]);
  });
});
