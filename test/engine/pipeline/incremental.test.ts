/** What a run does when there is little to do: each change makes what depends on it and nothing else. The tests go on from each other. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readExport } from '../../../src/core/wheels/export.js';
import type { ReleaseSummary } from '../../../src/core/pipeline/events.js';
import { BASE_IMAGE, commitAll, edit, eventsOf, git, lastOf, reasonOf, stageEnds, useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { makeRandomProject } from '../../support/random-project.js';
import type { RandomProject } from '../../support/random-project.js';
import { call, engineEventsDuring, inspectImage } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const ORIGIN = 'https://someone:t0ken@git.example.com/shop.git';
const ALL_SKIPPED = ['base skipped', 'builder skipped', 'wheels skipped', 'release skipped'];
const ONLY_RELEASE = ['base skipped', 'builder skipped', 'wheels skipped', 'release finished'];
const APPLICATION = ['base skipped', 'builder skipped', 'wheels finished', 'release finished'];

let project: RandomProject;
let folder: string;
let last: Run & { readonly release: ReleaseSummary };

beforeAll(async () => {
  project = await makeRandomProject(sandbox.folder, 20_261_123);
  folder = project.root;
  await writeFile(join(folder, '.gitignore'), 'target/\n');
  await commitAll(folder);
  await git(folder, 'remote', 'add', 'origin', ORIGIN);
  last = await sandbox.make(folder);
});

function views(): string {
  return `${project.settings.split('.')[0]}/__init__.py`;
}

async function append(path: string, text: string): Promise<void> {
  await writeFile(join(folder, path), `${await readFile(join(folder, path), 'utf8')}${text}`);
}

async function layersOf(run: { readonly release: ReleaseSummary }): Promise<readonly string[]> {
  return (await inspectImage(run.release.imageId)).RootFS.Layers;
}

/** Names and ids of all images here. */
async function images(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const tag of await sandbox.tags()) found.push(`${tag} ${(await inspectImage(tag)).Id}`);
  return found;
}

/** What the engine made for us while the work ran, of our images, and of containers with their kind. */
async function deedsDuring(work: () => Promise<void>): Promise<readonly string[]> {
  const { project: id } = await sandbox.core.status(sandbox.request(folder), new AbortController().signal);
  const events = await engineEventsDuring(work);
  return events
    .filter(({ attributes }) => attributes['io.pypackage.project'] === id.id || attributes['name']?.includes(sandbox.namespace) === true)
    .filter(({ action }) => !/^(die|destroy|kill|stop)$/.test(action)) // a lease of the run before may still be on its way out
    .map(({ type, action, attributes }) => `${type} ${action} ${attributes['io.pypackage.kind'] ?? ''}`.trim());
}

function wheelsMade(run: Run): readonly string[] {
  return eventsOf(run.events, 'artifact').flatMap(({ kind, name }) => (kind === 'wheel' ? [name] : []));
}

test('nothing changed: every stage is skipped and the engine makes nothing', async () => {
  const before = await images();
  const deeds = await deedsDuring(async () => {
    const run = await sandbox.make(folder);
    expect(stageEnds(run.events)).toEqual(ALL_SKIPPED);
    expect(eventsOf(run.events, 'stage.skipped').map(({ reason }) => reason)).toEqual(Array(4).fill('up to date'));
    expect(run).toMatchObject({ outcome: 'done', exitCode: 0, changed: false });
    expect(run.release).toEqual(last.release);
    expect(lastOf(run.events, 'run.finished')?.changed).toBe(false);
  });
  expect(deeds).toEqual([]);
  expect(await images()).toEqual(before);
});

test('the tree that Git knows is clean: what we put into it is ignored', () => {
  expect(last.release.tags[1]).toMatch(/^[0-9a-f]{7}$/);
});

