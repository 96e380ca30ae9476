import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { exportPath, exportWheelhouse, isExportUnfinished, readExport, type ExportedWheel } from '../../../src/core/wheels/export.js';
import type { LockedWheel, WheelhouseLock } from '../../../src/core/wheels/lock.js';
import { makeFolder, unprivileged, userErrorOf, writeFiles } from '../project/folder.js';

interface Given {
  readonly lock: WheelhouseLock;
  readonly wheels: readonly ExportedWheel[];
}

function wheelhouse(contents: Readonly<Record<string, string>>, fingerprint = 'f1'): Given {
  const wheels = Object.entries(contents).map(([name, content]): ExportedWheel & { readonly locked: LockedWheel } => ({
    locked: {
      name,
      version: '1.0',
      file: `${name}-1.0-py3-none-any.whl`,
      path: 'somewhere/else.whl',
      size: Buffer.byteLength(content),
      sha256: createHash('sha256').update(content).digest('hex'),
      role: 'dependency',
    },
    content: Buffer.from(content),
  }));
  return {
    lock: { python: '3.13', extras: [], wheels: wheels.map(({ locked }) => locked), fingerprints: { application: fingerprint, dependencies: 'd' } },
    wheels,
  };
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function makeTarget(): Promise<string> {
  return path.join(await makeFolder(), 'target/pypackage/polls');
}

describe('an export', () => {
  test('holds the wheels by content, and a lock that names them', async () => {
    const folder = await makeTarget();
    const { lock, wheels } = wheelhouse({ a: 'wheel a', b: 'wheel b' });
    const written = await exportWheelhouse(folder, lock, wheels);
    expect(await readExport(folder)).toEqual(written);
    expect(written.wheels.map((wheel) => wheel.path)).toEqual(lock.wheels.map(exportPath));
    expect(await filesIn(folder)).toEqual([...lock.wheels.map(exportPath), 'pylock.toml'].sort());
    for (const [i, wheel] of lock.wheels.entries()) expect(await readFile(path.join(folder, exportPath(wheel)), 'utf8')).toBe(['wheel a', 'wheel b'][i]);
    expect(await readFile(path.join(folder, '../.gitignore'), 'utf8')).toBe('*\n');
  });

  test('takes files and streams, and need not be given what is there', async () => {
    const folder = await makeTarget();
    const { lock, wheels } = wheelhouse({ a: 'wheel a', b: 'wheel b' });
    const [one, two] = wheels;
    if (!one || !two) throw new Error('two wheels');
    const file = path.join(await makeFolder({ 'a.whl': 'wheel a' }), 'a.whl');
    await exportWheelhouse(folder, lock, [
      { ...one, content: file },
      { ...two, content: () => Readable.from([Buffer.from('wheel'), Buffer.from(' b')]) },
    ]);
    await exportWheelhouse(folder, { ...lock, extras: ['x'] }, []);
    expect((await readExport(folder))?.extras).toEqual(['x']);
  });

  test('deletes what the last lock named, and nothing else', async () => {
    const folder = await makeTarget();
    const first = wheelhouse({ a: 'a1', b: 'b1' });
    await exportWheelhouse(folder, first.lock, first.wheels);
    await writeFiles(folder, { 'notes.txt': 'mine', '123456789012/mine.whl': 'mine' });
    const second = wheelhouse({ a: 'a2', b: 'b1' }, 'f2');
    await exportWheelhouse(folder, second.lock, second.wheels);
    expect(await filesIn(folder)).toEqual([...second.lock.wheels.map(exportPath), 'notes.txt', '123456789012/mine.whl', 'pylock.toml'].sort());
    expect((await readExport(folder))?.fingerprints.application).toBe('f2');
  });

  test('ends half-way: the one before stays valid, and the next cleans up', async () => {
    const folder = await makeTarget();
    const first = wheelhouse({ a: 'a1' });
    const before = await exportWheelhouse(folder, first.lock, first.wheels);
    const second = wheelhouse({ a: 'a2', b: 'b2' }, 'f2');
    const broken = second.wheels.map((wheel) => ({
      ...wheel,
      content: () =>
        new Readable({
          read() {
            this.destroy(new Error('the engine went away'));
          },
        }),
    }));
    await expect(exportWheelhouse(folder, second.lock, broken)).rejects.toThrow('the engine went away');
    expect(await readExport(folder)).toEqual(before);
    // As a process leaves it that was killed while it wrote.
    await writeFiles(folder, { '.incoming/0123': 'half a wheel' });
    await exportWheelhouse(folder, second.lock, second.wheels);
    expect(await filesIn(folder)).toEqual([...second.lock.wheels.map(exportPath), 'pylock.toml'].sort());
  });

  test('killed at any step: the next leaves nothing of it', async () => {
    const folder = await makeTarget();
    const states = ['a1', 'a2', 'a3'].map((content) => wheelhouse({ a: content, b: 'b1' }, content));
    const [first, second, third] = states;
    if (!first || !second || !third) throw new Error('there are three');
    await exportWheelhouse(folder, first.lock, first.wheels);
    const placed = second.lock.wheels.map(exportPath);
    // Killed with its wheels in place and its lock not, then another killed with its lock in place and the old wheels too.
    await writeFiles(folder, { '.incoming/journal': placed.join('\n'), '.incoming/0123': 'half a wheel', [placed[0] ?? '']: 'a2' });
    expect(await isExportUnfinished(folder)).toBe(true);
    expect((await readExport(folder))?.fingerprints.application).toBe('a1');
    await exportWheelhouse(folder, third.lock, third.wheels);
    expect(await filesIn(folder)).toEqual([...third.lock.wheels.map(exportPath), 'pylock.toml'].sort());
    expect(await isExportUnfinished(folder)).toBe(false);
    const old = exportPath(first.lock.wheels[0] ?? { file: '', sha256: '' });
    await writeFiles(folder, { '.incoming/journal': [old, ...third.lock.wheels.map(exportPath)].join('\n'), [old]: 'a1' });
    await exportWheelhouse(folder, third.lock, []);
    expect(await filesIn(folder)).toEqual([...third.lock.wheels.map(exportPath), 'pylock.toml'].sort());
  });

  test('that fails takes back what it had placed, and a journal of somebody else names nothing elsewhere', async () => {
    const folder = await makeTarget();
    const first = wheelhouse({ a: 'a1' });
    await exportWheelhouse(folder, first.lock, first.wheels);
    await writeFiles(folder, { 'notes.txt': 'mine', '../elsewhere.whl': 'mine', '.incoming/journal': '../elsewhere.whl\nnotes.txt\npylock.toml' });
    const second = wheelhouse({ a: 'a2', b: 'b2' }, 'f2');
    await expect(exportWheelhouse(folder, second.lock, second.wheels.slice(0, 1))).rejects.toThrow('No content was given');
    expect(await filesIn(folder)).toEqual([...first.lock.wheels.map(exportPath), 'notes.txt', 'pylock.toml'].sort());
    expect(await readFile(path.join(folder, '../elsewhere.whl'), 'utf8')).toBe('mine');
  });

  test('takes no content but the locked one', async () => {
    const folder = await makeTarget();
    const { lock, wheels } = wheelhouse({ a: 'a1' });
    const error = await userErrorOf(
      exportWheelhouse(
        folder,
        lock,
        wheels.map((wheel) => ({ ...wheel, content: Buffer.from('xx') })),
      ),
    );
    expect(error).toMatchObject({ code: 'wheel-invalid', where: { file: 'a-1.0-py3-none-any.whl' } });
    expect(await readExport(folder)).toBeUndefined();
    // And one that was damaged later is written again.
    await exportWheelhouse(folder, lock, wheels);
    await writeFile(path.join(folder, exportPath(lock.wheels[0] ?? wheels[0]?.locked ?? { sha256: '', file: '' })), 'xx');
    await exportWheelhouse(folder, lock, wheels);
    expect(await readFile(path.join(folder, exportPath(lock.wheels[0] ?? { sha256: '', file: '' })), 'utf8')).toBe('a1');
  });

  test('is not there when it is missing, damaged or incomplete', async () => {
    const folder = await makeTarget();
    expect(await readExport(folder)).toBeUndefined();
    const { lock, wheels } = wheelhouse({ a: 'a1', b: 'b1' });
    const { wheels: locked } = await exportWheelhouse(folder, lock, wheels);
    const file = path.join(folder, locked[1]?.path ?? '');
    await truncate(file, 1);
    expect(await readExport(folder)).toBeUndefined();
    await rm(file);
    expect(await readExport(folder)).toBeUndefined();
    await exportWheelhouse(folder, lock, wheels);
    await writeFile(path.join(folder, 'pylock.toml'), 'lock-version = "1.0"\n[[packages');
    expect(await readExport(folder)).toBeUndefined();
  });
});

describe('a place that will not do', () => {
  const { lock, wheels } = wheelhouse({ a: 'a1' });

  test.each(['target', 'target/pypackage', 'target/pypackage/polls'])('%s is a link out of the project', async (part) => {
    const root = await makeFolder();
    const outside = path.join(path.dirname(root), 'outside');
    await mkdir(outside);
    await mkdir(path.dirname(path.join(root, part)), { recursive: true });
    await symlink(outside, path.join(root, part));
    const error = await userErrorOf(exportWheelhouse(path.join(root, 'target/pypackage/polls'), lock, wheels));
    expect(error).toMatchObject({ kind: 'project', code: 'export-failed', where: { file: part } });
    expect(await readdir(outside)).toEqual([]);
  });

  test('a lock that came with the repository deletes nothing elsewhere', async () => {
    const folder = await makeTarget();
    await exportWheelhouse(folder, lock, wheels);
    const outside = path.join(folder, '../../../../outside');
    await writeFiles(outside, { 'a-1.0-py3-none-any.whl': 'precious' });
    const parent = path.dirname(path.join(folder, exportPath(lock.wheels[0] ?? { sha256: '', file: '' })));
    await rm(parent, { recursive: true });
    await symlink(outside, parent);
    const next = wheelhouse({ b: 'b1' });
    await exportWheelhouse(folder, next.lock, next.wheels);
    expect(await readFile(path.join(outside, 'a-1.0-py3-none-any.whl'), 'utf8')).toBe('precious');
    expect((await userErrorOf(exportWheelhouse(folder, lock, wheels))).code).toBe('export-failed');
  });

  test('a project that this user may not write', async () => {
    const root = await makeFolder({ 'a.py': '' });
    await chmod(root, 0o555);
    const folder = path.join(root, 'target/pypackage/polls');
    const error = await unprivileged(() => userErrorOf(exportWheelhouse(folder, lock, wheels)));
    expect(error).toMatchObject({ kind: 'project', code: 'export-failed', why: 'This user may not write there', where: { file: 'target/pypackage/polls' } });
    expect(await unprivileged(() => readExport(folder))).toBeUndefined();
    await chmod(root, 0o755);
  });

  test('a file in the way', async () => {
    const root = await makeFolder({ target: 'a file' });
    expect(await userErrorOf(exportWheelhouse(path.join(root, 'target/pypackage/polls'), lock, wheels))).toMatchObject({ code: 'export-failed' });
    expect(await readFile(path.join(root, 'target'), 'utf8')).toBe('a file');
  });
});
