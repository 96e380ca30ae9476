import { describe, expect, test } from 'vitest';
import type { ImageRow } from '../../../src/core/objects/object-rows.js';
import { newState, type ProjectState } from '../../../src/vscode/project-state.js';
import { type RunState, startOfRun } from '../../../src/vscode/run-state.js';
import type { WindowOwner } from '../../../src/vscode/views/engine-objects.js';
import { groupImages, imageTreeRow, layerFacts, partsOf, presentImages, previousRelease, roleRow, settingFacts } from '../../../src/vscode/views/image-rows.js';
import { RELEASE, STATUS } from './events.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const POLLS: WindowOwner = { root: '/w/polls', name: 'polls', projectId: 'polls-1a2b3c4d', target: 'polls', namespace: 'acme' };
const SHOP: WindowOwner = { root: '/w/shop', name: 'shop', projectId: 'shop-1a2b3c4d', target: 'shop', namespace: 'acme' };

let made = 0;
function image(fields: Partial<ImageRow>): ImageRow {
  made += 1;
  return { id: `sha256:${String(made).padStart(64, '0')}`, tags: [], size: 168_000_000, created: NOW - 300_000 + made, ...fields };
}
const release = (tags: readonly string[], fields: Partial<ImageRow> = {}): ImageRow =>
  image({ kind: 'release', project: POLLS.projectId, target: 'polls', tags: tags.map((tag) => `acme/polls-release:${tag}`), ...fields });
const shape = (images: readonly ImageRow[], owners: readonly WindowOwner[], isAll = false): unknown =>
  groupImages(images, owners, isAll).map(({ of, role, images }) => [of, role, images.map(({ tags, id }) => tags[0] ?? id)]);

describe('groups', () => {
  test('by role in their order, newest first, and nothing of others', () => {
    const builder = image({ kind: 'builder', tags: ['acme/polls-builder:1'] });
    const [old, now] = [release(['1.0']), release(['1.1'])];
    const others = [
      image({ kind: 'builder', tags: ['acme/other-builder:1'] }),
      image({ tags: ['python:3.13'] }),
      release(['9'], { project: 'polls-ffffffff' }),
    ];
    expect(shape([builder, old, ...others, now], [POLLS])).toEqual([
      [POLLS.root, 'release', ['acme/polls-release:1.1', 'acme/polls-release:1.0']],
      [POLLS.root, 'builder', ['acme/polls-builder:1']],
    ]);
  });

  test('an image that two projects of the window name is with both', () => {
    const shared = image({ kind: 'base', tags: ['acme/polls-base:1', 'acme/shop-base:1'] });
    expect(shape([shared], [POLLS, SHOP])).toEqual([
      [POLLS.root, 'base', ['acme/polls-base:1']],
      [SHOP.root, 'base', ['acme/polls-base:1']],
    ]);
  });

  test('all of them: the others in one group at the end', () => {
    const foreign = image({ tags: ['python:3.13'] });
    const another = release(['9'], { project: 'polls-ffffffff' });
    expect(shape([foreign, release(['1.0']), another], [POLLS], true)).toEqual([
      [POLLS.root, 'release', ['acme/polls-release:1.0']],
      ['', 'other', ['acme/polls-release:9', 'python:3.13']],
    ]);
  });
});

describe('a row', () => {
  const row = (one: ImageRow, present?: ReadonlySet<string>): ReturnType<typeof imageTreeRow> =>
    imageTreeRow(one, { of: POLLS.root, role: one.kind === 'release' ? 'release' : 'builder' }, { owner: POLLS, present, now: NOW });

  test('its version first, then other tags, size, age, and whether it is of the present sources', () => {
    const one = release(['a1b2c3d', 'latest', '1.4.0']);
    expect(row(one, new Set([one.id]))).toMatchObject({
      id: `image:${POLLS.root}:${one.id}`,
      label: '1.4.0',
      description: 'latest · a1b2c3d · 168 MB · 4 min ago · of the present sources',
      icon: 'check',
      colour: 'testing.iconPassed',
      context: 'image ours release named',
    });
    expect(row(one, new Set())).toMatchObject({ description: expect.stringMatching(/of other sources$/), icon: 'package' });
    expect(row(one)).toMatchObject({ description: 'latest · a1b2c3d · 168 MB · 4 min ago' });
  });

  test('the id does not change with what becomes of it', () => {
    const one = release(['1.4.0']);
    expect(row({ ...one, tags: [], size: 1 }).id).toBe(row(one).id);
  });

  test('one without a tag is known by its id; a name for a registry is told whole', () => {
    const untagged = release([]);
    expect(row(untagged)).toMatchObject({ label: untagged.id.slice(7, 19), description: expect.stringMatching(/^untagged · /), context: 'image ours release' });
    const pushed = { ...release(['1.4.0']), tags: ['acme/polls-release:1.4.0', 'registry.example.com/team/polls:1.4.0'] };
    expect(row(pushed).description).toMatch(/^registry\.example\.com\/team\/polls:1\.4\.0 · /);
  });

  test('a revision that no tag tells', () => {
    expect(row(release(['1.4.0'], { revision: 'a1b2c3d4e5' })).description).toMatch(/^a1b2c3d · /);
    expect(row(release(['1.4.0', 'a1b2c3d'], { revision: 'a1b2c3d4e5' })).description).toMatch(/^a1b2c3d · 168/);
  });

  test('others say whose they are', () => {
    const other = (one: ImageRow): ReturnType<typeof imageTreeRow> =>
      imageTreeRow(one, { of: '', role: 'other' }, { owner: undefined, present: undefined, now: NOW });
    expect(other(image({ tags: ['python:3.13'] }))).toMatchObject({
      label: 'python:3.13',
      description: expect.stringMatching(/^not of PyPackage · /),
      context: 'image foreign other named',
    });
    expect(other(release(['9'], { project: 'polls-ffffffff' })).description).toMatch(/^release of polls-ffffffff · /);
    expect(other(image({ kind: 'base', about: 'Python 3.13.1' })).description).toMatch(/^base of another project · untagged · Python 3\.13\.1/);
  });

  test('a group tells how many', () => {
    expect(roleRow({ of: '/w/polls', role: 'release', images: [release(['1']), release(['2'])] })).toMatchObject({ label: 'release', description: '2' });
  });
});

