/** What the view of images does: on two releases of one project, with somebody else's things beside them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LABEL } from '../../../src/core/engine/labels.js';
import { UserError } from '../../../src/core/errors.js';
import type { InstalledPackage } from '../../../src/core/objects/image-contents.js';
import { BASE_IMAGE, edit, useSandbox } from '../../support/core.js';
import { Foreign } from '../../support/foreign.js';
import { mini } from '../../support/projects.js';
import { call, discard, hasImage, inspectImage, output } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;
const env = process.env;
let folder: string;
let first: string;
let second: string;
let foreign: Foreign;
let before: readonly string[];

beforeAll(async () => {
  folder = await sandbox.project(mini({ name: 'acts' }), 'acts');
  first = (await inspectImage((await sandbox.make(folder)).release.image)).Id;
  await edit(folder, 'pyproject.toml', 'version = "1.0"', 'version = "1.1"');
  second = (await inspectImage((await sandbox.make(folder)).release.image)).Id;
  foreign = await Foreign.make(`pt-foreign-${sandbox.namespace}`, BASE_IMAGE, `${sandbox.namespace}/acts-release:foreign`);
  before = await foreign.state();
});

afterAll(() => foreign?.discard());

const problemOf = (work: Promise<unknown>): Promise<UserError> =>
  work.then(
    () => Promise.reject(new Error('it was done')),
    (error: unknown) => (error instanceof UserError ? error : Promise.reject(error)),
  );

describe('looking into an image', () => {
  test('settings and layers are those of the engine', async () => {
    const contents = await sandbox.core.imageContents({ env, image: second }, signal);
    const { Config } = await inspectImage(second);
    expect(contents).toMatchObject({ id: second, env: Config.Env, command: Config.Cmd, user: Config.User });
    expect(contents.layers.reduce((sum, { size }) => sum + size, 0)).toBe(contents.size);
  });

  test('packages are what pip lists, with sizes', async () => {
    const packages = await sandbox.core.imagePackages({ env, image: second }, signal);
    const script = 'import importlib.metadata as m\nfor d in m.distributions(): print(d.metadata["Name"], d.version)';
    const listed = await output(second, ['/appenv/bin/python', '-c', script], { entrypoint: [] });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(listed.trim().split('\n').sort());
    expect(packages).toContainEqual({ name: 'acts', version: '1.1', size: expect.toSatisfy((size: number) => size > 100 && size < 100_000) });
  });

  test('a wheelhouse says what it holds', async () => {
    const wheels = (await sandbox.tags()).find((tag) => tag.includes('/acts-wheels:')) ?? '';
    const [only, ...others]: readonly (InstalledPackage | undefined)[] = await sandbox.core.imagePackages({ env, image: wheels }, signal);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name: 'acts', size: expect.toSatisfy((size: number) => size > 100) });
  });

  test("nothing of somebody else's is run", async () => {
    expect(await problemOf(sandbox.core.imagePackages({ env, image: foreign.image }, signal))).toMatchObject({ code: 'image-foreign' });
    expect(await sandbox.core.imageContents({ env, image: foreign.image }, signal)).toMatchObject({ id: foreign.image });
  });

  test('the next release compared with the one before', async () => {
    const comparison = await sandbox.core.compareImages({ env, before: first, after: second }, signal);
    expect(comparison).toMatchObject({ added: [], removed: [], changed: [{ name: 'acts', before: '1.0', after: '1.1', kind: 'upgraded' }] });
    expect([comparison.before.id, comparison.after.id]).toEqual([first, second]);
  });
});

describe('names', () => {
  test('a further name, which is not taken from another image unless asked for', async () => {
    const reference = `${sandbox.namespace}/acts-release:kept`;
    expect(await sandbox.core.tagImage({ env, image: first, reference }, signal)).toBe(reference);
    expect((await inspectImage(reference)).Id).toBe(first);
    expect(await problemOf(sandbox.core.tagImage({ env, image: second, reference }, signal))).toMatchObject({ code: 'tag-taken' });
    expect((await inspectImage(reference)).Id).toBe(first);
    await sandbox.core.tagImage({ env, image: second, reference, replace: true }, signal);
    expect((await inspectImage(reference)).Id).toBe(second);
    await discard(`/images/${reference}`);
  });

  test.each(['acme/Polls:1', 'a b', 'acme/polls@sha256:0123', ''])('"%s" is no name', async (reference) => {
    expect(await problemOf(sandbox.core.tagImage({ env, image: first, reference }, signal))).toMatchObject({ code: 'reference-invalid' });
  });

  test("somebody else's image gets none, and is not pushed", async () => {
    const reference = `${sandbox.namespace}/acts-release:mine`;
    expect(await problemOf(sandbox.core.tagImage({ env, image: foreign.image, reference }, signal))).toMatchObject({ code: 'image-foreign' });
    const pushing = sandbox.core.pushImage({ env, reference: `${sandbox.namespace}/acts-release:foreign` }, () => undefined, signal);
    expect(await problemOf(pushing)).toMatchObject({ code: 'image-foreign' });
    expect(await hasImage(reference)).toBe(false);
  });
});

describe('removing', () => {
  test("somebody else's is refused, previewed or not, also with force", async () => {
    const images = [{ image: foreign.image }];
    expect(await problemOf(sandbox.core.previewRemoval({ env, images }, signal))).toMatchObject({ code: 'image-foreign' });
    const [removed] = await sandbox.core.removeImages({ env, images, force: true }, signal);
    expect(removed?.problem).toMatchObject({ code: 'image-foreign' });
  });

  test('the preview says what goes and what that frees, and that goes', async () => {
    const images = [{ image: first }];
    const { rows, freed } = await sandbox.core.previewRemoval({ env, images }, signal);
    expect(rows).toEqual([expect.objectContaining({ image: first, isWhole: true, kind: 'release', usedBy: [] })]);
    // The layer below is the second one's, too.
    const newest = (await sandbox.core.imageContents({ env, image: first }, signal)).layers.find(({ size }) => size > 0);
    expect(freed).toBe(newest?.size);
    expect(await sandbox.core.removeImages({ env, images }, signal)).toEqual([{ image: first }]);
    expect(await hasImage(first)).toBe(false);
    expect(await sandbox.core.removeImages({ env, images }, signal)).toEqual([
      { image: first, problem: expect.objectContaining({ code: 'image-missing' }) as unknown },
    ]);
  });

  test('of an image that another project names only the given names go', async () => {
    const [own, other] = [`${sandbox.namespace}/acts-release:one`, `${sandbox.namespace}/other-release:one`];
    for (const reference of [own, other]) await sandbox.core.tagImage({ env, image: second, reference }, signal);
    const images = [{ image: second, names: [own] }];
    expect((await sandbox.core.previewRemoval({ env, images }, signal)).rows[0]).toMatchObject({ names: [own], isWhole: false });
    await sandbox.core.removeImages({ env, images }, signal);
    expect([await hasImage(own), await hasImage(other)]).toEqual([false, true]);
    await discard(`/images/${other}`);
  });

  test('what a container was made of stays unless it is asked for', async () => {
    const body = JSON.stringify({ Image: second, Labels: { [LABEL.kind]: 'job' } });
    const name = `pt-user-${sandbox.namespace}`;
    await call('POST', `/containers/create?name=${name}`, body);
    const images = [{ image: second }];
    expect((await sandbox.core.previewRemoval({ env, images }, signal)).rows[0]?.usedBy).toEqual([{ name, isRunning: false }]);
    const [kept] = await sandbox.core.removeImages({ env, images }, signal);
    expect(kept?.problem).toMatchObject({ code: 'image-in-use' });
    expect(await hasImage(second)).toBe(true);
    expect(await sandbox.core.removeImages({ env, images, force: true }, signal)).toEqual([{ image: second }]);
    await discard(`/containers/${name}?force=1`);
  });
});

test("after all of this somebody else's container, image, volume and network are what they were", async () => {
  expect(await foreign.state()).toEqual(before);
});
