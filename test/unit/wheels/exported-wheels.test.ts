/** The wheels of an export as they are listed, compared, looked into and deleted: real wheels in real folders. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readParts, withWheel } from '../../../src/core/wheels/wheel.js';
import { deleteWheels } from '../../../src/core/wheels/delete-wheels.js';
import { exportPath, exportWheelhouse } from '../../../src/core/wheels/export.js';
import type { Measure } from '../../../src/core/wheels/judge-wheel.js';
import { listWheels } from '../../../src/core/wheels/list-wheels.js';
import type { LockedWheel, WheelhouseLock } from '../../../src/core/wheels/lock.js';
import { verifyWheel } from '../../../src/core/wheels/verify-wheel.js';
import { readWheelContents } from '../../../src/core/wheels/wheel-contents.js';
import type { LockedPackage } from '../../../src/core/locks/locked.js';
import { makeFolder, userErrorOf, writeFiles } from '../project/folder.js';
import { wheelMembers, writeZip, type WheelParts, type ZipMember } from './zip-writer.js';

const ENVIRONMENT = { python: '3.13.5', machine: 'x86_64', glibc: '2.36' };
const { signal } = new AbortController();

interface Given extends WheelParts {
  readonly name: string;
  readonly version: string;
  readonly tag?: string;
  readonly role?: LockedWheel['role'];
  readonly origin?: LockedWheel['origin'];
  readonly change?: (members: readonly ZipMember[]) => readonly ZipMember[];
}

interface Exported {
  readonly root: string;
  readonly folder: string;
  readonly lock: WheelhouseLock;
  /** Absolute, by name. */
  readonly pathOf: (name: string) => string;
}

async function exportOf(wheels: readonly Given[], environment: WheelhouseLock['environment'] = ENVIRONMENT): Promise<Exported> {
  const root = await makeFolder();
  const folder = path.join(root, 'target/pypackage/polls');
  const made = wheels.map(({ tag = 'py3-none-any', role = 'dependency', origin, change = (members) => members, ...parts }) => {
    const content = writeZip(change(wheelMembers(parts)));
    const { name, version } = parts;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const locked: LockedWheel = {
      name,
      version,
      file: `${name}-${version}-${tag}.whl`,
      path: '',
      size: content.length,
      sha256,
      role,
      ...(origin && { origin }),
    };
    return { locked, content };
  });
  const lock: WheelhouseLock = {
    python: '3.13',
    extras: [],
    wheels: made.map(({ locked }) => locked),
    fingerprints: { application: 'a', dependencies: 'd' },
    ...(environment && { environment }),
  };
  const written = await exportWheelhouse(folder, lock, made);
  const pathOf = (name: string): string => {
    const wheel = written.wheels.find((wheel) => wheel.name === name);
    if (!wheel) throw new Error(`${name} was not exported`);
    return path.join(folder, exportPath(wheel));
  };
  return { root, folder, lock: written, pathOf };
}

const POLLS: Given = { name: 'polls', version: '1.4.0', role: 'application' };
const DJANGO: Given = { name: 'django', version: '5.2.1' };
const noLock = async (): Promise<undefined> => undefined;

const locked = (name: string, version: string, sha256: string): LockedPackage => ({
  kind: 'files',
  name,
  version,
  place: { file: 'uv.lock', line: 3 },
  index: undefined,
  files: [{ kind: 'wheel', file: `${name}.whl`, url: undefined, path: undefined, sha256, size: undefined, subdirectory: undefined }],
});
const lockOf =
  (...packages: readonly LockedPackage[]) =>
  async (): Promise<Measure['lock']> => ({ file: 'uv.lock', packages: new Map(packages.map((item) => [item.name, item])) });

