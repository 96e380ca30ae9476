/** What is stale and what passes, from facts of a real folder and images that are only described. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageDetails, ImageSummary } from '../../../src/core/engine/engine.js';
import { LABEL } from '../../../src/core/engine/labels.js';
import type { Kind, Labels } from '../../../src/core/engine/labels.js';
import type { Facts } from '../../../src/core/pipeline/facts.js';
import type { ApplicationFacts, SystemPackages } from '../../../src/core/pipeline/image-facts.js';
import { Inventory } from '../../../src/core/pipeline/inventory.js';
import { DEFAULT_TARGET_CONFIG } from '../../../src/core/config/target-config.js';
import {
  lookAtApplication,
  lookAtBase,
  lookAtBuilder,
  lookAtDependencies,
  lookAtLayer,
  lookAtRelease,
  pythonOf,
  systemPackagesOf,
} from '../../../src/core/pipeline/plan.js';
import { passed } from '../../../src/core/pipeline/retention.js';
import { stagesOf } from '../../../src/core/pipeline/status.js';
import { detectProject } from '../../../src/core/project/detect.js';
import { readSources } from '../../../src/core/project/sources.js';
import { writeFiles } from '../../support/core.js';
import { NO_OPTIONS } from '../../../src/core/locks/indexes.js';
import { NOT_READ } from '../../../src/core/pipeline/wanted.js';
import { mini } from '../../support/projects.js';

const baseImage: ImageDetails = {
  ...image('sha256:python', ['python:3.13'], {}, 1),
  repoDigests: ['python@sha256:b', 'mirror.example.com/python@sha256:a'],
  layers: ['sha256:l1'],
  platform: 'linux/amd64',
  env: [],
  command: [],
  entrypoint: [],
  user: '',
  workingDir: '',
  ports: [],
};
const baseFacts = { python: '3.13.1', distribution: 'debian-12', systemPython: false, machine: 'x86_64', glibc: '2.36', from: 'python:3.13' };
const applicationFacts: ApplicationFacts = {
  file: 'mini-1.0-py3-none-any.whl',
  name: 'mini',
  version: '1.0',
  sha256: 'a'.repeat(64),
  size: 1,
  requiresDist: ['six'],
  providesExtra: [],
  scripts: ['mini'],
  modules: ['mini'],
  system: [],
};
const dependencyFacts = { packages: ['six==1.17.0'], lock: 'b'.repeat(64), size: 1, system: [] };

let folder: string;
let empty: Omit<Facts, 'inventory'>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pypackage-plan-'));
  await writeFiles(folder, mini({ dependencies: ['six'] }));
  empty = {
    folder,
    below: undefined,
    project: await detectProject(folder),
    revision: undefined,
    projectId: 'mini-01234567',
    target: 'mini',
    namespace: 'local',
    config: DEFAULT_TARGET_CONFIG,
    extras: [],
    groups: [],
    baseReference: { reference: 'python:3.13', source: 'default' },
    sourceDateEpoch: 1,
    indexInputs: [],
    indexNames: [],
    sources: await readSources(folder),
    changed: undefined,
    exported: undefined,
    canExport: true,
    git: undefined,
    baseImage,
    dependencies: { ...NOT_READ, open: { requirements: ['six'], constraints: [], folders: [], files: [], options: NO_OPTIONS } },
  };
});

afterAll(() => rm(folder, { recursive: true }));

function image(id: string, tags: readonly string[], labels: Labels, created: number): ImageSummary {
  return { id, tags, labels, size: 1, created };
}

async function factsWith(images: readonly ImageSummary[], overrides: Partial<Facts> = {}): Promise<Facts> {
  return { ...empty, inventory: await Inventory.of({ findImages: () => Promise.resolve(images) }, new AbortController().signal), ...overrides };
}

function made(kind: Kind, fingerprint: string, tag: string, facts?: object, more: Labels = {}): ImageSummary {
  return image(
    `sha256:${tag}`,
    [tag],
    { [LABEL.kind]: kind, [LABEL.fingerprint]: fingerprint, ...(facts && { [LABEL.facts]: JSON.stringify(facts) }), ...more },
    1,
  );
}

/** All images of an up-to-date project, in the order of the stages. */
async function complete(): Promise<readonly ImageSummary[]> {
  const facts = await factsWith([]);
  const base = lookAtBase(facts)?.fingerprint ?? '';
  const builder = lookAtBuilder(facts, { fingerprint: base, facts: baseFacts }).fingerprint;
  const application = lookAtApplication(facts, builder).fingerprint;
  const resolved = lookAtDependencies(facts, { fingerprint: base, facts: baseFacts });
  const dependencies = resolved === 'none' ? '' : resolved.fingerprint;
  const layer =
    lookAtLayer(facts, { base: { fingerprint: base, facts: baseFacts }, application: applicationFacts, dependencies: dependencyFacts })?.fingerprint ?? '';
  const release = lookAtRelease(facts, { below: layer, application: applicationFacts, dependencies: dependencyFacts });
  const own = {
    [LABEL.project]: facts.projectId,
    [LABEL.target]: 'mini',
    [LABEL.application]: application,
    [LABEL.dependencies]: dependencies,
    [LABEL.layer]: layer,
  };
  return [
    made('base', base, 'local/mini-base:1', baseFacts),
    made('builder', builder, 'local/mini-builder:1'),
    made('wheels', application, 'local/mini-wheels:1', applicationFacts),
    made('deps', dependencies, 'local/mini-deps:1', dependencyFacts),
    made('layer', layer, 'local/mini-deps:layer-1'),
    { ...made('release', release.fingerprint, 'x', undefined, own), tags: release.tags.map((tag) => `local/mini-release:${tag}`) },
  ];
}

