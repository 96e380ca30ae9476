/** What stops a project before anything is built, from real folders and a base image that is only described. */
import { describe, expect, test } from 'vitest';
import type { ImageSummary } from '../../../src/core/engine/engine.js';
import { UserError } from '../../../src/core/errors.js';
import { readLocalFacts } from '../../../src/core/pipeline/facts.js';
import { checkFitness, frontEndNote } from '../../../src/core/pipeline/stages/fitness.js';
import { RevisionMemory } from '../../../src/core/project/revision-memory.js';
import { makeFolder } from '../project/folder.js';

const BOOKWORM = { python: '3.11.2', distribution: 'debian-12', systemPython: false, machine: 'x86_64', glibc: '2.36', from: '' };
const TRIXIE = { ...BOOKWORM, python: '3.13.5', distribution: 'debian-13' };

async function check(
  files: Record<string, string>,
  about: typeof BOOKWORM & { rust?: string },
  present: readonly string[] = [],
): Promise<{ error: UserError | undefined; notes: readonly string[] }> {
  const facts = await readLocalFacts(
    { folder: await makeFolder(files), env: {}, logDir: '', baseImage: { reference: 'acme/python:x', source: 'test' } },
    new RevisionMemory(),
  );
  const notes: string[] = [];
  const image: ImageSummary = { id: 'sha256:1', tags: present, labels: {}, created: 0, size: 0 };
  const error: unknown = await checkFitness(
    {
      facts,
      engine: { findImages: () => Promise.resolve([image]) },
      emit: (body) => void (body.type === 'log' && notes.push(body.text)),
      signal: new AbortController().signal,
    },
    about,
  ).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const note = frontEndNote(facts);
  if (note !== undefined) notes.push(note);
  expect(error instanceof UserError ? undefined : error).toBeUndefined();
  return { error: error instanceof UserError ? error : undefined, notes };
}

const project = (more = '', requires = 'hatchling'): string =>
  `[build-system]\nrequires = ["${requires}"]\nbuild-backend = "x"\n[project]\nname = "polls"\nversion = "1"\n${more}`;

describe('Python', () => {
  test('no fit names the bound, where it stands, what is there, and the images that would fit', async () => {
    const present = ['acme/python:3.12.1-slim', 'python:3.12-alpine', 'python:3.13-slim', 'python:3.11', 'acme/other:3.12', 'acme/python:latest'];
    const { error } = await check({ 'pyproject.toml': project('requires-python = ">=3.11,<3.13"\n') }, TRIXIE, present);
    expect(error).toMatchObject({
      kind: 'project',
      code: 'python-mismatch',
      message: 'polls needs Python >=3.11,<3.13, and acme/python:x has 3.13.5',
      where: { file: 'pyproject.toml', line: 7 },
      why: 'pyproject.toml:7 says requires-python >=3.11,<3.13',
    });
    expect(error?.fix).toBe(
      'Name a base image that fits with --base-image, PYPACKAGE_BASE_IMAGE or baseImage in pypackage.json: python:3.12-slim-bookworm, python:3.12-slim-trixie, python:3.11-slim-bookworm, python:3.11-slim-trixie; on this engine: acme/python:3.12.1-slim, python:3.11',
    );
  });

  test('a lock and the configuration bind, too', async () => {
    const lock = await check({ 'pyproject.toml': project(), 'uv.lock': 'version = 1\nrequires-python = ">=3.12"\n' }, BOOKWORM);
    expect(lock.error).toMatchObject({ code: 'python-mismatch', where: { file: 'uv.lock', line: 2 } });
    const config = await check({ 'pyproject.toml': project(), 'pypackage.json': '{"version":1,\n"defaults":{"python":"3.12"}}' }, BOOKWORM);
    expect(config.error).toMatchObject({
      code: 'python-mismatch',
      where: { file: 'pypackage.json', line: 2 },
      message: 'polls needs Python ==3.12.*, and acme/python:x has 3.11.2',
    });
    expect((await check({ 'pyproject.toml': project('requires-python = ">=3.11"\n') }, BOOKWORM)).error).toBeUndefined();
  });
});

