import { describe, expect, it, onTestFinished } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { packFiles } from '../../../src/core/engine/tar.js';
import { BASE, cuttableSocket, problemOf, until, useEngine } from './harness.js';
import type { CuttableSocket } from './harness.js';

const bench = useEngine();

async function throughProxy(): Promise<{ readonly engine: Engine; readonly proxy: CuttableSocket }> {
  const proxy = await cuttableSocket(bench.engine);
  const engine = await connectEngine({ engine: { value: proxy.url, source: '--engine' }, env: process.env });
  onTestFinished(async () => {
    engine.close();
    await proxy.close();
    for (const container of await bench.engine.findContainers(bench.labels)) await bench.engine.removeContainer(container.id);
  });
  return { engine, proxy };
}

const job = { image: BASE, entrypoint: [], labels: bench.labels, network: 'none' };

describe('when the connection breaks off for a moment', () => {
  it('a job fails with a clear error, and its container is removed', async () => {
    const { engine, proxy } = await throughProxy();
    const running = engine.runJob({ ...job, command: ['sh', '-c', 'echo started; sleep 30'], onOutput: () => proxy.cut() });
    expect(await problemOf(running)).toMatchObject({ name: 'UserError', kind: 'engine', code: 'engine-connection-lost' });
    expect(await bench.engine.findContainers(bench.labels)).toEqual([]);
  });

  it('a build fails with a clear error', async () => {
    const { engine, proxy } = await throughProxy();
    const dockerfile = `FROM ${BASE}\nRUN echo started; sleep 30\n`;
    const building = engine.build({
      dockerfile,
      dockerfileName: 'D',
      tags: [],
      labels: bench.labels,
      noCache: true,
      onProgress: (event) => event.type === 'log' && proxy.cut(),
    });
    expect(await problemOf(building)).toMatchObject({ name: 'UserError', code: 'engine-connection-lost' });
  });

  it('logs that are followed fail instead of ending', async () => {
    const { engine, proxy } = await throughProxy();
    const id = await engine.startContainer({ ...job, command: ['sh', '-c', 'echo started; sleep 30'] });
    const following = engine.containerLogs(id, { follow: true, onLine: () => proxy.cut() });
    expect(await problemOf(following)).toMatchObject({ code: 'engine-connection-lost' });
  });

  it('the next request makes a new one', async () => {
    const { engine, proxy } = await throughProxy();
    await engine.findContainers(bench.labels);
    proxy.cut();
    expect(await engine.findContainers(bench.labels)).toEqual([]);
  });
});

describe('when the engine goes away', () => {
  it('a running job fails soon, though its container cannot be removed', async () => {
    const { engine, proxy } = await throughProxy();
    const start = performance.now();
    const running = engine.runJob({ ...job, command: ['sh', '-c', 'echo started; sleep 30'], onOutput: () => void proxy.close() });
    expect(await problemOf(running)).toMatchObject({ name: 'UserError', kind: 'engine' });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await bench.engine.findContainers(bench.labels)).toHaveLength(1);
  });

  it('a job whose input is being sent fails', async () => {
    const { engine, proxy } = await throughProxy();
    const files = Array.from({ length: 200 }, (_, i) => ({ path: `f${i}`, content: Buffer.alloc(1_000_000), mode: 0o644 }));
    const running = engine.runJob({ ...job, command: ['true'], input: () => packFiles(files) });
    await until(async () => (await bench.engine.findContainers(bench.labels)).length === 1, 'the container is there');
    await proxy.close();
    expect(await problemOf(running)).toMatchObject({ name: 'UserError', kind: 'engine' });
  });

  it('every other request says that it is not running', async () => {
    const { engine, proxy } = await throughProxy();
    await proxy.close();
    await problemOf(engine.findImages({}));
    const calls = [
      engine.findImages({}),
      engine.inspectImage(BASE),
      engine.startContainer({ ...job, command: ['true'] }),
      engine.importImage(packFiles([]), `${bench.id}/x:1`, bench.labels),
      engine.build({ dockerfile: `FROM ${BASE}\n`, dockerfileName: 'D', tags: [] }),
      engine.pullImage(BASE),
      engine.ensureVolume(bench.id, bench.labels),
      engine.containerLogs('x', { follow: true, onLine: () => undefined }),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call.status).toBe('rejected');
      expect(call.status === 'rejected' ? call.reason : undefined).toMatchObject({ name: 'UserError', kind: 'engine', code: 'engine-no-socket' });
    }
  });
});
