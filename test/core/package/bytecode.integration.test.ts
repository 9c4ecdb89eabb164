// Bytecode in archives: what a publisher, verify and download take, and what they refuse by its name.
import * as path from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { digestFile, digestTree, type TreeFile } from '../../../lib/core/base/tree';
import { makeBytecode } from '../../../lib/core/bytecode/make';
import { digestArchive, digestWithBytecode } from '../../../lib/core/package/read-archive';
import { packageTree } from '../../../lib/core/package/write-archive';
import { temporaryFolder } from '../../setup/projects';

const file = (name: string, content: string | Buffer, executable = false): TreeFile => ({ path: name, executable, content: Buffer.from(content) });
const SOURCES = [file('app/__init__.py', ''), file('app/main.py', 'x = 1\n'.repeat(100)), file('app/Z.py', '# before __pycache__\n'), file('app/big.py', `x = """${'x'.repeat(17 * 1024 * 1024)}"""\n`)];
let compiled: readonly TreeFile[];
beforeAll(async () => {
  const python = path.join(inject('venv'), 'bin', 'python');
  ({ files: compiled } = await makeBytecode({ request: { mode: 'required', entry: temporaryFolder() }, files: SOURCES, kind: 'project', python }));
});

const of = (name: string) => compiled.find((item) => item.path.includes(`/${name}.cpython`))!;
const replaced = (name: string, more: Partial<TreeFile>) => [...SOURCES, ...compiled.map((item) => item === of(name) ? { ...item, ...more } : item)];
const flagged = (flags: number) => {
  const content = Buffer.from(of('main').content);
  content[4] = flags;
  return content;
};

test('bytecode is in no digest of the content, and has digests of its own', async () => {
  const archive = await packageTree([...SOURCES, ...compiled]);
  expect(digestTree(await digestArchive(archive))).toBe(digestTree(SOURCES.map(digestFile)));
  expect((await digestWithBytecode(archive)).bytecode).toEqual([...compiled].map(digestFile));
  expect(compiled.map((item) => item.path.replace(/\.cpython-\d+\.pyc/, ''))).toEqual(['Z', '__init__', 'big', 'main'].map((name) => `app/__pycache__/${name}`));
});

test('a sourceless module is content and counts', async () => {
  const archive = await packageTree([...SOURCES, ...compiled, file('app/closed.pyc', of('main').content)]);
  expect((await digestArchive(archive)).map((item) => item.path)).toContain('app/closed.pyc');
});

describe('refused, by its name', () => {
  const REFUSED: [string, () => TreeFile[], string, () => string][] = [
    ['of other source', () => replaced('main', { content: of('Z').content }), 'is not of the source beside it', () => of('main').path],
    ['of large source that was edited', () => [...replaced('main', {}).filter((item) => item.path !== 'app/big.py'), file('app/big.py', 'x = 1\n')], 'is not of the source beside it', () => of('big').path],
    ['by time', () => replaced('main', { content: flagged(0) }), 'is not unchecked-hash bytecode', () => of('main').path],
    ['checked', () => replaced('main', { content: flagged(3) }), 'is not unchecked-hash bytecode', () => of('main').path],
    ['of another kind', () => replaced('main', { content: Buffer.from('print("hello, world")') }), 'is no bytecode', () => of('main').path],
    ['empty', () => replaced('main', { content: Buffer.alloc(0) }), 'is no bytecode', () => of('main').path],
    ['executable', () => replaced('main', { executable: true }), 'is executable', () => of('main').path],
    ['without its source', () => replaced('main', {}).filter((item) => item.path !== 'app/main.py'), 'has no source beside it', () => of('main').path],
    ['something else in its folder', () => [...replaced('main', {}), file('app/__pycache__/evil.py', '')], 'is in __pycache__ and is no bytecode', () => 'app/__pycache__/evil.py'],
    ['sourceless in its folder', () => [...replaced('main', {}), file('app/__pycache__/main.pyc', of('main').content)], 'is in __pycache__ and is no bytecode', () => 'app/__pycache__/main.pyc'],
    ['optimised', () => [...replaced('main', {}), file('app/__pycache__/main.cpython-311.opt-2.pyc', of('main').content)], 'is in __pycache__ and is no bytecode', () => 'app/__pycache__/main.cpython-311.opt-2.pyc'],
  ];
  test.each(REFUSED)('%s', async (_, files, why, name) => {
    const archive = await packageTree(files());
    await expect(digestArchive(archive)).rejects.toThrow(`the archive has a file that ${why}`);
    await expect(digestArchive(archive)).rejects.toThrow(`, got ${JSON.stringify(name())}; make the archive again, and see who changed it [bytecode-damaged]`);
  });
});
