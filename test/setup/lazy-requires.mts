import type { Plugin } from 'vitest/config';

/**
 * `require('./x')` in the library's sources, with which it loads a part of itself when it is needed, as an import: what Node requires is
 * compiled, and what is tested is the source.
 */
export const lazyRequires: Plugin = {
  name: 'lazy-requires',
  enforce: 'pre',
  transform(code, id) {
    if (!/\/lib\/.*\.ts$/.test(id) || !code.includes('require(\'.')) return undefined;
    const names: string[] = [];
    const replaced = code.replace(/\brequire\('(\.{1,2}\/[^']+)'\)/g, (_, name: string) => `lazy${names.push(name) - 1}`);
    return { code: `${names.map((name, i) => `import * as lazy${i} from '${name}';`).join('')}${replaced}`, map: null };
  },
};
