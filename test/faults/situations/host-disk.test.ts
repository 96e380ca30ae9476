/** Disks of this machine that are full: a run does without what it can do without, and says of the rest where there is no room. Needs root, to mount them. */
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { lines, useSandbox } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { isSwept } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const TMPDIR = process.env['TMPDIR'];
let folder: string;

beforeAll(async () => {
  folder = await sandbox.project(mini({ rest: '[tool.setuptools.package-data]\nmini = ["*.bin"]\n' }), 'mini');
  await sandbox.make(folder);
});

afterEach(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
});

/** A wheel of so many kilobytes, another one each time. */
async function weigh(kilobytes: number): Promise<void> {
  await writeFile(join(folder, 'mini/data.bin'), randomBytes(kilobytes * 1024));
}

/** A disk of so many kilobytes at the path. Returns what takes it away again. */
async function small(path: string, kilobytes: number): Promise<() => void> {
  await mkdir(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'small', path]);
  let isThere = true;
  const away = (): void => {
    if (isThere) execFileSync('umount', ['-l', path]);
    isThere = false;
  };
  onTestFinished(away);
  return away;
}

test('where the wheels are exported: they are on the engine, it is said, and the next run exports them', async () => {
  const away = await small(join(folder, 'target'), 64);
  await weigh(500);
  const run = await sandbox.make(folder);
  expect(lines(run.events)).toContain('The wheels cannot be exported to target/pypackage/mini (The disk is full); they are on the engine');
  away();
  await sandbox.make(folder);
  expect(await readdir(join(folder, 'target/pypackage/mini'))).toContain('pylock.toml');
});

test('where temporary files go: that place is named, and the next run works', async () => {
  const place = join(sandbox.folder, 'small-tmp');
  await small(place, 64);
  process.env['TMPDIR'] = place;
  await weigh(500);
  const run = await sandbox.run(folder);
  expect(run).toMatchObject({ outcome: 'failed', exitCode: 1, error: { kind: 'stage', code: 'disk-full' } });
  expect(run.error?.message).toContain(place);
  expect(run.error?.fix).toContain('TMPDIR');
  expect(await isSwept(run.id)).toBe(true);
  expect(await readdir(place)).toEqual([]);
  delete process.env['TMPDIR'];
  expect((await sandbox.make(folder)).changed).toBe(true);
});

test.each([
  ['logs', { logDir: true }],
  ['caches', { logDir: false }],
])('where %s are written: the run goes on', async (name, { logDir }) => {
  const place = join(sandbox.folder, `small-${name}`);
  await small(place, 4);
  execFileSync('sh', ['-c', `cat /dev/zero > '${place}/filler' 2>/dev/null; true`]);
  await weigh(10);
  const run = await sandbox.run(folder, logDir ? { logDir: place } : { env: { XDG_CACHE_HOME: place } });
  expect(run).toMatchObject({ outcome: 'done', changed: true });
  expect(lines(run.events).includes(`is not complete: ENOSPC`)).toBe(logDir);
  expect((await sandbox.make(folder)).changed).toBe(false);
});
