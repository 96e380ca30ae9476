import { defineConfig } from 'vitest/config';
import { textFiles } from '../support/text-files.js';

/** What scripts/test-engines.mjs runs on each engine: the engine's tests, and a release that is compared with the others'. */
export default defineConfig({
  plugins: [textFiles],
  test: {
    include: ['test/engine/engine/**/*.test.ts', 'test/engines/**/*.test.ts'],
    // Nothing of it takes a quarter as long, and what hangs on one engine should not hold up the others for long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    // As in the suite `engine`.
    retry: 1,
  },
});