test('status looks at the same things and makes nothing', async () => {
  await append(views(), '# edited\n');
  const deeds = await deedsDuring(async () => {
    const status = await sandbox.core.status(sandbox.request(folder), new AbortController().signal);
    expect(status.stages.map(({ stage, state }) => `${stage}: ${state}`)).toEqual([
      'base: up to date',
      'builder: up to date',
      'wheels: stale',
      'release: stale',
    ]);
    expect(status.stages[2]?.reason).toBe(`${views()} changed`);
    expect(status.project.id).toMatch(/-[0-9a-f]{8}$/);
    expect(status.release).toBeUndefined();
  });
  expect(deeds).toEqual([]);
});

test('one file edited: one wheel, one layer, and the reason names the file', async () => {
  const run = await sandbox.make(folder);
  expect(stageEnds(run.events)).toEqual(APPLICATION);
  expect(reasonOf(run.events, 'wheels')).toBe(`${views()} changed`);
  expect(wheelsMade(run)).toHaveLength(1);
  expect(eventsOf(run.events, 'stage.finished')[0]?.summary).toMatch(/^1 built, \d+ kept$/);
  const [before, after] = [await layersOf(last), await layersOf(run)];
  expect(after).toHaveLength(before.length);
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
  expect(after.at(-1)).not.toBe(before.at(-1));
  expect(run.release.tags[1]).toMatch(new RegExp(`^${last.release.tags[1]}-[0-9a-f]{8}$`));
  last = run;
});

test('the same files under a new commit: new labels and tags on the same layers, no container', async () => {
  const commit = await commitAll(folder, 'edited');
  let run = last;
  const deeds = await deedsDuring(async () => {
    run = await sandbox.make(folder);
  });
  expect(stageEnds(run.events)).toEqual(ONLY_RELEASE);
  expect(lastOf(run.events, 'stage.finished')?.summary).toBe('labelled');
  expect(run.release.tags).toEqual([project.version, commit.slice(0, 7), 'latest']);
  expect(await layersOf(run)).toEqual(await layersOf(last));
  expect((await inspectImage(run.release.imageId)).Config.Labels['io.pypackage.revision']).toBe(commit);
  expect(deeds.filter((deed) => deed.startsWith('container') && !deed.endsWith(' lease'))).toEqual([]);
  expect(stageEnds((await sandbox.make(folder)).events)).toEqual(ALL_SKIPPED);
  last = run;
});

test('an edit that is taken back: the wheel and the release of before are found again', async () => {
  const text = await readFile(join(folder, views()), 'utf8');
  await append(views(), '# again\n');
  await sandbox.make(folder);
  await writeFile(join(folder, views()), text);
  const run = await sandbox.make(folder);
  expect(wheelsMade(run)).toEqual([]);
  expect(lastOf(run.events, 'stage.finished')?.summary).toBe('tagged');
  expect(run.release.imageId).toBe(last.release.imageId);
  expect((await inspectImage(`${run.release.image}:latest`)).Id).toBe(run.release.imageId);
  expect(stageEnds((await sandbox.make(folder)).events)).toEqual(ALL_SKIPPED);
});

test('without the export: it is made again from the engine', async () => {
  const exported = join(folder, 'target/pypackage');
  const before = await readFile(await lockIn(folder), 'utf8');
  await rm(exported, { recursive: true });
  const run = await sandbox.make(folder);
  expect(stageEnds(run.events)).toEqual(['base skipped', 'builder skipped', 'wheels finished', 'release skipped']);
  expect(lastOf(run.events, 'stage.finished')?.summary).toBe('exported');
  expect(await readFile(await lockIn(folder), 'utf8')).toBe(before);
  expect(await readExport(join(await lockIn(folder), '..'))).toBeDefined();
});

test('with a damaged export, too', async () => {
  const lock = await readExport(join(await lockIn(folder), '..'));
  await rm(join(await lockIn(folder), '..', lock?.wheels[0]?.path ?? ''));
  const run = await sandbox.make(folder);
  expect(lastOf(run.events, 'stage.finished')?.summary).toBe('exported');
  expect(await readExport(join(await lockIn(folder), '..'))).toEqual(lock);
});

async function lockIn(root: string): Promise<string> {
  const { target } = await sandbox.core.describe(root);
  return join(root, 'target/pypackage', target, 'pylock.toml');
}