describe('the list of wheels', () => {
  test('has the application first, then dependencies by name, as they lie there', async () => {
    const { folder, pathOf, lock } = await exportOf([{ name: 'sqlparse', version: '0.5.0' }, POLLS, DJANGO]);
    const list = await listWheels(folder, noLock);
    expect(list.python).toBe('3.13');
    expect(list.wheels.map(({ name, role }) => `${name} ${role}`)).toEqual(['polls application', 'django dependency', 'sqlparse dependency']);
    expect(list.wheels[1]).toMatchObject({
      version: '5.2.1',
      path: pathOf('django'),
      tags: ['py3-none-any'],
      sha256: lock.wheels.find(({ name }) => name === 'django')?.sha256,
      warnings: [],
    });
    expect(list.wheels[1]?.modified).toBeGreaterThan(Date.now() - 60_000);
  });

  test('is empty where nothing was exported', async () => {
    expect(await listWheels(path.join(await makeFolder(), 'target/pypackage/polls'), noLock)).toEqual({ python: undefined, lock: undefined, wheels: [] });
  });

  test('warns of what is missing, of another size, and not in the lock of the export', async () => {
    const { folder, pathOf } = await exportOf([POLLS, DJANGO]);
    await rm(pathOf('polls'));
    await writeFile(pathOf('django'), 'short');
    await writeFiles(folder, { 'extra-1.0-py3-none-any.whl': 'x', '.incoming/half-1.0-py3-none-any.whl': 'x', 'abc/other.whl': 'xy', 'notes.txt': 'x' });
    const { wheels } = await listWheels(folder, noLock);
    expect(wheels.map(({ name, size, warnings }) => [name, size, warnings])).toMatchObject([
      ['polls', expect.any(Number), [{ kind: 'missing' }]],
      ['django', 5, [{ kind: 'other-size', locked: expect.any(Number) }]],
      ['other.whl', 2, [{ kind: 'unlisted' }]],
      ['extra', 1, [{ kind: 'unlisted' }]],
    ]);
  });

  test('warns of wheels that the base image cannot install, and says why', async () => {
    const binary = (name: string, tag: string): Given => ({ name, version: '1.0', tag });
    const wheels = [
      binary('fits', 'cp313-cp313-manylinux_2_28_x86_64'),
      binary('newer', 'cp313-cp313-manylinux_2_39_x86_64'),
      binary('musl', 'cp313-cp313-musllinux_1_2_x86_64'),
      binary('arm', 'cp313-cp313-manylinux_2_17_aarch64'),
      binary('mac', 'cp313-cp313-macosx_11_0_arm64'),
      binary('older', 'cp312-cp312-manylinux_2_17_x86_64'),
    ];
    const { folder } = await exportOf(wheels);
    const list = await listWheels(folder, noLock);
    expect(Object.fromEntries(list.wheels.map(({ name, warnings }) => [name, warnings]))).toEqual({
      fits: [],
      newer: [{ kind: 'platform', misfit: { of: 'glibc', wheel: '2.39', base: '2.36' } }],
      musl: [{ kind: 'platform', misfit: { of: 'libc', wheel: 'musl', base: '2.36' } }],
      arm: [{ kind: 'platform', misfit: { of: 'machine', wheel: 'aarch64', base: 'x86_64' } }],
      mac: [{ kind: 'platform', misfit: { of: 'system', wheel: 'macosx_11_0_arm64', base: 'linux' } }],
      older: [{ kind: 'python', python: '3.13.5' }],
    });
  });

  test('judges the Python alone where the base image is not in the lock', async () => {
    const { folder, root } = await exportOf([
      { name: 'musl', version: '1.0', tag: 'cp313-cp313-musllinux_1_2_x86_64' },
      { name: 'older', version: '1.0', tag: 'cp312-cp312-manylinux_2_17_x86_64' },
    ]);
    const file = path.join(folder, 'pylock.toml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^environment = .*\n/m, ''));
    const list = await listWheels(folder, () => Promise.reject(new Error(`${root} has no environment to read a lock for`)));
    expect(list.wheels.map(({ name, warnings }) => [name, warnings])).toEqual([
      ['musl', []],
      ['older', [{ kind: 'python', python: '3.13' }]],
    ]);
  });

  test('compares dependencies with the lock of the project', async () => {
    const origin = { url: 'https://files.example/x.whl', sha256: 'a'.repeat(64), kind: 'wheel' } as const;
    const { folder } = await exportOf([
      POLLS,
      DJANGO,
      { name: 'asgiref', version: '3.8.0', origin },
      { name: 'sqlparse', version: '0.5', origin },
      { name: 'stray', version: '1.0' },
    ]);
    const list = await listWheels(
      folder,
      lockOf(locked('django', '5.2.2', 'b'.repeat(64)), locked('asgiref', '3.8.0', 'b'.repeat(64)), locked('sqlparse', '0.5.0', origin.sha256)),
    );
    expect(list.lock).toBe('uv.lock');
    expect(Object.fromEntries(list.wheels.map(({ name, warnings }) => [name, warnings]))).toEqual({
      polls: [],
      django: [{ kind: 'other-version', lock: 'uv.lock', version: '5.2.2' }],
      asgiref: [{ kind: 'other-hash', lock: 'uv.lock' }],
      // 0.5 is 0.5.0.
      sqlparse: [],
      stray: [{ kind: 'not-in-lock', lock: 'uv.lock' }],
    });
  });
});

describe('verifying a wheel', () => {
  test('as it was locked', async () => {
    const { folder, pathOf, lock } = await exportOf([POLLS]);
    expect(await verifyWheel(folder, pathOf('polls'), signal)).toEqual({
      path: pathOf('polls'),
      state: 'as locked',
      sha256: lock.wheels[0]?.sha256,
      files: [],
    });
  });

  test('tampered with: other bytes of the same size, and which file in it', async () => {
    const { folder, pathOf } = await exportOf([{ ...POLLS, files: { 'polls/__init__.py': 'SAFE = True' }, change: stored }]);
    const bytes = await readFile(pathOf('polls'));
    bytes.write('EVIL', bytes.indexOf('SAFE'));
    await writeFile(pathOf('polls'), bytes);
    expect((await listWheels(folder, noLock)).wheels[0]?.warnings).toEqual([]);
    expect(await verifyWheel(folder, pathOf('polls'), signal)).toMatchObject({
      state: 'other',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      files: [{ path: 'polls/__init__.py', kind: 'different' }],
    });
  });

  test('locked with a RECORD that is not true', async () => {
    const info = 'polls-1.4.0.dist-info';
    const record = `a.py,sha256=${'x'.repeat(43)},1\ngone.py,sha256=x,1\nold.py,md5=x,1\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`;
    const { folder, pathOf } = await exportOf([{ ...POLLS, record, files: { 'a.py': '1', 'b.py': '2', 'old.py': '3' } }]);
    expect((await verifyWheel(folder, pathOf('polls'), signal)).files).toEqual([
      { path: 'a.py', kind: 'different' },
      { path: 'gone.py', kind: 'missing' },
      { path: 'old.py', kind: 'unknown-algorithm' },
      { path: 'b.py', kind: 'unrecorded' },
    ]);
  });

  test('damaged inside, missing, and not in the lock', async () => {
    const { folder, pathOf } = await exportOf([
      { ...POLLS, change: (members) => members.map((member) => (member.path.endsWith('__init__.py') ? { ...member, crc: 1 } : member)) },
      { ...DJANGO, change: () => [] },
    ]);
    expect(await verifyWheel(folder, pathOf('polls'), signal)).toMatchObject({ state: 'as locked', files: [{ path: 'polls/__init__.py', kind: 'different' }] });
    expect(await verifyWheel(folder, pathOf('django'), signal)).toMatchObject({ state: 'damaged', problem: expect.stringContaining('no .dist-info folder') });
    await rm(pathOf('django'));
    expect(await verifyWheel(folder, pathOf('django'), signal)).toEqual({ path: pathOf('django'), state: 'missing', files: [] });
    const extra = path.join(folder, 'polls-1.4.0-py3-none-any.whl');
    await writeFile(extra, writeZip(wheelMembers()));
    expect(await verifyWheel(folder, extra, signal)).toMatchObject({ state: 'unlisted', files: [] });
  });

  test('of a large file, unpacked piece by piece, and given up in the middle', async () => {
    const { folder, pathOf } = await exportOf([{ ...POLLS, files: { 'polls/data.bin': 'x'.repeat(70 * 1024 * 1024) } }]);
    expect(await verifyWheel(folder, pathOf('polls'), signal)).toMatchObject({ state: 'as locked', files: [] });
    const abort = new AbortController();
    const work = verifyWheel(folder, pathOf('polls'), abort.signal);
    abort.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
  });

  test('without an export there is nothing to compare with', async () => {
    const folder = await makeFolder();
    expect(await userErrorOf(verifyWheel(folder, path.join(folder, 'x.whl'), signal))).toMatchObject({ code: 'wheels-not-exported' });
  });
});

const stored = (members: readonly ZipMember[]): readonly ZipMember[] => members.map((member) => ({ ...member, stored: true }));

describe('deleting wheels', () => {
  test('removes those that are meant with their folders, and leaves the lock and the others', async () => {
    const { root, folder, pathOf } = await exportOf([POLLS, DJANGO]);
    const { size } = (await listWheels(folder, noLock)).wheels[1] ?? { size: 0 };
    expect(await deleteWheels(root, folder, [pathOf('django'), path.join(folder, 'abc/gone-1.0-py3-none-any.whl')])).toEqual({
      files: [pathOf('django')],
      freed: size,
    });
    expect((await listWheels(folder, noLock)).wheels.map(({ name, warnings }) => [name, warnings])).toEqual([
      ['polls', []],
      ['django', [{ kind: 'missing' }]],
    ]);
    await expect(readFile(path.dirname(pathOf('django')))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('deletes nothing at all where one of them lies elsewhere', async () => {
    const { root, folder, pathOf } = await exportOf([POLLS]);
    const outside = path.join(root, 'dist/polls-1.4.0-py3-none-any.whl');
    await writeFiles(root, { 'dist/polls-1.4.0-py3-none-any.whl': 'x', 'target/pypackage/other/a.whl': 'x', 'target/pypackage/polls/d.whl/x': '' });
    for (const file of [
      outside,
      `${folder}/../other/a.whl`,
      path.join(root, 'target/pypackage/other/a.whl'),
      path.join(folder, 'pylock.toml'),
      path.join(folder, 'd.whl'),
      'polls.whl',
    ]) {
      expect(await userErrorOf(deleteWheels(root, folder, [pathOf('polls'), file]))).toMatchObject({ code: 'wheel-elsewhere' });
    }
    expect(await readFile(outside, 'utf8')).toBe('x');
    expect((await listWheels(folder, noLock)).wheels[0]?.warnings).toEqual([]);
  });

  test('follows no link out of the export', async () => {
    const { root, folder } = await exportOf([POLLS]);
    const elsewhere = await makeFolder({ 'a-1.0-py3-none-any.whl': 'x' });
    await symlink(elsewhere, path.join(folder, 'link'));
    expect(await userErrorOf(deleteWheels(root, folder, [path.join(folder, 'link/a-1.0-py3-none-any.whl')]))).toMatchObject({ code: 'wheel-elsewhere' });
    // A link is a file of the folder: it goes, and what it points to stays.
    await symlink(path.join(elsewhere, 'a-1.0-py3-none-any.whl'), path.join(folder, 'b-1.0-py3-none-any.whl'));
    await deleteWheels(root, folder, [path.join(folder, 'b-1.0-py3-none-any.whl')]);
    expect(await readFile(path.join(elsewhere, 'a-1.0-py3-none-any.whl'), 'utf8')).toBe('x');
    // The export itself leads out.
    const other = await makeFolder();
    await mkdir(path.join(other, 'target/pypackage'), { recursive: true });
    await symlink(elsewhere, path.join(other, 'target/pypackage/polls'));
    const linked = path.join(other, 'target/pypackage/polls');
    expect(await userErrorOf(deleteWheels(other, linked, [path.join(linked, 'a-1.0-py3-none-any.whl')]))).toMatchObject({ code: 'wheel-elsewhere' });
  });
});

describe('the contents of a wheel', () => {
  const METADATA = `Metadata-Version: 2.4
Name: polls
Version: 1.4.0
Summary: Questions
Author-email: Ann <ann@example.org>
License-Expression: MIT
Project-URL: Source, https://example.org/polls
Classifier: Framework :: Django
Classifier: Programming Language :: Python :: 3
Requires-Python: >=3.10
Provides-Extra: test
Requires-Dist: Django~=5.2.0
Description-Content-Type: text/markdown

# Polls

Asks <questions>.
`;

  test('are what people look for', async () => {
    const { pathOf, lock } = await exportOf([
      {
        ...POLLS,
        metadata: METADATA,
        scripts: '[console_scripts]\npolls = polls.cli:main\n[pytest11]\nPolls = polls.plugin\n',
        files: { 'polls/a.py': '123' },
      },
    ]);
    const contents = await readWheelContents(pathOf('polls'), { hash: true, signal });
    expect(contents).toMatchObject({
      file: 'polls-1.4.0-py3-none-any.whl',
      name: 'polls',
      version: '1.4.0',
      tags: ['py3-none-any'],
      summary: 'Questions',
      requiresPython: '>=3.10',
      requires: ['Django~=5.2.0'],
      extras: ['test'],
      headers: [
        { name: 'License-Expression', values: ['MIT'] },
        { name: 'Author-email', values: ['Ann <ann@example.org>'] },
        { name: 'Project-URL', values: ['Source, https://example.org/polls'] },
        { name: 'Classifier', values: ['Framework :: Django', 'Programming Language :: Python :: 3'] },
        { name: 'Metadata-Version', values: ['2.4'] },
      ],
      description: { text: '# Polls\n\nAsks <questions>.\n', type: 'text/markdown', isCut: false },
      generator: 'test',
      isPure: true,
      entryPoints: [
        { group: 'console_scripts', name: 'polls', value: 'polls.cli:main' },
        { group: 'pytest11', name: 'Polls', value: 'polls.plugin' },
      ],
      moreFiles: 0,
      unrecorded: [],
      missing: [],
      locked: 'as locked',
    });
    expect(contents.files[0]).toEqual({ path: 'polls/a.py', size: 3 });
    const { sha256, locked, ...rest } = contents;
    expect([sha256, locked]).toEqual([lock.wheels[0]?.sha256, 'as locked']);
    expect(await readWheelContents(pathOf('polls'), { hash: false, signal })).toEqual(rest);
  });

  test('of a wheel that lies in no export', async () => {
    const root = await makeFolder({ 'polls-1.4.0-1-py3-none-any.whl': writeZip([...wheelMembers(), { path: 'stray.py', content: '' }]) });
    const contents = await readWheelContents(path.join(root, 'polls-1.4.0-1-py3-none-any.whl'), { hash: true, signal });
    expect(contents).toMatchObject({ build: '1', unrecorded: ['stray.py'], headers: [{ name: 'Metadata-Version' }] });
    expect(contents).not.toHaveProperty('locked');
    expect(contents).not.toHaveProperty('description');
  });

  test('tells a wheel that is not the locked one, and one that no lock names', async () => {
    const { folder, pathOf } = await exportOf([POLLS]);
    const other = writeZip(wheelMembers({ files: { 'polls/b.py': '' } }));
    await writeFile(pathOf('polls'), other);
    expect((await readWheelContents(pathOf('polls'), { hash: true, signal })).locked).toBe('other');
    await writeFiles(folder, { 'abc/polls-1.4.0-py3-none-any.whl': other });
    expect((await readWheelContents(path.join(folder, 'abc/polls-1.4.0-py3-none-any.whl'), { hash: true, signal })).locked).toBe('unlisted');
  });

  test('has limits: a long description is cut, many files are counted, a text that cannot be meant is refused', async () => {
    const files = Object.fromEntries(Array.from({ length: 20_010 }, (_, i) => [`polls/${i}.py`, '']));
    const metadata = `Metadata-Version: 2.1\nName: polls\nVersion: 1.4.0\n\n${'x'.repeat(200_001)}`;
    const root = await makeFolder({
      'polls-1.4.0-py3-none-any.whl': writeZip(wheelMembers({ metadata, files })),
      'polls-1.4.0-py2-none-any.whl': writeZip(wheelMembers({ metadata: `${METADATA}${'x'.repeat(17 * 1024 * 1024)}` })),
    });
    const contents = await readWheelContents(path.join(root, 'polls-1.4.0-py3-none-any.whl'), { hash: false, signal });
    expect(contents.files).toHaveLength(20_000);
    expect(contents.moreFiles).toBe(13);
    expect(contents.description).toMatchObject({ isCut: true });
    expect(contents.description?.text).toHaveLength(200_000);
    const error = await userErrorOf(readWheelContents(path.join(root, 'polls-1.4.0-py2-none-any.whl'), { hash: false, signal }));
    expect(error.message).toMatch(/^polls-1\.4\.0-py2-none-any\.whl is no valid wheel: .*METADATA in it is larger than 16777216 bytes$/);
  });

  test('of one that is damaged, or gone: an error that names it', async () => {
    const root = await makeFolder({ 'polls-1.4.0-py3-none-any.whl': 'no zip' });
    const file = path.join(root, 'polls-1.4.0-py3-none-any.whl');
    expect(await userErrorOf(readWheelContents(file, { hash: true, signal }))).toMatchObject({ code: 'wheel-invalid' });
    expect(await userErrorOf(withWheel(path.join(root, 'gone-1.0-py3-none-any.whl'), (name, access) => readParts(name, access)))).toMatchObject({
      code: 'wheel-invalid',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
