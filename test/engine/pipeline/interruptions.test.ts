/** Runs that do not get to their end: nothing of them is left, what was good stays, and the next run works. */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent, StageName } from '../../../src/core/pipeline/events.js';
import { eventsOf, stageEnds, useSandbox } from '../../support/core.js';
import type { Run, RunOptions } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { ENGINE_SOCKET, inspectImage, isSwept } from '../../support/raw-engine.js';

const sandbox = useSandbox();
let folder: string;

beforeAll(async () => {
  folder = await sandbox.project(mini({ dependencies: ['six==1.17.0'] }), 'mini');
  await sandbox.make(folder);
});

async function touch(): Promise<void> {
  const file = join(folder, 'mini/__init__.py');
  await writeFile(file, `${await readFile(file, 'utf8')}# ${performance.now()}\n`);
}

async function releases(): Promise<readonly string[]> {
  const tags = (await sandbox.tags()).filter((tag) => tag.includes('/mini-release:'));
  return Promise.all(tags.map(async (tag) => `${tag} ${(await inspectImage(tag)).Id}`));
}

/** A run that is cancelled at the first event that fits. */
async function cancelled(at: (event: RunEvent) => boolean, options: RunOptions = {}): Promise<Run & { readonly ms: number }> {
  const controller = new AbortController();
  let since = 0;
  const run = await sandbox.run(folder, {
    ...options,
    signal: controller.signal,
    onEvent: (event) => {
      if (controller.signal.aborted || !at(event)) return;
      since = performance.now();
      controller.abort();
    },
  });
  return { ...run, ms: performance.now() - since };
}

function stepOf(stage: StageName): (event: RunEvent) => boolean {
  return (event) => event.type === 'step' && event.stage === stage && event.state === 'started' && !event.name.includes('FROM');
}

describe('cancelled', () => {
  /** What is to be seen of it. */
  async function afterwards(run: Run & { readonly ms: number }): Promise<object> {
    const failures = eventsOf(run.events, 'stage.failed').length + (run.error ? 1 : 0);
    return { end: `${run.outcome} ${run.exitCode}`, failures, isQuick: run.ms < 5_000, isSwept: await isSwept(run.id), releases: await releases() };
  }
  const clean = { end: 'cancelled 130', failures: 0, isQuick: true, isSwept: true };

  test('before it begins: nothing is asked and nothing made', async () => {
    const run = await sandbox.run(folder, { signal: AbortSignal.abort() });
    expect(run).toMatchObject({ outcome: 'cancelled', exitCode: 130, changed: false });
  });

  test('in base and in builder, on a base image that no stage has seen', async () => {
    const before = await releases();
    const baseImage = { reference: await sandbox.freshBase(), source: '--base-image' };
    const inBase = await cancelled(stepOf('base'), { baseImage });
    expect(await afterwards(inBase)).toEqual({ ...clean, releases: before });
    expect(stageEnds(inBase.events)).toEqual([]);
    const inBuilder = await cancelled(stepOf('builder'), { baseImage });
    expect(await afterwards(inBuilder)).toEqual({ ...clean, releases: before });
    expect(stageEnds(inBuilder.events)).toEqual(['base finished']);
  });

  test("in wheels, while the application's is built", async () => {
    await touch();
    const before = await releases();
    expect(await afterwards(await cancelled(stepOf('wheels')))).toEqual({ ...clean, releases: before });
  });

  test('in wheels, while the dependencies are resolved', async () => {
    await writeFile(join(folder, 'pyproject.toml'), String(mini({ dependencies: ['six==1.17.0', 'packaging'] })['pyproject.toml']));
    const before = await releases();
    expect(await afterwards(await cancelled((event) => event.type === 'step' && event.name.startsWith('resolve')))).toEqual({ ...clean, releases: before });
  });

  test('in release, while it is built', async () => {
    const before = await releases();
    expect(await afterwards(await cancelled(stepOf('release')))).toEqual({ ...clean, releases: before });
  });

  test('the next run works, and finds what was made before', async () => {
    const run = await sandbox.make(folder);
    expect(stageEnds(run.events).slice(0, 2)).toEqual(['base skipped', 'builder skipped']);
    expect(stageEnds(run.events).at(-1)).toBe('release finished');
    expect((await sandbox.tags()).filter((tag) => tag.includes(':candidate-'))).toEqual([]);
    expect((await sandbox.make(folder)).changed).toBe(false);
  });
});

/** A way to the engine that can be cut. */
async function proxy(): Promise<{ readonly url: string; cut(): void; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const engine = connect(ENGINE_SOCKET);
    for (const socket of [client, engine]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    }
    client.pipe(engine).pipe(client);
  });
  const path = join(sandbox.folder, 'e.sock');
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  const cut = (): void => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return {
    url: `unix://${path}`,
    cut,
    close: async () => {
      cut();
      await new Promise<void>((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
      });
    },
  };
}

describe('the engine goes away', () => {
  async function cutAt(at: (event: RunEvent) => boolean): Promise<{ readonly run: Run; readonly url: string; readonly ms: number }> {
    const way = await proxy();
    try {
      let isCut = false;
      let since = 0;
      const run = await sandbox.run(folder, {
        env: { DOCKER_HOST: way.url },
        onEvent: (event) => {
          if (isCut || !at(event)) return;
          isCut = true;
          since = performance.now();
          way.cut();
        },
      });
      expect(isCut).toBe(true);
      return { run, url: way.url, ms: performance.now() - since };
    } finally {
      await way.close();
    }
  }

  test.each<[string, (event: RunEvent) => boolean]>([
    ['while a wheel is built', (event) => event.type === 'log' && event.stage === 'wheels' && event.stream === 'stdout'],
    ['while the release is built', stepOf('release')],
  ])('%s: one message that names it, and what was good stays', async (_name, at) => {
    await touch();
    const before = await releases();
    const { run, url, ms } = await cutAt(at);
    expect(ms).toBeLessThan(5_000);
    expect(run).toMatchObject({ outcome: 'failed', exitCode: 3, error: { kind: 'engine' } });
    expect(eventsOf(run.events, 'stage.failed')).toHaveLength(1);
    expect(`${run.error?.message} ${run.error?.why}`).toContain(url);
    expect(run.error?.fix).toBeDefined();
    expect(await releases()).toEqual(before);
  });

  test('the next run sweeps what was left and works', async () => {
    const run = await sandbox.make(folder);
    expect(stageEnds(run.events).at(-1)).toBe('release finished');
    expect(await isSwept(run.id)).toBe(true);
  });

  test('never there: what was tried is said', async () => {
    const run = await sandbox.run(folder, { env: { DOCKER_HOST: `unix://${sandbox.folder}/nothing.sock` } });
    expect(run).toMatchObject({ outcome: 'failed', exitCode: 3, error: { kind: 'engine' } });
    expect(run.error?.message).toContain('nothing.sock');
  });
});