test('a fresh clone elsewhere: nothing is built, and it is the same project on the engine', async () => {
  const clone = join(sandbox.folder, 'a clone');
  await git(sandbox.folder, 'clone', '--quiet', folder, clone);
  await git(clone, 'remote', 'set-url', 'origin', ORIGIN.replace('someone:t0ken@', ''));
  const before = await images();
  const run = await sandbox.make(clone);
  expect(stageEnds(run.events)).toEqual(['base skipped', 'builder skipped', 'wheels finished', 'release skipped']);
  expect(lastOf(run.events, 'stage.finished')?.summary).toBe('exported');
  expect(await images()).toEqual(before);
  expect(run.release.imageId).toBe((await inspectImage(`${last.release.image}:latest`)).Id);
  expect(await readFile(await lockIn(clone), 'utf8')).toBe(await readFile(await lockIn(folder), 'utf8'));
});

test('the origin stands in a label without its password', async () => {
  const { Labels } = (await inspectImage(`${last.release.image}:latest`)).Config;
  expect(Labels['org.opencontainers.image.source']).toBe('https://git.example.com/shop.git');
});

test('a dependency more: resolved anew, and base and builder stay', async () => {
  await edit(folder, 'pyproject.toml', '"whitenoise>=6.9"', '"whitenoise>=6.9", "packaging>=24"');
  const run = await sandbox.make(folder);
  expect(stageEnds(run.events)).toEqual(APPLICATION);
  expect(reasonOf(run.events, 'wheels')).toBe('pyproject.toml changed');
  const lock = await readExport(join(await lockIn(folder), '..'));
  expect(lock?.wheels.map(({ name }) => name)).toContain('packaging');
  expect(eventsOf(run.events, 'stage.finished')[0]?.summary).toBe(`${lock?.wheels.length ?? 0} built`);
  const [before, after] = [await layersOf(last), await layersOf(run)];
  expect(after.slice(0, -2)).toEqual(before.slice(0, -2));
  expect(after.at(-2)).not.toBe(before.at(-2));
  last = run;
});

test('the base image moved: the base is made anew, and what is behind it is stale', async () => {
  const moving = `${sandbox.namespace}/python:moving`;
  const baseImage = { reference: moving, source: '--base-image' };
  const only = { stages: ['base'] as const, verb: 'image' as const, baseImage };
  const point = async (image: string): Promise<void> => {
    await call('POST', `/images/${image}/tag?repo=${encodeURIComponent(`${sandbox.namespace}/python`)}&tag=moving`);
  };
  // Another name for the same image is the same base.
  await point(BASE_IMAGE);
  expect(stageEnds((await sandbox.run(folder, only)).events)).toEqual(['base skipped']);
  await point(await sandbox.image('one', `FROM ${BASE_IMAGE}\nCOPY one /etc/one\n`, { one: sandbox.namespace }));
  expect(stageEnds((await sandbox.run(folder, only)).events)).toEqual(['base finished']);
  await point(await sandbox.image('two', `FROM ${BASE_IMAGE}\nCOPY two /etc/two\n`, { two: sandbox.namespace }));
  const run = await sandbox.run(folder, only);
  expect(stageEnds(run.events)).toEqual(['base finished']);
  expect(reasonOf(run.events, 'base')).toBe(`${moving} changed`);
  const status = await sandbox.core.status(sandbox.request(folder, { baseImage }), new AbortController().signal);
  expect(status.stages.map(({ stage, state }) => `${stage}: ${state}`)).toEqual(['base: up to date', 'builder: stale', 'wheels: stale', 'release: stale']);
});

test('another folder with the same sources needs no wheel of its own', async () => {
  const copy = join(sandbox.folder, 'copy');
  await cp(folder, copy, { recursive: true, filter: (path) => !/\/(target|\.git)$/.test(path) });
  const run = await sandbox.make(copy);
  expect(wheelsMade(run)).toEqual([]);
  expect(stageEnds(run.events)).toEqual(['base skipped', 'builder skipped', 'wheels finished', 'release finished']);
  expect(run.release.tags[1]).toMatch(/^src-[0-9a-f]{8}$/);
  expect(await layersOf(run)).toEqual(await layersOf(last));
});
