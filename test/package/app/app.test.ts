import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
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
