/** The engine goes and comes back in the middle of a run: said at once, what was good stays, the next run works and sweeps what is left. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EngineEvent, WatchState } from '../../../src/core/engine/engine.js';
import type { ErrorReport } from '../../../src/core/errors.js';
import type { RunEvent, StageName } from '../../../src/core/pipeline/events.js';
import { stageEnds } from '../../support/core.js';
import { SETUPTOOLS, mini } from '../../support/projects.js';
import { useOwnPipeline } from '../../support/own-pipeline.js';

const bench = useOwnPipeline();

/** A build of it takes long, and another wheel comes out. */
async function slowly(): Promise<void> {
  await writeFile(join(bench.folder, 'setup.py'), 'import time\nfrom setuptools import setup\nprint("begun", flush=True)\ntime.sleep(20)\nsetup()\n');
  await writeFile(join(bench.folder, 'mini/__init__.py'), `def main():\n    print("${Math.random()}")\n`);
}

async function quickly(): Promise<void> {
  await writeFile(join(bench.folder, 'setup.py'), 'from setuptools import setup\nsetup()\n');
}

interface Interrupted {
  readonly error: ErrorReport;
  /** From when the engine went to the end of the run. */
  readonly ms: number;
  /** Releases before, and once the engine was back. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A run at a moment of which the engine goes; it is back afterwards. */
async function interrupted(at: (event: RunEvent) => boolean, go: () => Promise<void>): Promise<Interrupted> {
  const before = await bench.releases();
  let going: Promise<void> | undefined;
  let since = 0;
  const { error } = await bench.fails({
    onEvent: (event) => {
      if (going || !at(event)) return;
      since = performance.now();
      going = go();
    },
  });
  const ms = performance.now() - since;
  await going;
  await bench.own.start();
  return { error, ms, before, after: await bench.releases() };
}

/** Says that it is the engine, names it and what to do; and soon. */
function isSaid({ error, ms }: Interrupted): boolean {
  expect(error.kind).toBe('engine');
  expect(['engine-connection-lost', 'engine-not-running', 'engine-no-socket']).toContain(error.code);
  expect(error.message).toContain(bench.own.url);
  expect(error.fix).toBeDefined();
  // One that is asked to stop ends its containers first.
  return ms < 15_000;
}

/** Of `TAG ID`. */
function nameOf(release: string): string {
  return release.split(' ')[0] ?? '';
}

const inWheels = (event: RunEvent): boolean => event.type === 'log' && event.stage === 'wheels' && event.text === 'begun';

function inStep(stage: StageName): (event: RunEvent) => boolean {
  return (event) => event.type === 'step' && event.stage === stage && event.state === 'started' && event.name.includes('RUN');
}

describe.each([
  ['stopped', () => bench.own.stop()],
  ['gone at once', () => bench.own.crash()],
])('%s', (_name, go) => {
  test('while a wheel is built', async () => {
    await slowly();
    const run = await interrupted(inWheels, go);
    expect(isSaid(run)).toBe(true);
    expect(run.after).toEqual(run.before);
  });

  test('while the release is built', async () => {
    await quickly();
    const run = await interrupted(inStep('release'), go);
    expect(isSaid(run)).toBe(true);
    // A tag may have moved to the new release already, which is complete then; none is lost.
    expect(run.after.map(nameOf)).toEqual(expect.arrayContaining(run.before.map(nameOf)));
  });

  test('the next run works and leaves nothing', async () => {
    const run = await bench.run();
    expect(run.error).toBeUndefined();
    expect(stageEnds(run.events).at(-1)).toBe('release finished');
    // The lease ends a moment after its run.
    await expect.poll(() => bench.leftovers(), { timeout: 10_000 }).toEqual([]);
  });
});

test('while the builder is built; the next run works', async () => {
  await writeFile(join(bench.folder, 'pyproject.toml'), String(mini({ buildSystem: SETUPTOOLS.replace(']', ', "six"]') })['pyproject.toml']));
  const run = await interrupted(inStep('builder'), () => bench.own.stop());
  expect(isSaid(run)).toBe(true);
  expect(run.after).toEqual(run.before);
  expect((await bench.run()).outcome).toBe('done');
});

test('a watch goes on: disconnected, connected, and what changed is seen', async () => {
  const engine = await bench.own.connect();
  const controller = new AbortController();
  const states: WatchState[] = [];
  const events: EngineEvent[] = [];
  let volumes: readonly string[] | undefined;
  const ended = engine.watch({
    kinds: ['volume'],
    onSnapshot: (snapshot) => (volumes = snapshot.volumes.map(({ name }) => name)),
    onEvent: (event) => void events.push(event),
    onState: (state) => void states.push(state),
    signal: controller.signal,
  });
  onTestFinished(async () => {
    controller.abort();
    await ended;
    engine.close();
  });
  await expect.poll(() => volumes).toBeDefined();
  await engine.ensureVolume('before', {});
  await expect.poll(() => events.map(({ name }) => name)).toEqual(['before']);
  await bench.own.stop();
  await expect.poll(() => states.at(-1)?.connected).toBe(false);
  await bench.own.start();
  await expect.poll(() => states.at(-1)?.connected, { timeout: 5_000 }).toBe(true);
  expect(volumes).toContain('before');
  // Its memory of events went with it, and nothing of before is told again.
  await engine.ensureVolume('after', {});
  await expect.poll(() => events.map(({ name }) => name)).toEqual(['before', 'after']);
});
