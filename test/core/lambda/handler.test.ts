import { describe, expect, test } from 'vitest';
import { checkHandler, chooseHandler, readModuleNames, topLevelNames } from '../../../lib/core/lambda/handler';

describe('the names that a module binds at its top', () => {
  test.each<[string, string, string[]]>([
    ['functions and classes', 'async def a(x):\n    inner = 1\n    def nested(): pass\nclass B:\n    def method(self): pass\n', ['a', 'B']],
    ['assignments', 'a = 1\nb: int = 2\nc = d = 3\ne, f = 4, 5\n(g, h) = 6, 7\ni == 8\nj += 1\ncall(k=1)\n', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']],
    ['imports', 'import os\nimport os.path as p, sys\nfrom x import (\n    a as b,  # why\n    c,\n)\nfrom y import d\n', ['os', 'p', 'sys', 'b', 'c', 'd']],
    ['blocks', 'if True:\n    def a(): pass\nelse:\n    from x import b\ntry:\n    c = 1\nexcept ImportError:\n    d = None\n', ['a', 'b', 'c', 'd']],
    ['continued lines', 'from x import a, \\\n    b\n', ['a', 'b']],
    ['decorated', '@app.route(\n    "/"\n)\ndef a(): pass\n', ['a']],
    ['more than can be read', 'from x import *\n', ['*']],
    ['made by code', 'globals()["a"] = 1\n', ['*']],
    ['module __getattr__', 'def __getattr__(name): ...\n', ['__getattr__', '*']],
    ['line endings of Windows', 'def a(): pass\r\nb = 1\r\n', ['a', 'b']],
  ])('%s', (_, source, names) => {
    expect(topLevelNames(source)).toEqual(names);
  });
});

const modules = readModuleNames([
  ['app/__init__.py', ''],
  ['app/lambda_function.py', 'def lambda_handler(event, context): ...\ndef helper(): ...\n'],
  ['app/dynamic.py', 'from .lambda_function import *\n'],
  ['app-1.0.dist-info/setup.py', 'x = 1'],
].map(([path, content]) => ({ path, content: Buffer.from(content), executable: false })));

test('the only lambda_function.py gives the handler', () => {
  expect(chooseHandler(modules)).toBe('app.lambda_function.lambda_handler');
  expect(chooseHandler({ lambda_function: ['lambda_handler'] })).toBe('lambda_function.lambda_handler');
});

test('accepts what Lambda accepts', () => {
  for (const handler of ['app.lambda_function.lambda_handler', 'app/lambda_function.helper', 'app.dynamic.lambda_handler']) {
    expect(() => checkHandler(handler, modules)).not.toThrow();
  }
});

test.each([
  ['app.lambda_functoin.lambda_handler', 'the handler\'s module app.lambda_functoin is not in the installed project, got "app.lambda_functoin.lambda_handler"; correct it\n\nhint: did you mean app.lambda_function, app.dynamic, app'],
  ['app.lambda_function.handler', 'the handler\'s module app.lambda_function has no handler, got "app.lambda_function.handler"; correct it\n\nhint: did you mean app.lambda_function.lambda_handler, app.lambda_function.helper'],
  ['handler', 'the handler is not of the form <module>.<function>, got "handler"; write it as Python would import it\n\nhint: did you mean app.lambda_function.lambda_handler'],
  ['toString.x', 'the handler\'s module toString is not in the installed project, got "toString.x"; correct it\n\nhint: did you mean app, app.dynamic, app.lambda_function'],
])('fails: %s', (handler, message) => {
  expect(() => checkHandler(handler, modules)).toThrow(message);
});

test('fails: no handler, or several', () => {
  expect(() => chooseHandler({ app: ['lambda_handler'] })).toThrow('the project has no lambda_function.py with a lambda_handler, got []; set handler to <module>.<function>');
  expect(() => chooseHandler({ 'a.lambda_function': ['lambda_handler'], 'b.lambda_function': ['lambda_handler'] })).toThrow(
    'the project has more than one lambda_function.py with a lambda_handler, got ["a.lambda_function.lambda_handler","b.lambda_function.lambda_handler"]; set handler to <module>.<function>',
  );
});
