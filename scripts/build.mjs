// Bundles the entry points. Each is one CommonJS file:
//   dist/extension.js  what VS Code loads at activation: small, and without anything of the engine
//   dist/on-demand.js  what commands, tasks and tools do; loaded with the first of them
//   dist/core-client.js  the editor's end of the worker with the protocol's schemas; loaded with the worker
//   dist/worker.js     the core and dockerode; runs in a worker thread of the extension host, started on first use
//   dist/cli.js        the command line
//   dist/mcp.js        its server for assistants, loaded by its verb
import { chmodSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { build, context } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
const watch = process.argv.includes('--watch');
const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));

/**
 * dockerode brings a gRPC session of its own, which we never use (ours is in core/engine/dockerode/session.ts) and which
 * would add 700 KB, and ssh2 with native code. A call that reached one of them would fail loudly.
 */
const leaveOut = {
  name: 'leave-out',
  setup(builder) {
    builder.onResolve({ filter: /^(@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|ssh2)$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    builder.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};

/** The core and the command line must not depend on the editor: fail the build rather than find out at run time. */
const noEditor = {
  name: 'no-editor',
  setup(builder) {
    builder.onResolve({ filter: /^vscode$/ }, ({ importer }) => ({ errors: [{ text: `${importer} imports vscode, which exists in the editor only` }] }));
  },
};

/** Left as files of their own beside the bundle: half of what activation, or a start of the command line, would have to read. */
const lazy = {
  name: 'lazy',
  setup(builder) {
    const leave = (filter, path) => builder.onResolve({ filter }, ({ kind }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
    leave(/^\.\/core-client\.js$/, './core-client.js');
    leave(/^\.\/on-demand\.js$/, './on-demand.js');
    leave(/\/mcp\/server\.js$/, './mcp.js');
  },
};

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minify: !watch,
  keepNames: true,
  sourcemap: watch ? 'inline' : false,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  // Scripts that run inside containers.
  loader: { '.py': 'text', '.sh': 'text' },
  // The first one's UMD build hides from a bundler what it requires.
  // The second one's build for Node reads files, which nobody asks of it.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js', '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
  define: { PYPACKAGE_VERSION: JSON.stringify(version) },
  absWorkingDir: root,
};

const bundles = [
  { ...common, entryPoints: ['src/vscode/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'], plugins: [lazy] },
  { ...common, entryPoints: ['src/vscode/on-demand.ts'], outfile: 'dist/on-demand.js', external: ['vscode'], plugins: [lazy] },
  { ...common, entryPoints: ['src/vscode/core-client.ts'], outfile: 'dist/core-client.js', plugins: [noEditor] },
  { ...common, entryPoints: ['src/worker/main.ts'], outfile: 'dist/worker.js', plugins: [leaveOut, noEditor] },
  { ...common, entryPoints: ['src/cli/main.ts'], outfile: 'dist/cli.js', plugins: [leaveOut, noEditor, lazy], banner: { js: '#!/usr/bin/env node' } },
  { ...common, entryPoints: ['src/mcp/server.ts'], outfile: 'dist/mcp.js', plugins: [noEditor] },
];

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
if (watch) {
  for (const options of bundles) await (await context(options)).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
  chmodSync(new URL('../dist/cli.js', import.meta.url), 0o755);
}
