/** A package index that is there and not well: said by name and within pip's own limits, what was good stays, and the next run works. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventsOf, stageEnds, useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { SETUPTOOLS, mini } from '../../support/projects.js';
import { inspectImage, isSwept } from '../../support/raw-engine.js';
import { serveSickIndex } from '../../support/sick-index.js';
import type { SickIndex, Sickness } from '../../support/sick-index.js';

const sandbox = useSandbox();
// No set of dependencies that another project on the engine has as wheels already.
const SIX = `six!=0.${Date.now()}`;
let folder: string;
let good: readonly string[];

beforeAll(async () => {
  folder = await sandbox.project(mini(), 'mini');
  await sandbox.make(folder);
  good = await releases();
});

async function releases(): Promise<readonly string[]> {
  const tags = (await sandbox.tags()).filter((tag) => tag.includes('/mini-release:'));
  return Promise.all(tags.map(async (tag) => `${tag} ${(await inspectImage(tag)).Id}`));
}

async function write(parts: Parameters<typeof mini>[0]): Promise<void> {
  await writeFile(join(folder, 'pyproject.toml'), String(mini(parts)['pyproject.toml']));
}

async function withIndex(sickness: Sickness): Promise<{ readonly run: Run; readonly index: SickIndex }> {
  const index = await serveSickIndex(sickness);
  onTestFinished(() => index.close());
  const env = { PIP_INDEX_URL: index.url, PIP_TRUSTED_HOST: index.host, PIP_DEFAULT_TIMEOUT: '1', PIP_RETRIES: '1' };
  const run = await sandbox.run(folder, { env });
  expect(run).toMatchObject({ outcome: 'failed', exitCode: 1 });
  expect(eventsOf(run.events, 'stage.failed')).toHaveLength(1);
  expect(await isSwept(run.id)).toBe(true);
  expect(await releases()).toEqual(good);
  return { run, index };
}

function hostOf({ url }: SickIndex): string {
  return new URL(url).host;
}

describe('while the dependencies are resolved', () => {
  beforeAll(() => write({ dependencies: [SIX] }));

  test('it accepts the connection and says nothing: as long as PIP_DEFAULT_TIMEOUT, as often as PIP_RETRIES', async () => {
    const { run, index } = await withIndex('silent');
    expect(run.error).toMatchObject({
      kind: 'stage',
      code: 'index-timeout',
      message: `The package index at ${hostOf(index)} did not answer in time`,
      why: 'It was waited 1 s for an answer, each time',
      where: { file: 'pyproject.toml' },
    });
    expect(run.error?.fix).toMatch(/PIP_DEFAULT_TIMEOUT.*PIP_RETRIES/);
    expect(index.asked).toEqual(['/simple/six/', '/simple/six/']);
  });

  test('it answers 503', async () => {
    const { run, index } = await withIndex('unavailable');
    expect(run.error).toMatchObject({ code: 'index-failing', message: `The package index at ${hostOf(index)} answers with an error: 503` });
    expect(index.asked).toEqual(['/simple/six/', '/simple/six/']);
  });

  test('every file ends in the middle', async () => {
    const { run, index } = await withIndex('half');
    expect(run.error).toMatchObject({
      code: 'index-incomplete',
      message: `The package index at ${hostOf(index)} sent only a part of six-1.0-py3-none-any.whl`,
    });
    expect(run.error?.why).toMatch(/not enough bytes/);
  });
});

test('while the builder is made: the place in its Dockerfile, too', async () => {
  await write({ buildSystem: SETUPTOOLS.replace(']', ', "six"]') });
  const { run, index } = await withIndex('silent');
  expect(run.error).toMatchObject({
    code: 'index-timeout',
    message: `The package index at ${hostOf(index)} did not answer in time`,
    where: { file: 'Dockerfile.builder', line: expect.any(Number) },
  });
});

test('the next run, with an index that is well, works', async () => {
  await write({ dependencies: [SIX] });
  expect(stageEnds((await sandbox.make(folder)).events).at(-1)).toBe('release finished');
});
