import { defineConfig } from 'vitest/config';

/** Three suites of different needs: `unit` needs nothing, `engine` a container engine, `editor` code-server and Chromium too. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000 } },
      { test: { name: 'engine', include: ['test/engine/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 240_000, fileParallelism: false } },
      { test: { name: 'editor', include: ['test/editor/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 240_000, fileParallelism: false } },
    ],
  },
});
