import { defineConfig } from 'vitest/config';
import unit from './vitest.config.mts';

// The tests that spend their time in processes: apps, commands and publishers of their own, builds by each real backend, faults and kills.
export default defineConfig({
  ...unit,
  test: { ...unit.test, include: ['test/**/*.integration.test.ts'], exclude: ['test/package/**', 'node_modules/**'] },
});