describe('the present sources', () => {
  const artifact = { id: 'sha256:1', name: 'acme/polls-release:1.4.0', size: 1, created: 1 };
  const status = (state: 'up to date' | 'stale'): ProjectState => ({
    ...newState('/w/polls', 'polls'),
    known: { kind: 'status', at: 1, document: { ...STATUS, stages: [{ stage: 'release', state, reason: '', artifact }] } },
  });

  test.each([
    ['what is up to date', status('up to date'), ['sha256:1']],
    ['a stale stage has none', status('stale'), []],
    ['nobody asked', newState('/w/polls', 'polls'), undefined],
    ['a file was saved since', { ...status('up to date'), savedSince: 'polls/views.py' }, undefined],
  ])('%s', (_, state, ids) => {
    const present = presentImages(state);
    expect(present && [...present]).toEqual(ids);
  });

  test('a run that is done says the release', () => {
    const run: RunState = { ...startOfRun(1), phase: 'done', release: { ...RELEASE, tags: [...RELEASE.tags], command: [...RELEASE.command] } };
    expect([...(presentImages({ ...newState('/w/polls', 'polls'), known: { kind: 'run', run } }) ?? [])]).toEqual([RELEASE.imageId]);
  });
});

describe('what is in an image', () => {
  test("nothing of somebody else's is run to find its packages", () => {
    expect(partsOf(image({}))).toEqual(['layers', 'settings']);
    expect(partsOf(release(['1']))).toEqual(['packages', 'layers', 'settings']);
  });

  test('layers that hold files, the instruction as a Dockerfile has it', () => {
    const layers = [
      { createdBy: 'CMD ["gunicorn"]', size: 0 },
      { createdBy: 'RUN /bin/sh -c --mount=type=bind,source=a,target=/a  python  install.py # buildkit', size: 5000 },
      { createdBy: '/bin/sh -c #(nop) COPY dir:1 in / ', size: 96_000 },
      { createdBy: '', size: 126_000_000 },
    ];
    expect(layerFacts({ layers }).map(({ key, label, description, whole }) => [key, label, description, whole])).toEqual([
      ['3', '5 KB', 'RUN python install.py', 'RUN --mount=type=bind,source=a,target=/a python install.py'],
      ['2', '96 KB', 'COPY dir:1 in /', 'COPY dir:1 in /'],
      ['1', '126 MB', 'imported', 'imported'],
    ]);
  });

  test('settings, and each variable', () => {
    const contents = {
      command: ['gunicorn', 'polls.wsgi'],
      entrypoint: [],
      ports: ['8000/tcp'],
      user: '10001:0',
      workingDir: '/home/app',
      platform: 'linux/amd64',
      env: ['A=b=c', 'EMPTY='],
    };
    const facts = settingFacts(contents);
    expect(facts.map(({ label, description }) => `${label}: ${description}`)).toEqual([
      'Command: gunicorn polls.wsgi',
      'Ports: 8000/tcp',
      'User: 10001:0',
      'Working folder: /home/app',
      'Platform: linux/amd64',
      'A: b=c',
      'EMPTY: ',
    ]);
    expect(new Set(facts.map(({ key }) => key)).size).toBe(facts.length);
  });
});

test('the release before: of the same project and target, the newest that is older', () => {
  const [one, two, three] = [release(['1']), release(['2']), release(['3'])];
  const others = [
    release(['x'], { project: 'polls-ffffffff' }),
    release(['y'], { target: 'other' }),
    image({ kind: 'layer', project: POLLS.projectId, target: 'polls' }),
  ];
  expect(previousRelease(three, [one, ...others, three, two])).toBe(two);
  expect(previousRelease(one, [one, two, three])).toBeUndefined();
});
