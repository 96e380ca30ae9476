import { defineConfig } from 'vitest/config';
import { textFiles } from './support/text-files.js';

/** What a test waits for may take its time on a busy machine; what never comes true fails all the same. */
const PATIENT = { poll: { timeout: 20_000 } };

/** Three suites of different needs: `unit` needs nothing, `engine` a container engine, `editor` code-server and Chromium too. */
export default defineConfig({
  test: {
    projects: [
      { plugins: [textFiles], test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000, sequence: { groupOrder: 0 } } },
      {
        plugins: [textFiles],
        test: {
          name: 'engine',
          include: ['test/engine/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: PATIENT,
          fileParallelism: false,
          // A real engine on a busy machine: a test that fails once is tried once more, and the report says so.
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [textFiles],
        test: {
          // Not part of `npm test`: see scripts/test-faults.mjs.
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: PATIENT,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        plugins: [textFiles],
        test: {
          name: 'editor',
          include: ['test/editor/**/*.test.ts'],
          globalSetup: ['test/editor/harness/setup.ts'],
          setupFiles: ['test/editor/harness/picture-of-each-case.ts'],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          expect: PATIENT,
          fileParallelism: false,
          retry: 1,
          // Last and alone: it measures time. Hooks in their order: the picture of a case is taken before its file closes the window.
          sequence: { groupOrder: 2, hooks: 'list' },
        },
      },
    ],
  },
});
