/** What goes and what stays: old generations after a run, and all of a project by clean. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { existsSync } from 'node:fs';
import { LABEL } from '../../../src/core/engine/labels.js';
import type { CleanItem } from '../../../src/core/request.js';
import { BASE_IMAGE, useSandbox } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { ask, call, containersWith, discard, hasImage, inspectImage, listImages } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;
let folder: string;
let projectId: string;
let foreignContainer: string;
let foreignImage: string;

const created = z.object({ Id: z.string() });

beforeAll(async () => {
  folder = await sandbox.project(mini({ name: 'tidy' }), 'tidy');
  await sandbox.make(folder);
  projectId = (await sandbox.core.status(sandbox.request(folder), signal)).project.id;
  // As like ours as somebody else's can be: a name that begins with ours, a label that looks so.
  foreignImage = await sandbox.image('foreign', `FROM ${BASE_IMAGE}\nLABEL pypackage.kind=release\n`);
  await call('POST', `/images/${foreignImage}/tag?repo=${encodeURIComponent(`${sandbox.namespace}/tidy-release-notes`)}&tag=1.0`);
  const body = { Image: foreignImage, Cmd: ['sleep', '600'], Labels: { 'com.example.project': projectId } };
  foreignContainer = created.parse(JSON.parse(await call('POST', '/containers/create', JSON.stringify(body)))).Id;
});

afterAll(() => discard(`/containers/${foreignContainer}?force=1`));

async function isThere(container: string): Promise<boolean> {
  const filters = encodeURIComponent(JSON.stringify({ name: [container] }));
  return (await ask(z.array(created), `/containers/json?all=1&filters=${filters}`)).length > 0;
}

async function edit(text: string): Promise<void> {
  const file = join(folder, 'mini/__init__.py');
  await writeFile(file, `${await readFile(file, 'utf8')}# ${text}\n`);
}

async function ownImages(kind: string): Promise<readonly string[]> {
  const images = (await listImages()).filter(
    ({ Labels, RepoTags }) => Labels[LABEL.kind] === kind && RepoTags.some((tag) => tag.startsWith(`${sandbox.namespace}/tidy-`)),
  );
  return images.map(({ Id }) => Id);
}

test('after four edits two generations are left, and the tags that people use', async () => {
  const seen: string[] = [];
  for (const text of ['one', 'two', 'three', 'four']) {
    await edit(text);
    seen.push((await sandbox.make(folder)).release.tags[1] ?? '');
  }
  const tags = (await sandbox.tags()).filter((tag) => tag.startsWith(`${sandbox.namespace}/tidy-release:`)).map((tag) => tag.split(':')[1] ?? '');
  expect([...tags].sort()).toEqual(['1.0', 'latest', ...seen.slice(-2)].sort());
  expect(await ownImages('release')).toHaveLength(2);
  expect(await ownImages('wheels')).toHaveLength(2);
  expect(await ownImages('base')).toHaveLength(1);
  const left = (await listImages()).filter(({ Labels }) => Labels[LABEL.project] === projectId);
  expect(left).toHaveLength(2);
});

test('what is made once more leaves no image without a name', async () => {
  await sandbox.make(folder, { force: true, stages: ['wheels', 'release'] });
  const { Labels } = (await inspectImage(`${sandbox.namespace}/tidy-release:latest`)).Config;
  const same = (await listImages()).filter((image) => image.Labels[LABEL.kind] === 'wheels' && image.Labels[LABEL.fingerprint] === Labels[LABEL.application]);
  expect(same).toHaveLength(1);
  expect((await sandbox.make(folder)).changed).toBe(false);
});

test('clean shows what it would remove, and removes just that', async () => {
  const data = `pt-data-${sandbox.namespace}`;
  await call('POST', '/volumes/create', JSON.stringify({ Name: data, Labels: { [LABEL.kind]: 'data', [LABEL.project]: projectId, [LABEL.target]: 'tidy' } }));
  const { swept, items } = await sandbox.core.previewClean(sandbox.request(folder), signal);
  expect(swept).toEqual([]);
  const images = items.filter(({ kind }) => kind === 'image').map(({ name }) => name);
  expect(images).toEqual(expect.arrayContaining([`${sandbox.namespace}/tidy-release:latest`, `${sandbox.namespace}/tidy-release:1.0`]));
  expect(images.filter((name) => !name.startsWith(`${sandbox.namespace}/tidy-`) || name.includes('notes'))).toEqual([]);
  expect(items.filter(({ kind }) => kind === 'export').map(({ name }) => name)).toEqual(['target/pypackage/tidy']);
  expect(items.filter(({ name }) => name === data)).toEqual([]);
  expect(await hasImage(`${sandbox.namespace}/tidy-release:latest`)).toBe(true);

  // Whatever a caller asks for, only what is ours goes.
  const invented: readonly CleanItem[] = [
    { kind: 'image', id: foreignImage, name: foreignImage, reason: '' },
    { kind: 'container', id: foreignContainer, name: 'x', reason: '' },
    { kind: 'volume', id: data, name: data, reason: '' },
    { kind: 'export', id: sandbox.folder, name: 'x', reason: '' },
  ];
  const gone = await sandbox.core.clean(sandbox.request(folder), [...items, ...invented], signal);
  expect(gone).toEqual(expect.arrayContaining([...items]));
  expect(gone).toHaveLength(items.length);
  expect((await sandbox.tags()).filter((tag) => tag.startsWith(`${sandbox.namespace}/tidy-`))).toEqual([`${sandbox.namespace}/tidy-release-notes:1.0`]);
  expect(existsSync(join(folder, 'target/pypackage/tidy'))).toBe(false);
  expect(existsSync(join(folder, 'mini/__init__.py'))).toBe(true);
  expect(await hasImage(foreignImage)).toBe(true);
  expect((await containersWith({ 'com.example.project': projectId })).map(({ Id }) => Id)).toEqual([foreignContainer]);
  const volumes = await ask(z.object({ Volumes: z.array(z.object({ Name: z.string() })) }), '/volumes');
  expect(volumes.Volumes.map(({ Name }) => Name)).toContain(data);
  expect(await sandbox.core.previewClean(sandbox.request(folder), signal)).toEqual({ swept: [], items: [] });
});

test('leftovers of a run that died are swept at once, and told', async () => {
  const labels = { [LABEL.kind]: 'job', [LABEL.run]: '20200101-000000-dead', [LABEL.project]: projectId, [LABEL.target]: 'tidy' };
  const body = { Image: foreignImage, Cmd: ['sleep', '600'], Labels: labels };
  const { Id } = created.parse(JSON.parse(await call('POST', '/containers/create', JSON.stringify(body))));
  const { swept } = await sandbox.core.previewClean(sandbox.request(folder), signal);
  expect(swept.map(({ id }) => id)).toEqual([Id]);
  expect(await containersWith({ [LABEL.run]: '20200101-000000-dead', [LABEL.project]: projectId })).toEqual([]);
});

test('while a run works on the target nothing of it goes', async () => {
  await sandbox.make(folder);
  const { items } = await sandbox.core.previewClean(sandbox.request(folder), signal);
  const before = await ownImages('release');
  const name = `pypackage-lease-${projectId}-tidy`;
  // The lease of the run before may be on its way still.
  await expect.poll(() => isThere(name), { timeout: 5000 }).toBe(false);
  const lease = created.parse(
    JSON.parse(await call('POST', `/containers/create?name=${name}`, JSON.stringify({ Image: foreignImage, Cmd: ['sleep', '600'] }))),
  ).Id;
  try {
    await call('POST', `/containers/${lease}/start`);
    await expect(sandbox.core.clean(sandbox.request(folder), items, signal)).rejects.toMatchObject({ code: 'lease-held' });
    expect(await ownImages('release')).toEqual(before);
  } finally {
    await discard(`/containers/${lease}?force=1`);
  }
});
