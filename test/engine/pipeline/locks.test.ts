/** A lock is what ends up in the wheelhouse, whichever tool wrote it; without one, `pypackage lock` writes it. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readLock } from '../../../src/core/wheels/lock.js';
import { edit, eventsOf, stageEnds, useSandbox } from '../../support/core.js';
import type { Run, RunOptions } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { BASE_IMAGE } from '../../support/core.js';
import { output } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const FIXTURES = fileURLToPath(new URL('../../fixtures/locks/', import.meta.url));
const WHEELS: RunOptions = { stages: ['wheels'], verb: 'wheels' };
let python: string;

beforeAll(async () => {
  python = (await output(BASE_IMAGE, ['python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { entrypoint: [] })).trim();
});

/** `name==version` of the dependencies in the export, sorted. */
async function wheelhouse(folder: string, target: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'target/pypackage', target, 'pylock.toml'), 'utf8');
  return readLock(text, 'pylock.toml')
    .wheels.filter(({ role }) => role === 'dependency')
    .map(({ name, version }) => `${name}==${version}`)
    .sort();
}

async function expected(extras = ''): Promise<readonly string[]> {
  const text = await readFile(join(FIXTURES, `app/expected/${python}${extras}.txt`), 'utf8');
  return text.trim().split('\n').sort();
}

async function prepare(folder: string, options: RunOptions = {}): Promise<Run> {
  const done = await sandbox.run(folder, { ...WHEELS, ...options });
  if (done.outcome !== 'done') throw new Error(`${JSON.stringify(done.error)}\n${done.log}`);
  return done;
}

async function project(as: string, ...files: readonly (readonly [string, string])[]): Promise<string> {
  const folder = join(sandbox.folder, as);
  await mkdir(folder);
  for (const [from, to] of files) await cp(join(FIXTURES, from), join(folder, to));
  return folder;
}

describe('the lock of', () => {
  test.each([
    ['uv', 'app', 'uv.lock', 'uv.lock', ''],
    ['PDM, which names no addresses', 'app', 'pdm.lock', 'pdm.lock', ''],
    // uv exports it for all extras, since it writes no markers on them.
    ['any tool that writes PEP 751', 'app', 'pylock.uv.toml', 'pylock.toml', '-all'],
    ['Poetry, which names no addresses', 'poetry', 'poetry.lock', 'poetry.lock', ''],
  ])('%s', async (_, from, lock, as, extras) => {
    const folder = await project(`by-${lock}`, [`${from}/pyproject.toml`, 'pyproject.toml'], [`${from}/${lock}`, as]);
    const run = await prepare(folder);
    expect(eventsOf(run.events, 'run.started')[0]?.facts).toContain(`locked by ${as}`);
    expect(eventsOf(run.events, 'step').map(({ name }) => name)).not.toContainEqual(expect.stringMatching(/^resolve/));
    const target = from === 'app' ? 'sample-app' : (/^name = "(.+)"/m.exec(await readFile(join(folder, 'pyproject.toml'), 'utf8'))?.[1] ?? '');
    expect(await wheelhouse(folder, target)).toEqual(await expected(extras));
  });

  test('extras and groups that are asked for', async () => {
    const folder = await project('with-extras', ['app/pyproject.toml', 'pyproject.toml'], ['app/uv.lock', 'uv.lock']);
    await prepare(folder, { extras: ['all'] });
    expect(await wheelhouse(folder, 'sample-app')).toEqual(await expected('-all'));
    await prepare(folder, { groups: ['dev'] });
    expect(await wheelhouse(folder, 'sample-app')).toEqual(await expected('-dev'));
  });

  test('a site: requirements with hashes', async () => {
    const folder = await project('hashed', ['app/requirements.txt', 'requirements.txt']);
    await writeFile(join(folder, 'main.py'), 'import click\n\nprint(click.__name__)\n');
    await prepare(folder);
    expect(await wheelhouse(folder, 'hashed')).toEqual(await expected());
  });
});

test('a stale lock stops a run before anything is built, and names the requirement and the tool', async () => {
  const folder = await project('stale', ['app/pyproject.toml', 'pyproject.toml'], ['app/uv.lock', 'uv.lock']);
  await edit(folder, 'pyproject.toml', '"click>=8.1,<9"', '"click>=8.1,<8.1.5"');
  const run = await sandbox.run(folder, WHEELS);
  expect(run).toMatchObject({ outcome: 'failed', exitCode: 2, error: { code: 'lock-stale', where: { file: 'pyproject.toml', line: 10 } } });
  expect(run.error?.fix).toContain('uv lock');
  expect(stageEnds(run.events).filter((end) => end.endsWith('finished'))).toEqual([]);
});

