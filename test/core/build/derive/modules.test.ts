import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { readModules } from '../../../../lib/core/build/derive/modules';
import type { FoundInstaller } from '../../../../lib/core/installer/find';
import { temporaryFolder, writeFiles } from '../../../setup/projects';

const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
const read = async (sources: Readonly<Record<string, string | Buffer>>, cacheFolder?: string, file = python) => {
  const files = Object.entries(sources).map(([name, content]) => ({ path: name, executable: false, content: Buffer.from(content) }));
  return readModules(files, { python: file, identity: 'a Python' } as FoundInstaller, { entry: '/project', cacheFolder });
};

const H = 'lambda_handler';

// each form binds lambda_handler
const FORMS: Readonly<Record<string, string>> = {
  'function': `def ${H}(event, context): ...`,
  'coroutine': `async def ${H}(event, context): ...`,
  'decorated': `@app.route(\n    "/"\n)\ndef ${H}(e, c): ...`,
  'class': `class ${H}: ...`,
  'assignment': `${H} = make()`,
  'chain': `a = ${H} = make()`,
  'tuple': `a, (b, ${H}) = make()`,
  'tuple over lines': `(\n    a,\n    ${H},\n) = make()`,
  'starred': `a, *${H} = make()`,
  'annotation over lines': `${H}: Callable[\n    [dict, object],\n    dict,\n] = make()`,
  'walrus': `print(${H} := make())`,
  'lambda': `${H} = lambda e, c: (\n    1\n)`,
  'import': `import ${H}`,
  'import as': `import x.y as ${H}`,
  'import over lines': `from x import (\n    a,  # (why\n    ${H},  # )\n)`,
  'import continued': `from x import a, \\\n    ${H}`,
  'if': `if a:\n    def ${H}(e, c): ...\nelse:\n    def other(): ...`,
  'else on one line': `if a: pass\nelse: ${H} = b`,
  'try': `try:\n    from a import ${H}\nexcept ImportError:\n    ${H} = None`,
  'with': `with a as ${H}:\n    pass`,
  'for': `for ${H} in a: pass`,
  'while': `while True:\n    def ${H}(e, c): ...\n    break`,
  'match': `match a:\n    case {"b": ${H}}: pass`,
  'global in a function': `def make():\n    global ${H}\n    ${H} = 1\nmake()`,
  'semicolons': `a = 1; ${H} = 2`,
  'after a text over lines': `"""\ndef a(): (\n"""\n${H} = 1`,
  'after a form feed': `a = 1\n\f\ndef ${H}(e, c): ...`,
  'line endings of Windows': `a = 1\r\ndef ${H}(e, c): ...\r\n`,
  'tabs': `if a:\n\tdef ${H}(e, c): ...`,
  'another encoding': `# -*- coding: latin-1 -*-\ndef ${H}(e, c): return "\xe9"`,
  'BOM': `\ufeffdef ${H}(e, c): ...`,
};

// of these it cannot be known
const OPEN: Readonly<Record<string, string>> = {
  'star import': 'from x import *',
  'star import in a block': 'if a:\n    from x import *',
  '__getattr__': 'def __getattr__(name): ...',
  '__getattr__ of elsewhere': 'from x import __getattr__',
  'globals': 'globals()["a"] = 1',
  'globals in a function': 'def make(name):\n    globals()[name] = 1',
  'vars': 'vars()["a"] = 1',
  'exec': 'exec("a = 1")',
  'sys.modules': 'import sys\nsys.modules[__name__].a = 1',
  'another Python': 'print "2"',
  'no Python': '\0',
};

test('what Python binds is known, and what it may bind is open', async () => {
  const sources = Object.fromEntries([...Object.entries(FORMS), ...Object.entries(OPEN)].map(([name, text]) => [`${name}.py`, name === 'another encoding' ? Buffer.from(text, 'latin1') : text]));
  const modules = await read(sources);
  const unknown = Object.keys(FORMS).filter((name) => {
    const { functions, values, imports, isOpen } = modules[name];
    return isOpen || ![...functions, ...values, ...imports].includes(H);
  });
  expect(unknown).toEqual([]);
  expect(Object.keys(OPEN).filter((name) => !modules[name].isOpen)).toEqual([]);
});

