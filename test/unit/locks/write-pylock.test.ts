import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_OPTIONS } from '../../../src/core/locks/indexes.js';
import type { LockedDistribution, OpenRequirements } from '../../../src/core/locks/locked.js';
import { readPylock } from '../../../src/core/locks/pylock.js';
import { readProjectLock } from '../../../src/core/locks/read-lock.js';
import { wantedOf } from '../../../src/core/locks/reading.js';
import { checkDigest, readPylockTool, requirementsDigest, writePylock, type Pylock } from '../../../src/core/locks/write-pylock.js';
import { parseUvLock, readUvLock } from '../../../src/core/locks/uv-lock.js';
import { detectProject } from '../../../src/core/project/detect.js';
import { UserError } from '../../../src/core/errors.js';
import { makeFolder } from '../project/folder.js';
import { PYTHON_313 } from './environment.js';
import { fixture, pins } from './fixtures.js';

const setuptools: LockedDistribution = {
  kind: 'files',
  name: 'setuptools',
  version: '80.9.0',
  place: { file: 'x' },
  index: undefined,
  files: [
    {
      kind: 'wheel',
      file: 'setuptools-80.9.0-py3-none-any.whl',
      url: 'https://example.org/setuptools-80.9.0-py3-none-any.whl',
      path: undefined,
      sha256: 'e'.repeat(64),
      size: 12,
      subdirectory: undefined,
    },
  ],
};

async function lockOf(folder: string, project: string): Promise<Pylock> {
  const lock = parseUvLock({ text: await fixture(`${folder}/uv.lock`), file: 'uv.lock', project, member: '' });
  return {
    target: 'app',
    environment: PYTHON_313,
    extras: ['links'],
    groups: [],
    digest: 'd'.repeat(64),
    packages: readUvLock(lock, wantedOf(PYTHON_313, [], [])),
    builds: [{ name: 'odfpy', packages: [setuptools] }],
  };
}

const OPEN: OpenRequirements = { requirements: ['click>=8.1,<9'], constraints: [], folders: [], files: [], options: NO_OPTIONS };
const MORE = { extras: [], groups: [], buildRequires: ['setuptools>=77'] };

