import { expect, test } from 'vitest';
import { chooseHandler, findHandlers } from '../../../lib/core/lambda/choose-handler';
import { checkHandler, type ModuleNames } from '../../../lib/core/lambda/handler';

const names = (functions: string[], more: Partial<ModuleNames> = {}): ModuleNames => ({ functions, values: [], imports: [], isOpen: false, ...more });
const modules = {
  'app': names([]),
  'app.lambda_function': names(['lambda_handler', 'helper'], { values: ['version', 'wsgi'], imports: ['numpy'] }),
  'app.dynamic': names([], { isOpen: true }),
};

test('the only lambda_function.py gives the handler', () => {
  expect(chooseHandler(modules)).toBe('app.lambda_function.lambda_handler');
  expect(chooseHandler({ lambda_function: names(['lambda_handler']) })).toBe('lambda_function.lambda_handler');
});

test('what cannot be read may have one, if no other has', () => {
  expect(chooseHandler({ lambda_function: names([], { isOpen: true }) })).toBe('lambda_function.lambda_handler');
  expect(chooseHandler({ 'lambda_function': names([], { isOpen: true }), 'a.lambda_function': names([], { imports: ['lambda_handler'] }) })).toBe('a.lambda_function.lambda_handler');
});

test('accepts what Lambda accepts', () => {
  for (const handler of ['app.lambda_function.lambda_handler', 'app/lambda_function.helper', 'app.dynamic.lambda_handler', 'app.lambda_function.wsgi', 'app.lambda_function.numpy']) {
    expect(() => checkHandler(handler, modules)).not.toThrow();
  }
});

test.each([
  ['app.lambda_functoin.lambda_handler', 'the handler\'s module app.lambda_functoin is not in the installed project, got "app.lambda_functoin.lambda_handler"; correct it\n\nhint: did you mean app.lambda_function.lambda_handler'],
  ['app.lambda_functoin.main', 'the handler\'s module app.lambda_functoin is not in the installed project, got "app.lambda_functoin.main"; correct it\n\nhint: did you mean app.lambda_function, app.dynamic, app'],
  ['app.lambda_function.handler', 'the handler\'s module app.lambda_function has no handler, got "app.lambda_function.handler"; correct it\n\nhint: did you mean app.lambda_function.lambda_handler, app.lambda_function.helper'],
  ['app.lambda_function.wsgl', 'has no wsgl, got "app.lambda_function.wsgl"; correct it\n\nhint: did you mean app.lambda_function.wsgi, app.lambda_function.helper, app.lambda_function.lambda_handler'],
  ['handler', 'the handler is not of the form <module>.<function>, got "handler"; write it as Python would import it\n\nhint: did you mean app.lambda_function.lambda_handler'],
  ['toString.x', 'the handler\'s module toString is not in the installed project, got "toString.x"; correct it\n\nhint: did you mean app, app.dynamic, app.lambda_function'],
])('fails: %s', (handler, message) => {
  expect(() => checkHandler(handler, modules)).toThrow(message);
});

const ADVICE = 'set handler to <module>.<function>, or handler in [tool.pip-source-artifact] of pyproject.toml';

test('fails: no handler, or several', () => {
  expect(() => chooseHandler({ app: names(['main']) })).toThrow(`the project has no lambda_function.py with a lambda_handler, nor another function that looks like a handler, got []; ${ADVICE}`);
  expect(() => chooseHandler({ 'a.lambda_function': names(['lambda_handler']), 'b.lambda_function': names(['lambda_handler']) })).toThrow(
    `the project has more than one handler, got ["a.lambda_function.lambda_handler","b.lambda_function.lambda_handler"]; ${ADVICE}`,
  );
  expect(() => chooseHandler({ app: names([], { handlers: Array.from({ length: 12 }, (_, i) => `on_event_${i}`) }) })).toThrow(/"app\.on_event_9","… 2 more"\]/);
});

const like = (...handlers: string[]) => names(handlers, { handlers });

test.each<[string, Record<string, ModuleNames>, string[], string[]]>([
  ['the only function that looks like one', { index: like('hello'), util: names(['load']) }, [], ['index.hello']],
  ['the usual name goes before others', { index: like('handler', 'on_event'), util: like('on_record') }, [], ['index.handler']],
  ['two other arguments come last', { signals: names(['handler'], { possibleHandlers: ['handler'] }), main: like('run') }, [], ['main.run']],
  ['two other arguments, where nothing else is', { a: names(['handler'], { possibleHandlers: ['handler'] }) }, [], ['a.handler']],
  ['not that of an __init__.py at the top', { '': like('handler'), 'a': like('run') }, [], ['a.run']],
  ['all of the usual name', { a: like('handler'), b: like('lambda_handler') }, [], ['a.handler', 'b.lambda_handler']],
  ['not those of tests', { 'app': like('run'), 'tests.test_app': like('handler'), 'test_app': like('handler'), 'conftest': like('handler') }, [], ['app.run']],
  ['lambda_function.py goes before others', { 'a.lambda_function': names([], { imports: ['lambda_handler'] }), 'b': like('handler') }, [], ['a.lambda_function.lambda_handler']],
  ['what the template names goes before all', { lambda_function: names(['lambda_handler']), api: like('main') }, ['api.main'], ['api.main']],
  ['several in the template', { api: like('a', 'b', 'c') }, ['api.a', 'api.b'], ['api.a', 'api.b']],
  ['what the template names and the tree has not', { api: like('main') }, ['gone.main', 'api.other', 'x'], ['api.main']],
  ['a folder in front that the tree has not', { app: names(['run']) }, ['hello_world/app.run'], ['app.run']],
  ['a folder in front that the template has not', { 'hello.app': names(['run']) }, ['app.run'], ['hello.app.run']],
  ['the folder tells two apart', { 'a.app': names(['run']), 'b.app': names(['run']) }, ['./b/app.run'], ['b.app.run']],
  ['nothing', { app: names(['run']) }, [], []],
])('finds %s', (_, tree, named, expected) => {
  const found = findHandlers(tree, named);
  expect(found).toEqual(expected);
  if (expected.length === 1) expect(chooseHandler(tree, named)).toBe(expected[0]);
});
