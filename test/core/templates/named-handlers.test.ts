import * as path from 'node:path';
import { expect, test } from 'vitest';
import { namedHandlers } from '../../../lib/core/templates/named-handlers';
import { temporaryFolder, writeFiles } from '../../setup/projects';

const SAM = `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: hello_world/
      Handler: app.lambda_handler
      Environment: { Variables: { TABLE: !Ref Table, NAME: !Sub '\${AWS::StackName}-x', ARN: !GetAtt Table.Arn, LIST: !Join [',', [a, !ImportValue b]] } }
  Node:
    Type: AWS::Serverless::Function
    Properties: { Runtime: nodejs22.x, Handler: index.handler }
  Plain:
    Type: AWS::Lambda::Function
    Properties: { Code: ./orders, Handler: main.handler, Runtime: !Ref Runtime }
  Zip:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: s3://bucket/key.zip, Handler: zipped.handler }
  Table: { Type: AWS::DynamoDB::Table }
`;

const SERVERLESS = `service: x
provider: { name: aws, runtime: python3.12 }
custom: \${file(custom.yml)}
functions:
  hello: { handler: handler.hello }
  nested: { handler: src/api/orders.create, events: [ { http: 'GET /' } ] }
  js: { handler: index.main, runtime: nodejs20.x }
`;

const named = async (files: Readonly<Record<string, string>>, place = '.') => {
  const folder = writeFiles(path.join(temporaryFolder(), 'x'), { 'a/b': '', ...files });
  return namedHandlers(path.join(folder, place), folder);
};

test.each<[string, Record<string, string>, readonly string[], string?]>([
  ['template.yaml', { 'template.yaml': SAM }, ['hello_world/app.lambda_handler', 'orders/main.handler', 'zipped.handler']],
  ['template.json', { 'template.json': JSON.stringify({ Resources: { A: { Type: 'AWS::Lambda::Function', Properties: { Handler: 'a.b', Code: { ZipFile: '' } } } } }) }, ['a.b']],
  ['serverless.yml', { 'serverless.yml': SERVERLESS }, ['handler.hello', 'src/api/orders.create']],
  ['functions in a list', { 'serverless.yml': 'functions:\n  - a: { handler: a.b }\n  - ${file(more.yml)}\n' }, ['a.b']],
  ['a template above, of functions whose code is in the folder', { 'template.yaml': SAM }, ['app.lambda_handler'], 'hello_world'],
  ['serverless.yml above', { 'serverless.yml': SERVERLESS }, ['api/orders.create'], 'src'],
  ['a template that is broken', { 'template.yaml': 'Resources:\n  a: [Handler\n  b: }' }, []],
  ['another YAML', { 'template.yaml': '- Handler: a.b\n', 'serverless.yml': 'handler' }, []],
  ['aliases without end', { 'template.yaml': 'Handler: &a [*b]\nResources: &b { x: *a, y: *b }' }, []],
  ['none', {}, []],
])('%s', async (_, files, expected, place) => {
  expect(await named({ ...files, 'hello_world/app.py': '', 'src/x.py': '' }, place)).toEqual(expected);
});