describe('pypackage lock', () => {
  let folder: string;

  function lock(options: RunOptions = {}): Promise<Run> {
    return sandbox.run(folder, { stages: ['wheels'], verb: 'lock', ...options });
  }

  async function locked(name: string): Promise<string | undefined> {
    const text = await readFile(join(folder, 'pylock.mini.toml'), 'utf8');
    return new RegExp(`name = "${name}"\nversion = "([^"]+)"`).exec(text)?.[1];
  }

  beforeAll(async () => {
    folder = await sandbox.project(mini({ dependencies: ['click<8.1.8', 'six<1.17'] }), 'locking');
  });

  test('writes what the wheels were made of, with what building needs, and that is what counts from then on', async () => {
    await prepare(folder);
    const before = await wheelhouse(folder, 'mini');
    expect((await lock()).outcome).toBe('done');
    expect(await locked('click')).toBe('8.1.7');
    const text = await readFile(join(folder, 'pylock.mini.toml'), 'utf8');
    expect(text).toMatch(/\[\[tool\.pypackage\.builds\]\]\nname = "mini"\n[^]*name = "setuptools"/);
    const next = await prepare(folder);
    expect(eventsOf(next.events, 'run.started')[0]?.facts).toContain('locked by pylock.mini.toml');
    expect(next.log).toContain('--require-hashes');
    expect(await wheelhouse(folder, 'mini')).toEqual(before);
  });

  test('keeps what is locked where the project allows more by now; --upgrade NAME takes the newest of that one', async () => {
    await edit(folder, 'pyproject.toml', '"click<8.1.8", "six<1.17"', '"click<9", "six<1.18"');
    expect(await sandbox.run(folder, WHEELS)).toMatchObject({ outcome: 'failed', error: { code: 'lock-stale', fix: 'Lock again: pypackage lock' } });
    expect((await lock()).outcome).toBe('done');
    expect([await locked('click'), await locked('six')]).toEqual(['8.1.7', '1.16.0']);
    expect((await lock({ upgrade: ['Six'] })).outcome).toBe('done');
    expect([await locked('click'), await locked('six')]).toEqual(['8.1.7', '1.17.0']);
    expect((await lock({ upgrade: 'all' })).outcome).toBe('done');
    expect(await locked('click')).not.toBe('8.1.7');
  });

  test('the same text again changes nothing; a name that is not there is an error', async () => {
    const text = await readFile(join(folder, 'pylock.mini.toml'), 'utf8');
    const again = await lock();
    expect(eventsOf(again.events, 'stage.finished').at(-1)?.summary).toBe('unchanged');
    expect(await readFile(join(folder, 'pylock.mini.toml'), 'utf8')).toBe(text);
    expect(await lock({ upgrade: ['django'] })).toMatchObject({ outcome: 'failed', error: { code: 'lock-unknown-package' } });
  });

  test("a project with another tool's lock keeps it", async () => {
    const other = await project('foreign', ['app/pyproject.toml', 'pyproject.toml'], ['app/uv.lock', 'uv.lock']);
    const run = await sandbox.run(other, { stages: ['wheels'], verb: 'lock' });
    expect(run).toMatchObject({ outcome: 'failed', exitCode: 2, error: { code: 'lock-of-another-tool', fix: 'Change it with: uv lock' } });
  });
});

test('a file that is not the one that is locked stops the run, and is named with where it came from', async () => {
  const folder = await project('tampered', ['app/pyproject.toml', 'pyproject.toml'], ['app/uv.lock', 'uv.lock']);
  const text = await readFile(join(folder, 'uv.lock'), 'utf8');
  const click = /click-[\d.]+-py3-none-any\.whl", hash = "sha256:([0-9a-f]{64})"/.exec(text)?.[1] ?? '';
  await writeFile(join(folder, 'uv.lock'), text.replace(click, 'ab'.repeat(32)));
  const run = await sandbox.run(folder, WHEELS);
  expect(run).toMatchObject({
    outcome: 'failed',
    exitCode: 1,
    error: {
      code: 'hash-mismatch',
      message: expect.stringMatching(/^click-[\d.]+-py3-none-any\.whl is not the file that is locked$/),
      where: { file: 'uv.lock' },
    },
  });
  expect(run.error?.why).toMatch(new RegExp(`the sha256 ${click}, and (?:ab){32} is locked; it came from https://`));
});
