import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { PipDependencyLayer } from 'cdk-pip-source-artifact';
import { makeStack } from './app';

test('the function has the built project, and its layer', () => {
  const template = Template.fromStack(makeStack());
  template.hasResourceProperties('AWS::Lambda::Function', { Handler: 'flat_app.lambda_function.lambda_handler' });
  template.hasResourceProperties('AWS::Lambda::LayerVersion', { CompatibleRuntimes: ['python3.13'], CompatibleArchitectures: ['x86_64'] });
});

test('nothing is built when the app asks for no bundling', () => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [], 'python': '/nowhere/python' } });
  Template.fromStack(makeStack(app)).hasResourceProperties('Custom::PipSourcePublication', { SourceSha256: '0'.repeat(64) });
});

test('a layer is for each Python runtime that this aws-cdk-lib knows, from 3.8 on', () => {
  const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Runtimes');
  const runtimes = Runtime.ALL.filter(({ name }) => /^python3\.([89]|\d\d)$/.test(name));
  expect(runtimes.length).toBeGreaterThanOrEqual(7);
  for (const runtime of runtimes) new PipDependencyLayer(stack, runtime.name, { entry: 'my-lambda-project', runtime });
});