async function exportOf(images: readonly ImageSummary[]): Promise<Facts['exported']> {
  const [application = '', dependencies = ''] = [images[2], images[3]].map((found) => found?.labels[LABEL.fingerprint]);
  return { python: '3.13', extras: [], wheels: [], fingerprints: { application, dependencies } };
}

function told(facts: Facts): readonly string[] {
  return stagesOf(facts).stages.map(({ stage, state, reason }) => `${stage}: ${state}${reason === '' ? '' : ` (${reason})`}`);
}

describe('pythonOf', () => {
  const given = { baseReference: { reference: 'acme/python:3.11.9-slim', source: '--base-image' } };

  test('is what the base image has, once it was asked', async () => {
    expect(pythonOf(await factsWith(await complete()))).toEqual({ version: '3.13.1', reason: 'of python:3.13' });
  });

  test('before that what the name of a given image promises, and of one chosen for the project what the project asks for', async () => {
    expect(pythonOf(await factsWith([], given)).version).toBe('3.11.9');
    const { python } = empty.project;
    const chosen = { baseReference: { reference: 'python:3.12-slim', source: python.reason } };
    expect(pythonOf(await factsWith([], chosen))).toEqual(python);
    expect(pythonOf(await factsWith([], { baseReference: { reference: 'acme/base:7', source: '--base-image' } }))).toEqual(python);
  });
});

describe('stagesOf', () => {
  test('nothing there', async () => {
    expect(told(await factsWith([]))).toEqual([
      'base: never run (not built yet)',
      'builder: stale (base is stale)',
      'wheels: stale (builder is stale)',
      'release: stale (wheels is stale)',
    ]);
  });

  test('without the base image', async () => {
    expect(told(await factsWith([], { baseImage: undefined }))[0]).toBe('base: stale (python:3.13 is not on the engine yet)');
  });

  test('all there', async () => {
    const images = await complete();
    const facts = await factsWith(images, { exported: await exportOf(images) });
    expect(told(facts)).toEqual(['base: up to date', 'builder: up to date', 'wheels: up to date', 'release: up to date']);
    expect(stagesOf(facts).release).toMatchObject({ image: 'local/mini-release', tags: ['1.0', `src-${facts.sources.digest.slice(0, 8)}`, 'latest'] });
  });

  test('one stage after the other', async () => {
    const images = await complete();
    const states: string[] = [];
    for (let count = 0; count <= images.length; count++)
      states.push(
        told(await factsWith(images.slice(0, count), { exported: await exportOf(images) }))
          .map((text) => (text.endsWith('up to date') ? '✓' : '-'))
          .join(''),
      );
    expect(states).toEqual(['----', '✓---', '✓✓--', '✓✓--', '✓✓✓-', '✓✓✓-', '✓✓✓✓']);
  });

  test('the export is looked at, and the changed files are named', async () => {
    const images = await complete();
    expect(told(await factsWith(images))[2]).toBe('wheels: stale (the export in target/ is not this wheelhouse)');
    expect(told(await factsWith(images, { canExport: false }))[2]).toBe('wheels: up to date');
    const changed = ['mini/a.py', 'mini/b.py', 'mini/c.py'];
    const edited = await factsWith(images, { sources: { ...empty.sources, digest: '0'.repeat(64) }, changed });
    expect(told(edited).slice(2)).toEqual(['wheels: stale (mini/a.py and 2 more changed)', 'release: stale (wheels is stale)']);
  });

  test('labels of ours that somebody else wrote are not believed', async () => {
    const images = (await complete()).map((found) => ({
      ...found,
      labels: { ...found.labels, ...(found.labels[LABEL.facts] !== undefined && { [LABEL.facts]: '{"python": 3}' }) },
    }));
    expect(told(await factsWith(images))[0]).toBe('base: stale (python:3.13 changed)');
  });
});