test('what is no name of the module is not taken for one', async () => {
  const { app } = await read({ 'app.py': 'a: int\nif b == c: pass\nx.y = 1\nz["k"] = 2\ndef f(p):\n    q = 1\n    def r(): ...\nclass C:\n    s = 1\ncall(t=1)\n[u for u in v]\n# def w(): ...\n' });
  expect(app).toEqual({ functions: ['f'], handlers: [], possibleHandlers: [], values: ['C', 'u'], imports: [], isOpen: false });
});

test('of a large library the likely modules are read, and the others are open', async () => {
  const filler = '# filler\n'.repeat(70_000);
  const modules = await read({
    'lib/__init__.py': filler,
    'lib/a.py': filler,
    'lib/handlers.py': 'def handler(e, c): ...\n',
    'lib/lambda_function.py': 'def lambda_handler(e, c): ...\n',
    'lib-1.0.dist-info/x.py': 'a = 1\n',
  });
  expect(Object.entries(modules).map(([name, { functions, isOpen }]) => [name, functions.length, isOpen])).toEqual([
    ['lib', 0, false], ['lib.a', 0, true], ['lib.handlers', 1, false], ['lib.lambda_function', 1, false],
  ]);
});

test('what a module binds is kept until its source changes', async () => {
  const cache = temporaryFolder();
  const sources = { 'a.py': 'def f(event, context): ...', 'b.py': 'x = 1', 'pack/__init__.py': 'x = 1', 'other.py': 'print "2"' };
  const modules = await read(sources, cache);
  expect(modules).toEqual(await read(sources));

  const broken = writeFiles(temporaryFolder(), { python: '#!/bin/sh\nexit 1\n' });
  fs.chmodSync(path.join(broken, 'python'), 0o755);
  expect(await read(sources, cache, path.join(broken, 'python'))).toEqual(modules); // none is started
  const moved = { 'new/a.py': sources['a.py'], 'b.py': 'y = 2' };
  expect(await read(moved, cache, path.join(broken, 'python'))).toEqual({ 'new.a': modules.a, 'b': expect.objectContaining({ isOpen: true }) });
  expect(await read(moved, cache)).toEqual(await read(moved));
});

const LIKE: ReadonlyArray<readonly [string, string, readonly string[], (readonly string[])?]> = [
  ['two arguments, of which one is an event', 'def f(event, context): ...\ndef g(a, b): ...\ndef h(event): ...', ['f']],
  ['whatever else they are called', 'def f(_event: dict, _: object) -> dict: ...\ndef g(x, lambda_context=None): ...\ndef h(evt, ctx): ...', ['f', 'g', 'h']],
  ['the usual names', 'def handler(a, b): ...\ndef lambda_handler(*args, **kwargs): ...', ['lambda_handler'], ['handler']],
  ['the usual names without arguments', 'def handler(): ...\ndef lambda_handler(event): ...', []],
  ['of a signal', 'def handler(signum, frame): ...', [], ['handler']],
  ['more or fewer arguments', 'def f(event, context, extra): ...\ndef g(event, context, *, key): ...\ndef h(event, context, extra=1, *, key=2): ...', ['h']],
  ['decorated, in a block', 'if a:\n    @logged\n    def f(event, context): ...', ['f']],
  ['no coroutine, method or inner function', 'async def f(event, context): ...\nclass C:\n    def g(event, context): ...\ndef k():\n    def h(event, context): ...', []],
  ['what is made for a web application', 'handler = Mangum(app)\nother = Mangum(app)\nlambda_handler: object = web.make()', ['handler', 'lambda_handler']],
  ['not what is made for a log', 'handler = logging.StreamHandler()\nlambda_handler = RotatingFileHandler("a")', []],
  ['lambda', 'f = lambda event, context: 1\nhandler = lambda a, b: 1\ng = lambda a: 1', ['f'], ['handler']],
  ['values that are none', 'handler = 1\nlambda_handler = None', []],
];
test.each(LIKE.map(([name, ...rest]) => ({ name, rest })))('looks like a handler: $name', async ({ rest: [source, handlers, possibleHandlers = []] }) => {
  expect((await read({ 'app.py': source })).app).toMatchObject({ handlers, possibleHandlers });
});
