import { defineConfig } from 'vitest/config';
import { lazyRequires } from '../setup/lazy-requires.mts';

// slow: run by `npm run test:reproducible`, apart from `npm test`
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  plugins: [lazyRequires],
  // lib holds .ts and the .js of the last build side by side: test the source
  resolve: { extensions: ['.ts', '.mts', '.mjs', '.js', '.json'] },
  test: {
    include: ['test/reproducible/*.slow.ts'],
    globalSetup: ['.scripts/bundle.mjs', 'test/reproducible/setup.ts'],
    pool: 'threads',
    isolate: false,
    fileParallelism: false, // each test keeps all cores busy: the builder process builds several projects at once
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
