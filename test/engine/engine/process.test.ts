import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { PluginBuild } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { useEngine } from './harness.js';

const bench = useEngine();
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'pypackage-process-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the process', () => {
  it('can end by itself once the engine is closed', async () => {
    const script = `
      import { connectEngine } from ${JSON.stringify(join(import.meta.dirname, '../../../src/core/engine/connect.ts'))};
      const main = async () => {
        const engine = await connectEngine({ engine: { value: ${JSON.stringify(bench.socket)}, source: 'test' }, env: {} });
        await engine.findImages({ 'io.pypackage.none': null });
        await engine.build({ dockerfile: 'FROM scratch\\nCOPY f /\\n', files: { f: 'x' }, dockerfileName: 'D', tags: [], labels: ${JSON.stringify(bench.labels)} });
        engine.close();
        console.log('closed');
      };
      void main();`;
    const outfile = join(folder, 'script.cjs');
    const leftOut = {
      name: 'left-out',
      setup: (builder: PluginBuild): void => {
        builder.onResolve({ filter: /^(@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|ssh2)$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
        builder.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}' }));
      },
    };
    await build({
      stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile,
      loader: { '.sh': 'text', '.py': 'text' },
      plugins: [leftOut],
      logLevel: 'error',
    });
    const { stdout } = await run(process.execPath, [outfile], { timeout: 20_000 });
    expect(stdout.trim()).toBe('closed');
  });
});