describe('what a fingerprint depends on', () => {
  test("the configuration's system packages: the builder and the layer, which there is for them alone", async () => {
    const facts = await factsWith([]);
    const configured = { ...facts, config: { ...facts.config, systemPackages: { build: ['libfoo-dev'], run: ['libfoo1'] } } };
    const base = { fingerprint: 'b', facts: baseFacts };
    expect(lookAtBuilder(configured, base).fingerprint).not.toBe(lookAtBuilder(facts, base).fingerprint);
    const layer = (from: Facts, dependencies: typeof dependencyFacts | undefined): string | undefined =>
      lookAtLayer(from, { base, application: applicationFacts, dependencies })?.fingerprint;
    expect(layer(configured, dependencyFacts)).not.toBe(layer(facts, dependencyFacts));
    expect(layer(facts, undefined)).toBeUndefined();
    expect(layer(configured, undefined)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('what the application itself needs: the layer, without dependencies too; each package once, with the nearest reason', async () => {
    const facts = await factsWith([]);
    const reason = (name: string, wheel: string): SystemPackages[number] => ({ package: name, because: `${wheel} uses it`, wheel, library: `${name}.so` });
    const application = { ...applicationFacts, system: [reason('libpq5', 'mini'), reason('libz1', 'mini')] };
    const base = { fingerprint: 'b', facts: baseFacts };
    expect(lookAtLayer(facts, { base, application: applicationFacts, dependencies: undefined })).toBeUndefined();
    expect(lookAtLayer(facts, { base, application, dependencies: undefined })?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    const configured = { ...facts, config: { ...facts.config, systemPackages: { build: [], run: ['libz1', 'git'] } } };
    const dependencies = { ...dependencyFacts, system: [reason('libpq5', 'six'), reason('libffi8', 'six')] };
    expect(systemPackagesOf(configured, application, dependencies).map((item) => `${item.package}: ${item.because}`)).toEqual([
      'git: pypackage.json names it',
      'libffi8: six uses it',
      'libpq5: mini uses it',
      'libz1: pypackage.json names it',
    ]);
  });

  test('the base: on the digest of the registry, not on the name, the id or the order of digests', async () => {
    const print = async (overrides: Partial<ImageDetails>): Promise<string | undefined> =>
      lookAtBase(await factsWith([], { baseImage: { ...baseImage, ...overrides } }))?.fingerprint;
    const first = await print({});
    expect(await print({ id: 'sha256:other', tags: ['x:1'], repoDigests: [...baseImage.repoDigests].reverse() })).toBe(first);
    expect(await print({ repoDigests: ['python@sha256:c'] })).not.toBe(first);
    expect(await print({ repoDigests: [] })).not.toBe(first);
    expect(await print({ repoDigests: [], layers: ['sha256:l2'] })).not.toBe(await print({ repoDigests: [] }));
  });

  test('images that are shared: not on the project, its namespace or its folder', async () => {
    const facts = await factsWith([]);
    const other = {
      ...facts,
      namespace: 'acme',
      target: 'other',
      projectId: 'other-1',
      project: { ...facts.project, root: '/elsewhere', name: 'other', normalizedName: 'other' },
    };
    const builder = (from: Facts): string => lookAtBuilder(from, { fingerprint: 'x', facts: baseFacts }).fingerprint;
    expect(builder(other)).toBe(builder(facts));
    expect(lookAtApplication(other, 'b').fingerprint).toBe(lookAtApplication(facts, 'b').fingerprint);
  });

  test('a release: on the wheel and on what is below', async () => {
    const facts = await factsWith([]);
    const inputs = { below: 'x', application: applicationFacts, dependencies: dependencyFacts };
    const print = (changes: Partial<typeof inputs>): string => lookAtRelease(facts, { ...inputs, ...changes }).fingerprint;
    expect(print({ application: { ...applicationFacts, sha256: 'c'.repeat(64) } })).not.toBe(print({}));
    expect(print({ below: 'y' })).not.toBe(print({}));
    expect(print({ application: { ...applicationFacts, version: '2.0' } })).toBe(print({}));
  });
});

describe('a release that is there', () => {
  test('under the labels and tags that are wanted, with fewer tags, of another commit', async () => {
    const images = await complete();
    const release = images.at(-1);
    const revision = { commit: 'c'.repeat(40), branch: 'main', dirty: false, commitTime: 0, origin: undefined, path: '' };
    const lacks = async (tags: readonly string[], overrides: Partial<Facts> = {}): Promise<string> => {
      const facts = await factsWith(release ? [{ ...release, tags }] : [], overrides);
      return lookAtRelease(facts, { below: release?.labels[LABEL.layer] ?? '', application: applicationFacts, dependencies: dependencyFacts }).lacks;
    };
    const all = release?.tags ?? [];
    expect(await lacks(all)).toBe('nothing');
    expect(await lacks(all.slice(1))).toBe('tags');
    expect(await lacks([])).toBe('tags');
    expect(await lacks(all, { revision })).toBe('labels');
    expect(await lacks(all, { namespace: 'acme' })).toBe('tags');
    expect(await lacks(all, { sourceDateEpoch: 2 })).toBe('content');
  });
});

describe('passed', () => {
  const own = { [LABEL.project]: 'mini-01234567', [LABEL.target]: 'mini' };
  const release = (n: number, tags: readonly string[], labels: Labels = {}): ImageSummary =>
    image(
      `sha256:r${n}`,
      tags.map((tag) => `local/mini-release:${tag}`),
      { [LABEL.kind]: 'release', [LABEL.fingerprint]: `r${n}`, ...own, ...labels },
      n,
    );
  const wheels = (n: number, tags: readonly string[] = [`local/mini-wheels:${n}`]): ImageSummary =>
    image(`sha256:w${n}`, tags, { [LABEL.kind]: 'wheels', [LABEL.fingerprint]: `w${n}` }, n);
  const gone = async (images: readonly ImageSummary[], inUse: readonly string[] = []): Promise<readonly string[]> =>
    [...passed(await factsWith(images), new Set(inUse))].sort();

  test('releases: the newest two stay, and every one that a commit, a version or a person named', async () => {
    const images = [
      release(5, ['1.0', 'src-00000005', 'latest']),
      release(4, ['src-00000004']),
      release(3, ['src-00000003']),
      release(2, ['abcdef0']),
      release(1, ['abcdef0-00000001', 'keep-this']),
    ];
    expect(await gone(images)).toEqual(['local/mini-release:src-00000003']);
  });

  test('a release without a name goes, and does not count', async () => {
    expect(await gone([release(3, ['latest']), release(2, []), release(1, ['src-00000001'])])).toEqual(['sha256:r2']);
  });

  test('releases of others stay, whatever they are called', async () => {
    const others = [1, 2, 3, 4].map((n) => release(n, [`src-0000000${n}`], { [LABEL.project]: 'other-1' }));
    expect(await gone([...others, release(9, ['latest'])])).toEqual([]);
  });

  test('wheels: the newest two stay, what a staying release names, and what this run worked with', async () => {
    const images = [release(9, ['1.0'], { [LABEL.application]: 'w1' }), wheels(5), wheels(4), wheels(3), wheels(2), wheels(1)];
    expect(await gone(images, ['w2'])).toEqual(['local/mini-wheels:3']);
  });

  test('only names of this target go: another project may share the image', async () => {
    expect(await gone([wheels(3), wheels(2), wheels(1, ['local/mini-wheels:1', 'acme/mini-wheels:1'])])).toEqual(['local/mini-wheels:1']);
  });

  test('what was made once more is one too many', async () => {
    const double = { ...wheels(1, []), labels: wheels(2).labels };
    expect(await gone([wheels(2), double, wheels(3, [])])).toEqual(['sha256:w1']);
  });
});
