import { describe, expect, test } from 'vitest';
import { bytecodePath, misfitOf, sourceOfBytecode } from '../../../lib/core/pep/bytecode';
import { SourceHash } from '../../../lib/core/pep/source-hash';

test('paths as PEP 3147 has them', () => {
  expect(bytecodePath('app/__init__.py', 13)).toBe('app/__pycache__/__init__.cpython-313.pyc');
  expect(bytecodePath('six.py', 9)).toBe('__pycache__/six.cpython-39.pyc');
  expect(bytecodePath('a/b.c.py', 13)).toBe('a/__pycache__/b.c.cpython-313.pyc');
  for (const source of ['app/__init__.py', 'six.py', 'a/b.c.py']) expect(sourceOfBytecode(bytecodePath(source, 10))).toEqual({ source, minor: 10 });
});

test.each(['six.pyc', '__pycache__/six.pyc', '__pycache__/six.cpython-313.opt-1.pyc', '__pycache__/six.pypy310.pyc', '__pycache__/a/six.cpython-313.pyc'])('%s is no bytecode of a source', (file) => {
  expect(sourceOfBytecode(file)).toBeUndefined();
});

// _imp.source_hash(int.from_bytes(magic, "little"), bytes(range(length))) of each Python
const HASHES: [string, string, Record<number, string>][] = [
  ['3.8', '550d0d0a', { 0: '81e4881b3643e8e9', 1: '1db3ac195aae4d3d', 7: '6ac8e26ef3134827', 8: 'bf0116105f613bd8', 9: '27f7d0058a3767e6', 15: 'b4da27218cf3c2d0', 16: 'c9c26e32582c3a12', 63: 'bf8a616504e6cfbc', 1000: 'c3e8442fe95a7d3d' }],
  ['3.10', '6f0d0d0a', { 0: '8cc0cd2525e7fd27', 1: 'b3e34cbf4ae58d2a', 7: '050de4b7ad8d862a', 8: 'adc53a88bd437192', 9: '327c1613fccc2946', 15: '676681d1b4cf2caf', 16: '8c24da80bfb026e2', 63: '2ae4c10d3315fd21', 1000: 'af292d4a573a5e3a' }],
  ['3.11', 'a70d0d0a', { 0: '738d9cd5d5e87f73', 1: 'ad2256b643a8544d', 7: '937b65bd89169b73', 8: '506c0601ce88f748', 9: 'f7f8a7aeeb5d7306', 15: 'db9116a53ef80835', 16: '8267313a3994f880', 63: '0b9871febedebacb', 1000: '549899170c7d162d' }],
  ['3.13', 'f30d0d0a', { 0: '27ec6d312f93b814', 1: '05318eeb7e1c37f8', 7: '5d89337113686404', 8: '3e6407a241b269d5', 9: '36dc62a1aea8b897', 15: '72677b6bc72e9b04', 16: '19da5531fbd16861', 63: '5e1a0d534fcb5a94', 1000: 'a80a6ebeb1730192' }],
];

describe.each(HASHES)('the hash of Python %s, as it tells itself', (_, magic, hashes) => {
  const key = Buffer.from(magic, 'hex');
  const content = (length: number) => Buffer.from(Array.from({ length }, (__, i) => i % 256));

  test.each(Object.entries(hashes).map(([length, hash]) => [Number(length), hash] as const))('of %i bytes', (length, hash) => {
    expect(new SourceHash(key).update(content(length)).digest().toString('hex')).toBe(hash);
    const inPieces = new SourceHash(key);
    for (let at = 0, size = 1; at < length; at += size, size = size % 11 + 3) inPieces.update(content(length).subarray(at, at + size));
    expect(inPieces.digest().toString('hex')).toBe(hash);
  });
});

test('what Python would not take without looking at the source', () => {
  const header = (flags: number) => Buffer.from([0xf3, 0x0d, 0x0d, 0x0a, flags, 0, 0, 0, ...Array.from({ length: 9 }, () => 0)]);
  expect(misfitOf(header(1))).toBeUndefined();
  expect(misfitOf(header(0))).toMatch(/unchecked-hash/); // by its time
  expect(misfitOf(header(3))).toMatch(/unchecked-hash/); // checked
  expect(misfitOf(header(1).subarray(0, 16))).toMatch(/no bytecode/);
  expect(misfitOf(Buffer.from('print("hello") # text'))).toMatch(/no bytecode/);
});
