import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { GreetingsStack } from '../lib/greetings-stack';

test('the function runs the published version', () => {
  const stack = new GreetingsStack(new App(), 'Greetings'); // the project is built
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    Handler: 'my_lambda_app.lambda_function.lambda_handler',
    Code: { S3Key: 'lambda/source/0.1.1/source.zip' },
    Layers: Match.anyValue(),
  });
  expect(stack.greeter.source.version).toBe('0.1.1');
  expect(stack.greeter.source.sourceSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('nothing is built where nothing is bundled', () => {
  const stack = new GreetingsStack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Greetings');
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::LayerVersion', 1);
  expect(stack.greeter.source.sourceSha256).toBe('0'.repeat(64));
});
