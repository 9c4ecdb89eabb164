import { expect, test } from 'vitest';
import { sha256 } from '../../../lib/core/base/tree';
import { describeUnpackaged, unpackagedData } from '../../../lib/core/project/tree/unpackaged';

const files = (names: readonly string[]) => names.map((path) => ({ path, executable: false, sha256: sha256(path.endsWith('__init__.py') ? '' : path.split('/').pop()!) }));
const missing = (source: readonly string[], tree: readonly string[]) => unpackagedData(files(source), files(tree));

test.each<[string, readonly string[], readonly string[], readonly string[]]>([
  ['beside a module at the top', ['app.py', 'config.json', 'mail/a.html', 'mail/b/c.html'], ['app.py', 'x.dist-info/RECORD'], ['config.json', 'mail/']],
  ['what is there is not named', ['app.py', 'config.json'], ['app.py', 'config.json'], []],
  ['in a package, in src', ['src/p/__init__.py', 'src/p/m.py', 'src/p/prices.json', 'src/p/data/a.csv', 'src/p/sub/x.json', 'src/p/sub/n.py'], ['p/__init__.py', 'p/m.py', 'p/sub/n.py'], ['src/p/data/', 'src/p/prices.json', 'src/p/sub/x.json']],
  ['not what is for development', ['app.py', 'pyproject.toml', 'README.md', 'Makefile', 'requirements.txt', 'tests/a.json', 'docs/a.html', 'events/e.json', '.env', 'template.yaml', 'poetry.lock'], ['app.py'], []],
  ['not what lies beside a package', ['p/__init__.py', 'p/m.py', 'notes.txt', 'other/a.json'], ['p/__init__.py', 'p/m.py'], []],
  ['not of modules that are left out', ['app.py', 'scripts/run.py', 'scripts/run.json'], ['app.py'], []],
  ['no code', ['app.py', 'app.pyi', 'fast.c', 'fast.pyx', 'p/py.typed', 'p/m.py'], ['app.py', 'p/m.py'], []],
  ['templates in a package are data', ['p/m.py', 'p/template.yaml', 'p/README.md'], ['p/m.py'], ['p/template.yaml']],
  ['a package under another name', ['code/m.py', 'code/a.json'], ['mine/code/m.py'], ['code/a.json']],
])('%s', (_, source, tree, expected) => {
  expect(missing(source, tree)).toEqual(expected);
});

test('few are named', () => {
  expect(describeUnpackaged(['a', 'b'])).toBe('a, b, which the build backend does not package');
  expect(describeUnpackaged(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more, which the build backend does not package');
});
