/** Without a network: dependencies come from a folder with wheels, or from the last export, and what is missing is named. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { lines, stageEnds, useSandbox } from '../../support/core.js';
import type { Run, RunOptions } from '../../support/core.js';
import { wheelOf } from '../../support/index-server.js';
import { mini } from '../../support/projects.js';
import { discard } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const ONE = `one-${sandbox.namespace}`;
const TWO = `two-${sandbox.namespace}`;
const EXPORT = 'target/pypackage/mini';
let folder: string;
let wheels: string;

beforeAll(async () => {
  folder = await sandbox.project(mini({ dependencies: [`${ONE}>=1`, TWO] }), 'mini');
  wheels = join(sandbox.folder, 'wheels');
  await mkdir(wheels);
  await writeFile(join(wheels, wheelOf(ONE).file), wheelOf(ONE).content);
  await sandbox.run(folder, { stages: ['builder'], verb: 'image' });
});

function offline(options: RunOptions = {}): Promise<Run> {
  return sandbox.run(folder, { stages: ['wheels'], verb: 'wheels', offline: true, env: { PIP_FIND_LINKS: '' }, ...options });
}

test('what is in no folder is named, with the folders', async () => {
  const { error } = await offline({ env: { PIP_FIND_LINKS: wheels } });
  expect(error).toMatchObject({
    kind: 'stage',
    code: 'offline-missing',
    message: `There is no wheel of ${TWO} to package without a network`,
    why: `Looked into ${wheels} and ${join(folder, EXPORT)}`,
    fix: `Put it there with: pip download --dest ${wheels} '${TWO}', or run once without --offline`,
  });
});

test("a folder with wheels is enough, and pip's own settings for that count", async () => {
  await writeFile(join(wheels, wheelOf(TWO).file), wheelOf(TWO).content);
  const run = await sandbox.run(folder, { stages: ['wheels'], verb: 'wheels', env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels } });
  expect(run.error).toBeUndefined();
  expect(stageEnds(run.events)).toEqual(['base skipped', 'builder skipped', 'wheels finished']);
  const exported = await readdir(join(folder, EXPORT), { recursive: true });
  expect(exported.map((file) => file.split('/').at(-1))).toEqual(expect.arrayContaining([wheelOf(ONE).file, wheelOf(TWO).file]));
});

test('so is the last export, whose every wheel is the one that its lock names', async () => {
  for (const tag of (await sandbox.tags()).filter((name) => name.includes('-deps:'))) await discard(`/images/${tag}?force=1`);
  await rm(wheels, { recursive: true });
  const run = await offline();
  expect([run.outcome, run.error]).toEqual(['done', undefined]);
  for (const tag of (await sandbox.tags()).filter((name) => name.includes('-deps:'))) await discard(`/images/${tag}?force=1`);
  const files = await readdir(join(folder, EXPORT), { recursive: true });
  const file = join(folder, EXPORT, files.find((name) => name.endsWith(wheelOf(ONE).file)) ?? '');
  await writeFile(file, Buffer.from(wheelOf(ONE).content).fill(0, 40, 44));
  expect((await offline()).error).toMatchObject({ code: 'wheelhouse-changed', where: { file } });
});

test('an image that has to be built is said before anything is tried', async () => {
  const { error, events } = await offline({ baseImage: { reference: await sandbox.freshBase(), source: '--base-image' } });
  expect(error).toMatchObject({ code: 'offline-image', message: 'Dockerfile.builder has to be built, which needs a network' });
  expect(lines(events)).not.toMatch(/apt|resolution/);
});
