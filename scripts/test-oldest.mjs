// npm run test:oldest [-- vitest's arguments]: the editor's suite on the oldest VS Code that package.json allows. Everything else is as in
// scripts/test.mjs, which does the work; the screenshots are in test-results/oldest.
process.env.PYPACKAGE_TEST_EDITOR = 'oldest';
process.argv.splice(2, 0, '--project', 'editor');
await import('./test.mjs');
