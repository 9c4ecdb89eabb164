import { describe, expect, test } from 'vitest';
import { memo, reach } from '../../../lib/core/base/collections';

describe('reach', () => {
  const links: Readonly<Record<string, readonly string[]>> = { a: ['b', 'c'], b: ['d', 'a'], c: ['d'], d: ['b'] };

  test('visits each item once, breadth first', () => {
    const visited: string[] = [];
    const reached = reach(['a'], (item) => {
      visited.push(item);
      return links[item];
    });
    expect(reached).toEqual(['a', 'b', 'c', 'd']);
    expect(visited).toEqual(reached);
  });

  test('takes items with one key for the same, and keeps the first', () => {
    const reached = reach([{ id: 1, way: 'start' }], () => [{ id: 1, way: 'again' }, { id: 2, way: 'on' }], ({ id }) => id);
    expect(reached).toEqual([{ id: 1, way: 'start' }, { id: 2, way: 'on' }]);
  });
});

describe('memo', () => {
  function counting(max: number) {
    const made: string[] = [];
    const read = memo((text: string, where?: string): string | undefined => {
      if (text === 'bad') throw new SyntaxError(`bad in ${where}`);
      made.push(text);
      return text === 'empty' ? undefined : text.toUpperCase();
    }, max);
    return { read, made };
  }

  test('keeps results, undefined too', () => {
    const { read, made } = counting(2);
    expect(['a', 'empty', 'a', 'empty'].map((text) => read(text))).toEqual(['A', undefined, 'A', undefined]);
    expect(made).toEqual(['a', 'empty']);
  });

  test('drops the oldest beyond its bound', () => {
    const { read, made } = counting(2);
    for (const text of ['a', 'b', 'c', 'b', 'c', 'a']) read(text);
    expect(made).toEqual(['a', 'b', 'c', 'a']);
  });

  test('does not keep errors: each tells of its own place', () => {
    const { read } = counting(2);
    expect(() => read('bad', 'one.toml')).toThrow('bad in one.toml');
    expect(() => read('bad', 'other.toml')).toThrow('bad in other.toml');
  });
});