describe('the lock to be committed', () => {
  test('gives back what was written, with the builds', async () => {
    const lock = await lockOf('sources/app', 'sourced-app');
    const text = writePylock(lock);
    const source = { text, file: 'pylock.app.toml', project: 'sourced-app' };
    const places = (packages: readonly { readonly place: unknown }[]) => packages.map((item) => ({ ...item, place: undefined }));
    // An archive that is a wheel has the same file under another key.
    expect(places(readPylock(source, wantedOf(PYTHON_313, [], [])))).toEqual(places(lock.packages));
    const tool = readPylockTool(text, 'pylock.app.toml');
    expect(tool).toMatchObject({ target: 'app', python: '3.13', digest: { sha256: lock.digest, place: { file: 'pylock.app.toml' } } });
    expect(text.split('\n')[(tool?.digest.place.line ?? 0) - 1]).toBe(`requirements = "${lock.digest}"`);
    expect(tool?.builds.map(({ name, packages }) => ({ name, packages: places(packages) }))).toEqual([{ name: 'odfpy', packages: places([setuptools]) }]);
    expect(tool?.builds[0]?.packages[0]?.place.file).toBe('pylock.app.toml');
  });

  test('is the same text for the same lock, in whatever order', async () => {
    const lock = await lockOf('app', 'sample-app');
    expect(writePylock({ ...lock, packages: [...lock.packages].reverse() })).toBe(writePylock(lock));
    expect(writePylock(lock)).toContain(
      "environments = [\"sys_platform == 'linux' and platform_machine == 'x86_64' and implementation_name == 'cpython'\"]\nrequires-python = \"==3.13.*\"",
    );
  });

  test('is the project’s lock, with its builds and digest', async () => {
    const lock = await lockOf('app', 'sample-app');
    const folder = await makeFolder({ 'pyproject.toml': await fixture('app/pyproject.toml'), 'pylock.app.toml': writePylock(lock) });
    const read = await readProjectLock({ project: await detectProject(folder), environment: PYTHON_313, extras: [], groups: [], target: 'app' });
    expect(read).toMatchObject({ file: 'pylock.app.toml', builds: [{ name: 'odfpy' }], digest: { sha256: lock.digest } });
    expect(pins(read?.packages ?? [])).toEqual(pins(lock.packages));
    expect(await readFile(path.join(folder, 'pylock.app.toml'), 'utf8')).toBe(writePylock(lock));
  });

  test('is refused for another machine, and another Python', async () => {
    const source = { text: writePylock(await lockOf('app', 'sample-app')), file: 'pylock.app.toml', project: 'sample-app' };
    expect(() => readPylock(source, wantedOf({ ...PYTHON_313, machine: 'aarch64' }, [], []))).toThrow(
      expect.objectContaining({
        code: 'lock-other-platform',
        where: { file: 'pylock.app.toml', line: 2 },
        fix: 'Lock again for this platform: pypackage lock',
      }),
    );
    expect(() => readPylock(source, wantedOf({ ...PYTHON_313, python: '3.12.4' }, [], []))).toThrow(
      expect.objectContaining({ code: 'lock-other-python', where: { file: 'pylock.app.toml', line: 3 } }),
    );
  });

  test('cannot hold what names no file', async () => {
    const lock = await lockOf('app', 'sample-app');
    expect(() => writePylock({ ...lock, packages: [{ kind: 'hashes', name: 'a', version: '1', place: { file: 'x' }, sha256: ['a'] }] })).toThrow(TypeError);
  });

  test('of another tool has neither', async () => {
    expect(readPylockTool(await fixture('app/pylock.uv.toml'), 'pylock.toml')).toBeUndefined();
  });
});

describe('the digest of requirements', () => {
  test('is the same however they are written', () => {
    const other = { ...OPEN, requirements: ["Click<9, >= 8.1 ; python_version > '3'"] };
    expect(requirementsDigest(other, MORE)).toBe(requirementsDigest(OPEN, MORE));
  });

  test.each([
    [{ ...OPEN, requirements: ['click>=8.2,<9'] }, MORE],
    [{ ...OPEN, constraints: ['click<8.5'] }, MORE],
    [{ ...OPEN, folders: [{ kind: 'directory' as const, name: 'lib', version: '1', path: 'lib', extras: [], place: { file: 'x' } }] }, MORE],
    [{ ...OPEN, options: { ...NO_OPTIONS, pre: true } }, MORE],
    [OPEN, { ...MORE, extras: ['x'] }],
    [OPEN, { ...MORE, groups: ['dev'] }],
    [OPEN, { ...MORE, buildRequires: ['setuptools>=78'] }],
  ])('changes with what is resolved (%#)', (open, more) => {
    expect(requirementsDigest(open, more)).not.toBe(requirementsDigest(OPEN, MORE));
  });

  test('that has changed makes a lock stale', () => {
    const lock = { file: 'pylock.app.toml', format: 'pylock' as const, digest: { sha256: 'd', place: { file: 'pylock.app.toml', line: 40 } } };
    expect(() => checkDigest(lock, 'd')).not.toThrow();
    expect(() => checkDigest({ file: 'pylock.toml', format: 'pylock' }, 'd')).not.toThrow();
    expect(() => checkDigest(lock, 'e')).toThrow(UserError);
    expect(() => checkDigest(lock, 'e')).toThrow(
      expect.objectContaining({
        code: 'lock-stale',
        message: 'pylock.app.toml is out of date: the requirements have changed since it was made',
        where: { file: 'pylock.app.toml', line: 40 },
        fix: 'Lock again: pypackage lock',
      }),
    );
  });
});
