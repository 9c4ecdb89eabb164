import { describe, expect, test } from 'vitest';
import { digestFile, digestTree, packed, sha256, type TreeFile } from '../../../lib/core/base/tree';
import type { Distribution } from '../../../lib/core/layer/distribution';
import { excludePackages } from '../../../lib/core/layer/exclude';
import { mergeDistributions, readDistribution } from '../../../lib/core/layer/merge';
import type { LayerRequirements } from '../../../lib/core/lock/locked';
import { layerRequest } from '../../setup/layer-requests';
import { temporaryFolder } from '../../setup/projects';

type Files = Readonly<Record<string, string>>;

/** Packages with these files; `name: requirement, requirement`. */
function distributions(packages: Readonly<Record<string, Files>>): Distribution[] {
  return Object.entries(packages).map(([key, files]) => {
    const [name, requires] = key.split(': ');
    return readDistribution(installed(name, files, requires?.split(', ')).map(packed));
  });
}

function installed(name: string, files: Files, requires: readonly string[] = []): TreeFile[] {
  const headers = [`Name: ${name}`, 'Version: 1.0', ...requires.map((item) => `Requires-Dist: ${item}`)];
  const all = { ...files, [`${name}-1.0.dist-info/METADATA`]: `${headers.join('\n')}\n`, [`${name}-1.0.dist-info/RECORD`]: 'made anew' };
  return Object.entries(all).map(([file, content]) => ({ path: file, content: Buffer.from(content), executable: false }));
}

describe('several packages as one tree', () => {
  const contentOf = (packages: Record<string, Files>, name: string) =>
    mergeDistributions(distributions(packages)).files.find((file) => file.path === `python/${name}`)?.content.toString();
  const EXTENDED = '__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n';
  const DECLARED = '__import__("pkg_resources").declare_namespace(__name__)\n';

  test.each([
    ['the same', { a: { 'x.py': '1' }, b: { 'x.py': '1' } }, 'x.py', '1'],
    ['not a module', { a: { LICENSE: 'a' }, b: { LICENSE: 'b' } }, 'LICENSE', 'b'],
    ['modules that nobody imports', { b: { 'tests/__init__.py': 'b' }, a: { 'tests/__init__.py': 'a' } }, 'tests/__init__.py', 'b'],
    ['declarations of a namespace', { a: { 'n/__init__.py': DECLARED }, b: { 'n/__init__.py': EXTENDED } }, 'n/__init__.py', EXTENDED],
    ['an empty one, first', { a: { 'n/__init__.py': '# text\n' }, b: { 'n/__init__.py': 'x = 1\n' } }, 'n/__init__.py', 'x = 1\n'],
    ['an empty one, last', { a: { 'n/__init__.py': 'x = 1\n' }, b: { 'n/__init__.py': '\n' } }, 'n/__init__.py', 'x = 1\n'],
  ])('one file of two packages: %s', (_, packages, name, expected) => {
    expect(contentOf(packages, name)).toBe(expected);
    const recorded = `${name},sha256=${sha256(Buffer.from(expected), 'base64').replaceAll('+', '-').replaceAll('/', '_').replace('=', '')},${expected.length}\n`;
    expect(contentOf(packages, 'a-1.0.dist-info/RECORD')).toContain(recorded);
    expect(contentOf(packages, 'b-1.0.dist-info/RECORD')).toContain(recorded);
  });

  test.each(['x/__init__.py', 'x/native.abi3.so'])('fails for one module of two packages: %s', (name) => {
    expect(() => mergeDistributions(distributions({ b: { [name]: 'b' }, a: { [name]: 'a' } }))).toThrow(
      `a 1.0 and b 1.0 bring the same module with different content, got "${name}"; leave one of them out: exclude "a" or "b"`,
    );
  });

  test('does not depend on the order, nor on what an installer leaves', () => {
    const digest = (items: readonly Distribution[]) => digestTree(mergeDistributions(items).files.map(digestFile));
    const byUv = installed('a', {
      'a.py': '',
      'a.so': '',
      'a-1.0.dist-info/INSTALLER': 'uv',
      'a-1.0.dist-info/REQUESTED': '',
      'a-1.0.dist-info/uv_cache.json': '{}',
      'bin/a': '#!/home/me/.venv/bin/python',
      'include/a/a.h': '',
    });
    const [a, b] = distributions({ a: { 'a.py': '', 'a.so': '' }, b: {} });
    expect(digest([b, readDistribution(byUv.map((file) => packed({ ...file, executable: true })))])).toBe(digest([a, b]));
  });
});

describe('exclude', () => {
  const ALL = {
    'app: boto, tool': {},
    'boto: core, transfer': {},
    'core: six, urllib': {},
    'transfer: core': {},
    'tool: urllib, six; extra == "more"': {},
    'six': {},
    'urllib': {},
    'ring-a: ring-b': {},
    'ring-b: ring-a': {},
  };
  const left = (exclude: string[], more: Partial<LayerRequirements> = {}) =>
    excludePackages(distributions(ALL), layerRequest(temporaryFolder(), more, { exclude })).map(({ name }) => name).join(' ');

  test.each([
    ['what only an excluded package requires', ['boto'], 'app tool six urllib ring-a ring-b'],
    ['what requires it is kept', ['core'], 'app boto transfer tool six urllib ring-a ring-b'],
    ['packages that require each other', ['ring-a'], 'app boto core transfer tool six urllib'],
    ['what is not there', ['numpy'], 'app boto core transfer tool six urllib ring-a ring-b'],
    ['everything', ['app', 'ring-b'], ''],
  ])('%s', (_, exclude, expected) => {
    expect(left(exclude)).toBe(expected);
  });

  test('keeps what the project requires itself, where that is known', () => {
    expect(left(['app'], { direct: ['core[crt]'] })).toBe('core six urllib ring-a ring-b');
    expect(left(['app'], { direct: ['transfer', 'not-there'] })).toBe('core transfer six urllib ring-a ring-b');
    expect(left(['app'], { direct: ['urllib'] })).toBe('urllib ring-a ring-b');
  });

  test('keeps what an excluded package requires for an extra that nobody asked for', () => {
    const all = { 'app: more; extra == "fast"': {}, 'more': {}, 'other': {} };
    const kept = (direct: string[]) => excludePackages(distributions(all), layerRequest(temporaryFolder(), { direct }, { exclude: ['app'] })).map(({ name }) => name).join(' ');
    expect(kept(['app'])).toBe('more other');
    expect(kept(['app[fast]'])).toBe('other');
  });
});
