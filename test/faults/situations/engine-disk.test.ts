/** The engine's disk is full: said as that, in every phase; what was good stays, and with room the next run works. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packFiles } from '../../../src/core/engine/tar.js';
import type { ErrorReport } from '../../../src/core/errors.js';
import { explainFullDisk } from '../../../src/core/pipeline/full-disk.js';
import { stageEnds } from '../../support/core.js';
import type { RunOptions } from '../../support/core.js';
import { useOwnPipeline } from '../../support/own-pipeline.js';

const bench = useOwnPipeline({ disk: 2_500 });

afterEach(() => bench.own.empty());

/** Its build writes so many megabytes. */
async function writing(megabytes: number): Promise<void> {
  const setup = `from setuptools import setup\nwith open("big", "wb") as file:\n    for _ in range(${megabytes}):\n        file.write(bytes(2**20))\nsetup()\n`;
  await writeFile(join(bench.folder, 'setup.py'), setup);
}

/** What was good stays. */
async function failsWell(options: RunOptions = {}): Promise<{ readonly error: ErrorReport; readonly ends: readonly string[] }> {
  const good = await bench.releases();
  const { error, events } = await bench.fails(options);
  bench.own.empty();
  expect(await bench.releases()).toEqual(good);
  return { error, ends: stageEnds(events) };
}

function full(): object {
  return {
    kind: 'engine',
    code: 'engine-disk-full',
    message: `The disk of the engine at ${bench.own.url} is full`,
    why: expect.stringMatching(/no space left on device/i),
    fix: expect.stringMatching(/pypackage clean.*docker system prune/),
  };
}

test('while a wheel is built', async () => {
  await writing(100);
  bench.own.fill(40);
  const { error, ends } = await failsWell();
  expect(error).toMatchObject(full());
  expect(ends).toEqual(['base skipped', 'builder skipped', 'wheels failed']);
});

test('before anything is made', async () => {
  await writing(1);
  bench.own.fill(0);
  expect((await failsWell()).error).toMatchObject(full());
});

test('while the release is built', async () => {
  await writeFile(join(bench.folder, 'mini/__init__.py'), 'def main():\n    print("another")\n');
  const { error, ends } = await failsWell({
    onEvent: (event) => {
      if (event.type === 'stage.started' && event.stage === 'release') bench.own.fill(0);
    },
  });
  expect(error).toMatchObject(full());
  expect(ends.at(-1)).toBe('release failed');
});

test('while wheels are imported as an image', async () => {
  const engine = await bench.own.connect();
  try {
    bench.own.fill(5);
    const tar = packFiles([{ path: 'big', content: Buffer.alloc(30_000_000, 1), mode: 0o644 }]);
    const error = await engine.importImage(tar, 'full/disk:1', {}).catch((problem: unknown) => explainFullDisk(problem, engine.info.endpoint));
    expect(error).toMatchObject(full());
    expect(await engine.findImages({})).toEqual(expect.not.arrayContaining([expect.objectContaining({ tags: ['full/disk:1'] })]));
  } finally {
    engine.close();
  }
});

test('with room again, the next run works and leaves nothing', async () => {
  const good = await bench.releases();
  const run = await bench.run();
  expect(run).toMatchObject({ outcome: 'done', changed: true });
  expect(await bench.releases()).not.toEqual(good);
  // The lease ends a moment after its run.
  await expect.poll(() => bench.leftovers(), { timeout: 10_000 }).toEqual([]);
});