describe('Rust', () => {
  test('decides which image is taken where none is named', async () => {
    const reference = async (version: string): Promise<string> => {
      const folder = await makeFolder({ 'pyproject.toml': project('', 'maturin'), 'Cargo.toml': `[package]\nrust-version = "${version}"\n` });
      return (await readLocalFacts({ folder, env: {}, logDir: '' }, new RevisionMemory())).baseReference.reference;
    };
    expect([await reference('1.60'), await reference('1.83'), await reference('1.99')]).toEqual([
      'python:3.13-slim-bookworm',
      'python:3.13-slim-trixie',
      'python:3.13-slim-bookworm',
    ]);
  });

  const files = { 'pyproject.toml': project('', 'maturin'), 'Cargo.toml': '[package]\nrust-version = "1.83.0"\n' };

  test("the distribution's that is too old names both versions and a base that would do", async () => {
    const { error } = await check(files, BOOKWORM);
    expect(error).toMatchObject({
      code: 'rust-too-old',
      message: 'polls needs Rust 1.83.0 or later to build, and acme/python:x (debian 12) has 1.63',
      where: { file: 'Cargo.toml', line: 2 },
    });
    expect(error?.fix).toContain('Debian trixie, which has Rust 1.85');
    expect(error?.fix).toContain('python:3.11-slim-trixie');
  });

  test('is fine where the distribution, the image or the configuration brings it', async () => {
    expect((await check(files, TRIXIE)).error).toBeUndefined();
    expect((await check(files, { ...BOOKWORM, rust: '1.90.0' })).error).toBeUndefined();
    expect((await check(files, { ...BOOKWORM, distribution: 'debian-testing' })).error).toBeUndefined();
    const configured = '{"version":1,"defaults":{"systemPackages":{"build":["rustup"]}}}';
    expect((await check({ ...files, 'pypackage.json': configured }, BOOKWORM)).error).toBeUndefined();
  });
});

describe('a front end', () => {
  const included = project('[tool.hatch.build.hooks.custom]\n[tool.hatch.build.targets.wheel]\nforce-include = { build = "polls/ui" }\n');
  const files = { 'pyproject.toml': included, 'hatch_build.py': 'run(["npm"])', 'package.json': '{"scripts":{"build":"x"}}' };

  test('that is needed and was not built is said with the setting that builds it', async () => {
    const { error } = await check(files, TRIXIE);
    expect(error).toMatchObject({
      code: 'front-end-not-built',
      message: 'The front end of polls is not built: build is not there',
      where: { file: 'hatch_build.py', line: 1 },
      why: 'hatch_build.py:1 runs npm, which the builder does not have',
      fix: 'Have it built before the wheel, in pypackage.json: { "version": 1, "defaults": { "prebuild": {"command":"npm ci && npm run build","image":"node:22"} } }',
    });
  });

  test('beside another problem, each is said', async () => {
    const { error, notes } = await check({ ...files, 'pyproject.toml': included.replace('[tool', 'requires-python = "<3.13"\n[tool') }, TRIXIE);
    expect(error?.code).toBe('python-mismatch');
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^also: The front end of polls is not built: build is not there\. Have it built.*prebuild/);
  });

  test('that is built, or built otherwise, is fine', async () => {
    expect(await check({ ...files, 'build/index.html': '' }, TRIXIE)).toEqual({ error: undefined, notes: [] });
    for (const config of ['"prebuild":{"command":"make ui"}', '"systemPackages":{"build":["npm"]}', '"buildCommand":"make"'])
      expect(await check({ ...files, 'pypackage.json': `{"version":1,"defaults":{${config}}}` }, TRIXIE)).toEqual({ error: undefined, notes: [] });
  });

  test('that the settings of a site name and nobody built gets a note', async () => {
    const site = {
      'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nimport django\n',
      'requirements.txt': 'django\n',
      'shop/settings.py': 'STATICFILES_DIRS = [BASE_DIR / "dist"]\n',
      'package.json': '{"scripts":{"build":"x"}}',
    };
    const { error, notes } = await check(site, TRIXIE);
    expect(error).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/^the front end is not built: dist, which shop\/settings\.py names, is not there; .*"prebuild"/)]);
    expect((await check({ ...site, 'dist/app.js': '' }, TRIXIE)).notes).toEqual([]);
  });

  test('of which nothing tells whether it is built gets a note', async () => {
    const { error, notes } = await check({ 'setup.py': "setup(name='a')\ncheck_call(['yarn', 'build'])", 'package.json': '{"scripts":{"build":"x"}}' }, TRIXIE);
    expect(error).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/^setup\.py:2 may run yarn, .*"prebuild"/)]);
  });
});
