import { expect, test } from 'vitest';
import type { TreeFile } from '../../../lib/core/base/tree';
import { refuseUnfit } from '../../../lib/core/build/fitness';
import { normaliseTree } from '../../../lib/core/build/installed-tree';

const file = (path: string, content = '', executable = false): TreeFile => ({ path, content: Buffer.from(content), executable });
const METADATA = file('app-1.0.dist-info/METADATA', 'Metadata-Version: 2.4\nName: app\nVersion: 1.0\n\nVersion: not a header\n');

test('takes out what an installer leaves of the machine and the run', () => {
  const { files, name, version } = normaliseTree([
    METADATA,
    file('app-1.0.dist-info/INSTALLER', 'pip'),
    file('app-1.0.dist-info/REQUESTED'),
    file('app-1.0.dist-info/direct_url.json', '{"url": "file:///home/me/app"}'),
    file('app-1.0.dist-info/uv_cache.json', '{}'),
    file('app-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\r\nGenerator: hatchling 1.27.0\r\nTag: py3-none-any\r\n'),
    file('app-1.0.dist-info/RECORD', '../../bin/app,sha256=x,1\napp/__init__.py,,\n'),
    file('app/__init__.py', 'x = 1\n'),
    file('app/__pycache__/__init__.cpython-313.pyc'),
    file('app/direct_url.json', '{}'),
    file('bin/app', '#!/home/me/.venv/bin/python', true),
    file('.lock'),
  ]);
  expect([name, version]).toEqual(['app', '1.0']);
  expect(Object.fromEntries(files.map(({ path, content }) => [path, content.toString()]))).toEqual({
    'app-1.0.dist-info/METADATA': METADATA.content.toString(),
    'app-1.0.dist-info/RECORD': expect.stringMatching(new RegExp(`^${[
      'app-1.0.dist-info/METADATA,sha256=[\\w-]{43},68',
      'app-1.0.dist-info/WHEEL,sha256=[\\w-]{43},58',
      'app/__init__.py,sha256=nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q,6',
      'app/direct_url.json,sha256=RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o,2',
      'app-1.0.dist-info/RECORD,,',
    ].join('\n')}\n$`)),
    'app-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: hatchling\nTag: py3-none-any\n',
    'app/__init__.py': 'x = 1\n',
    'app/direct_url.json': '{}',
  });
});

test('a compiled module without its source is the module', () => {
  const files = ['app/__init__.py', 'app/__init__.pyc', 'app/core.pyc', 'app/core.pyo', 'app/__pycache__/core.cpython-313.pyc'].map((name) => file(name));
  expect(normaliseTree([METADATA, ...files]).files.map(({ path }) => path).filter((path) => path.startsWith('app/'))).toEqual(['app/__init__.py', 'app/core.pyc']);
});

test('the folder of a local requirement is the build\'s own, and not in the metadata', () => {
  const metadata = (...requires: string[]) => `Metadata-Version: 2.4\nName: app\n${requires.map((line) => `Requires-Dist: ${line}\n`).join('')}\nRequires-Dist: shown @ file:///in/the/readme\n`;
  const [{ content }] = normaliseTree([file('app-1.0.dist-info/METADATA', metadata(
    'shared @ file:///tmp/build-1/shared',
    'Base_1[fast,extra] @ file:///tmp/build%20of%20mine/base ; python_version < "3.13"',
    'hatched@ file://localhost/tmp/x;extra == "dev"',
    'poetic @ ../poetic ; extra == "dev"',
    'cloned @ git+file:///tmp/repository@v1',
    'remote @ https://example.com/remote-1.0-py3-none-any.whl ; extra == "dev"',
    'plain (>=1.0) ; extra == "@"',
  ))]).files;
  expect(content.toString()).toBe(metadata(
    'shared',
    'Base_1[fast,extra] ; python_version < "3.13"',
    'hatched;extra == "dev"',
    'poetic ; extra == "dev"',
    'cloned',
    'remote @ https://example.com/remote-1.0-py3-none-any.whl ; extra == "dev"',
    'plain (>=1.0) ; extra == "@"',
  ));
});

test('a package named bin is no script', () => {
  const { files } = normaliseTree([METADATA, file('app-1.0.dist-info/RECORD', 'bin/__init__.py,,\n"bin/a,b.py",,\n'), file('bin/__init__.py'), file('bin/a,b.py'), file('bin/tool')]);
  expect(files.map(({ path }) => path)).toEqual(['app-1.0.dist-info/METADATA', 'app-1.0.dist-info/RECORD', 'bin/__init__.py', 'bin/a,b.py']);
  expect(files[1].content.toString()).toContain('\n"bin/a,b.py",sha256=');
});

test('sorts by bytes and not by a locale or UTF-16', () => {
  const { files } = normaliseTree([METADATA, file('é.py'), file('\u{1F600}.py'), file('\u{FF5E}.py'), file('Z.py'), file('a.py')]);
  expect(files.map(({ path }) => path).filter((path) => path.endsWith('.py'))).toEqual(['Z.py', 'a.py', 'é.py', '\u{FF5E}.py', '\u{1F600}.py']);
});

test('fails: larger than Lambda takes, with the largest files', () => {
  const tree = normaliseTree([METADATA, file('app/model.bin', 'x'.repeat(2 * 1024 * 1024)), file('app/__init__.py')]);
  expect(() => refuseUnfit(tree, 1024 * 1024)).toThrow(
    'the installed project is larger than Lambda\'s 1.0 MiB unzipped, got "2.0 MiB"; leave files out of the package, or load them from S3 or a file system at run time\n\n'
    + 'hint: the largest files: app/model.bin (2.0 MiB), app-1.0.dist-info/RECORD (0.0 MiB), app-1.0.dist-info/METADATA (0.0 MiB), app/__init__.py (0.0 MiB)',
  );
  expect(() => refuseUnfit(tree)).not.toThrow();
});
