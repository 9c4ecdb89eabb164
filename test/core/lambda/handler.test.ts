import { expect, test } from 'vitest';
import { checkHandler, chooseHandler, type ModuleNames } from '../../../lib/core/lambda/handler';

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

test('fails: no handler, or several', () => {
  expect(() => chooseHandler({ app: names(['lambda_handler']) })).toThrow('the project has no lambda_function.py with a lambda_handler, got []; set handler to <module>.<function>');
  expect(() => chooseHandler({ 'a.lambda_function': names(['lambda_handler']), 'b.lambda_function': names(['lambda_handler']) })).toThrow(
    'the project has more than one lambda_function.py with a lambda_handler, got ["a.lambda_function.lambda_handler","b.lambda_function.lambda_handler"]; set handler to <module>.<function>',
  );
});
