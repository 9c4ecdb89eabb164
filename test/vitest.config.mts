import { defineConfig } from 'vitest/config';
import { lazyRequires } from './setup/lazy-requires.mts';

export default defineConfig({
  root: `${import.meta.dirname}/..`,
  plugins: [lazyRequires],
  // lib holds .ts and the .js of the last build side by side: test the source
  resolve: { extensions: ['.ts', '.mts', '.mjs', '.js', '.json'] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.integration.test.ts', 'test/package/**', 'node_modules/**'], // integration.config.mts has the first, the second is a user's app
    globalSetup: ['.scripts/bundle.mjs', 'test/setup/run.ts'],
    env: {
      CDK_VALIDATION: 'false', // newer versions of aws-cdk-lib validate each template for a second
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    pool: 'threads',
    maxWorkers: '100%', // builds wait for processes; the default leaves a core idle
    isolate: false,
    testTimeout: 60_000, // a real pip builds, and may wait for an index
    hookTimeout: 60_000,
  },
});
