import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { UserError } from '../../../src/core/errors.js';
import type { ProjectLock } from '../../../src/core/locks/locked.js';
import { readProjectLock, type LockRequest } from '../../../src/core/locks/read-lock.js';
import { detectProject } from '../../../src/core/project/detect.js';
import { makeFolder, userErrorOf, writeFiles } from '../project/folder.js';
import { PYTHON_313 } from './environment.js';
import { copyOf, fixture, linesOf, pins } from './fixtures.js';

async function read(folder: string, request: Partial<Omit<LockRequest, 'project'>> = {}): Promise<ProjectLock | undefined> {
  const project = await detectProject(folder);
  return readProjectLock({ project, environment: PYTHON_313, extras: [], groups: [], target: 'app', ...request });
}

async function failure(folder: string, request: Partial<Omit<LockRequest, 'project'>> = {}): Promise<UserError> {
  return userErrorOf(read(folder, request));
}

/** The sample with only these locks, each under the name that it has in a project. */
async function sample(locks: Readonly<Record<string, string>>, from = 'app'): Promise<string> {
  const folder = await makeFolder({ 'pyproject.toml': await fixture(`${from}/pyproject.toml`) });
  for (const [name, file] of Object.entries(locks)) await writeFiles(folder, { [name]: await fixture(file) });
  return folder;
}

async function edit(folder: string, file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path.join(folder, file), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path.join(folder, file), after);
}

async function lineIn(folder: string, file: string, part: string, from = ''): Promise<number> {
  const lines = (await readFile(path.join(folder, file), 'utf8')).split('\n');
  const start = lines.findIndex((line) => line.includes(from));
  return lines.findIndex((line, i) => i >= start && line.includes(part)) + 1;
}

const LOCKS = {
  'uv.lock': 'app/uv.lock',
  'pdm.lock': 'app/pdm.lock',
  'pylock.toml': 'app/pylock.pip.toml',
  'pylock.app.toml': 'app/pylock.pip.toml',
  'pylock.app-py313-linux_x86_64.toml': 'app/pylock.pip.toml',
} as const;

describe('which lock is the project’s', () => {
  test('none, where there is none', async () => {
    expect(await read(await sample({}))).toBeUndefined();
  });

  test('of the variant, then of the target, then any pylock.toml, uv.lock, pdm.lock', async () => {
    const folder = await sample(LOCKS);
    const files: string[] = [];
    for (;;) {
      const lock = await read(folder);
      if (!lock) break;
      files.push(lock.file);
      expect(pins(lock.packages)).toEqual(linesOf(await fixture('app/expected/3.13.txt')));
      await rm(path.join(folder, lock.file));
    }
    expect(files).toEqual(['pylock.app-py313-linux_x86_64.toml', 'pylock.app.toml', 'pylock.toml', 'uv.lock', 'pdm.lock']);
  });

  test('locks of other targets do not count', async () => {
    expect(await read(await sample({ 'pylock.worker.toml': 'app/pylock.pip.toml' }))).toBeUndefined();
  });

  test('poetry.lock, with extras and groups', async () => {
    const lock = await read(await sample({ 'poetry.lock': 'poetry/poetry.lock' }, 'poetry'), { extras: ['links'], groups: ['Dev'] });
    expect(lock).toMatchObject({ file: 'poetry.lock', format: 'poetry', builds: undefined });
    expect(lock?.packages.map(({ name }) => name)).toContain('pluggy');
  });

  test.each(['poetry-1.4.lock', 'poetry-2.0.lock', 'poetry-2.1.lock'])('%s and its content hash', async (file) => {
    expect((await read(await sample({ 'poetry.lock': `poetry-before-2/${file}` }, 'poetry-before-2')))?.packages.length).toBe(6);
  });

  test('a poetry.lock from before packages held their files', async () => {
    const folder = await sample({ 'poetry.lock': 'poetry-1.1/poetry.lock' }, 'poetry-1.1');
    const lock = await read(folder, { extras: ['links'], groups: ['dev'] });
    expect(lock?.packages.map(({ name }) => name)).toEqual(['click', 'iniconfig', 'linkify-it-py', 'markdown-it-py', 'mdurl', 'uc-micro-py', 'zipp']);
    // It locks two versions of zipp, whose files stand in one list there.
    const zipp = lock?.packages.find(({ name }) => name === 'zipp');
    expect(zipp?.kind === 'files' ? zipp.files.map(({ file }) => file) : []).toEqual([
      `zipp-${zipp?.version}-py3-none-any.whl`,
      `zipp-${zipp?.version}.tar.gz`,
    ]);
    expect((await read(folder))?.packages.map(({ name }) => name)).toEqual(['click', 'zipp']);
    await edit(folder, 'pyproject.toml', (text) => text.replace('click = "^8.1"', 'click = "^8.0"'));
    expect(await failure(folder)).toMatchObject({ code: 'lock-stale', where: { file: 'poetry.lock' } });
  });

  test('hashed requirements of what is no package; those of a package are none of its locks', async () => {
    const folder = await sample({ 'requirements.txt': 'app/requirements.txt' });
    expect(await read(folder)).toBeUndefined();
    const lock = await read(folder, { requirementsFiles: ['requirements.txt'] });
    expect(lock).toMatchObject({ file: 'requirements.txt', format: 'requirements', options: { noIndex: false } });
    expect(pins(lock?.packages ?? [])).toEqual(linesOf(await fixture('app/expected/3.13.txt')));
    await writeFile(path.join(folder, 'open.txt'), 'click>=8\n');
    expect(await read(folder, { requirementsFiles: ['open.txt'] })).toBeUndefined();
  });

  test('that of the workspace above, where the project is a member of it', async () => {
    const above = await copyOf('sources');
    const lock = await read(path.join(above, 'app/packages/member'));
    expect(lock).toMatchObject({ file: '../../uv.lock', format: 'uv' });
    expect(lock?.packages.map(({ name }) => name)).toEqual(['click']);
    await edit(path.join(above, 'app'), 'pyproject.toml', (text) => text.replace('exclude = ["packages/not-this"]', 'exclude = ["packages/mem*"]'));
    expect(await read(path.join(above, 'app/packages/member'))).toBeUndefined();
  });

  test('a project with sources of all kinds is not stale', async () => {
    const above = await copyOf('sources');
    expect((await read(path.join(above, 'app')))?.packages.length).toBe(9);
    expect((await read(await copyOf('pdm-sources')))?.packages.length).toBe(4);
    expect((await read(await copyOf('conflicts'), { extras: ['old'] }))?.packages.length).toBe(4);
  });
});

describe('a lock that is out of date', () => {
  test('uv.lock: bounds that changed', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'pyproject.toml', (text) => text.replace('click>=8.1,<9', 'click>=9'));
    expect(await failure(folder)).toMatchObject({
      kind: 'project',
      code: 'lock-stale',
      message: 'uv.lock is out of date: pyproject.toml asks for click>=9, and it was locked for click>=8.1,<9',
      where: { file: 'pyproject.toml', line: 10 },
      fix: 'Lock again: uv lock',
    });
  });

  test('uv.lock: the same bounds, written in another way, are not stale', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'pyproject.toml', (text) =>
      text.replace('click>=8.1,<9', 'Click < 9, >=8.1').replace("python_version < '3.12'", "python_full_version < '3.12.0'"),
    );
    expect((await read(folder))?.packages.length).toBe(4);
  });

  test('uv.lock: a dependency that is new, and one that is gone', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'pyproject.toml', (text) => text.replace('  "odfpy>=1.4",\n', '  "odfpy>=1.4",\n  "rich",\n'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: expect.stringContaining('asks for rich, and it was locked without rich'),
      where: { line: 12 },
    });
    await edit(folder, 'pyproject.toml', (text) => text.replace('  "odfpy>=1.4",\n  "rich",\n', ''));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: 'uv.lock is out of date: it was locked with odfpy>=1.4 among its dependencies, which is no more asked for',
      where: { file: 'uv.lock', line: await lineIn(folder, 'uv.lock', 'name = "odfpy"', '[package.metadata]') },
    });
  });

  test('uv.lock: an extra, a group, and Python', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'pyproject.toml', (text) => text.replace('"six"]', '"six>=2"]'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: expect.stringContaining('six>=2'),
      where: { file: 'pyproject.toml', line: 19 },
    });
    await edit(folder, 'pyproject.toml', (text) => text.replace('"six>=2"]', '"six"]').replace('pluggy>=1.5', 'pluggy>=2'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: expect.stringContaining('pluggy>=2'),
      where: { file: 'pyproject.toml', line: 23 },
    });
    await edit(folder, 'pyproject.toml', (text) => text.replace('pluggy>=2', 'pluggy>=1.5').replace('>=3.11"', '>=3.12"'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: 'uv.lock is out of date: pyproject.toml wants Python >=3.12, and it was locked for >=3.11',
      where: { file: 'pyproject.toml', line: 8 },
    });
  });

  test('uv.lock: a source that changed, a tag that changed', async () => {
    const folder = path.join(await copyOf('sources'), 'app');
    await edit(folder, 'pyproject.toml', (text) => text.replace('tag = "v1"', 'tag = "v2"'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: expect.stringContaining('remote from git+https://git.example.org/remote.git@v2'),
    });
    await edit(folder, 'pyproject.toml', (text) => text.replace('tag = "v2"', 'tag = "v1"').replace('side = { path = "../side"', 'side = { path = "../lib"'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: expect.stringContaining('asks for side from ../lib, and it was locked for side from ../side'),
    });
  });

  test('poetry.lock: the content hash, with what changed where that is known', async () => {
    const folder = await sample({ 'poetry.lock': 'poetry/poetry.lock' }, 'poetry');
    await edit(folder, 'pyproject.toml', (text) => text.replace('click>=8.1,<9', 'click>=9'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: 'poetry.lock is out of date: pyproject.toml asks for click>=9, and it locks click 8.5.1',
      where: { file: 'pyproject.toml', line: 10 },
      fix: 'Lock again: poetry lock',
    });
    await edit(folder, 'pyproject.toml', (text) => text.replace('click>=9', 'click>=8'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: 'poetry.lock is out of date: pyproject.toml has changed since it was made',
      where: { file: 'poetry.lock', line: await lineIn(folder, 'poetry.lock', 'content-hash') },
    });
  });

  test('pdm.lock: the content hash', async () => {
    const folder = await sample({ 'pdm.lock': 'app/pdm.lock' });
    await edit(folder, 'pyproject.toml', (text) => text.replace('click>=8.1,<9', 'click>=8'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: 'pdm.lock is out of date: pyproject.toml has changed since it was made',
      where: { file: 'pdm.lock', line: 8 },
      fix: 'Lock again: pdm lock',
    });
  });

  test('pdm.lock: a group that was not locked', async () => {
    const folder = await sample({ 'pdm.lock': 'app/pdm.lock' });
    await edit(folder, 'pdm.lock', (text) => text.replace('"checks", "dev", ', ''));
    expect(await failure(folder, { groups: ['dev'] })).toMatchObject({
      code: 'lock-stale',
      message: 'pdm.lock is out of date: it does not lock dev, only default, all, links',
      where: { file: 'pdm.lock', line: 5 },
      fix: 'Lock it too: pdm lock --group all,links,dev',
    });
  });

  test('pylock.toml: a dependency that is not locked, or in another version, of an extra too', async () => {
    const folder = await sample({ 'pylock.toml': 'app/pylock.pip.toml' });
    expect(await failure(folder, { extras: ['links'] })).toMatchObject({
      code: 'lock-stale',
      message: 'pylock.toml is out of date: pyproject.toml asks for markdown-it-py[linkify]>=3, and it does not lock markdown-it-py',
      where: { file: 'pyproject.toml', line: 18 },
      fix: 'Lock again: pypackage lock, or the tool that wrote it',
    });
    expect(await failure(folder, { groups: ['dev'] })).toMatchObject({ code: 'lock-stale', where: { file: 'pyproject.toml', line: 22 } });
    expect(await failure(folder, { requirements: ['gunicorn>=23'] })).toMatchObject({ code: 'lock-stale', where: { file: 'pypackage.json' } });
    await edit(folder, 'pyproject.toml', (text) => text.replace('click>=8.1,<9', 'click>=9'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-stale',
      message: 'pylock.toml is out of date: pyproject.toml asks for click>=9, and it locks click 8.5.1',
      where: { file: 'pyproject.toml', line: 10 },
    });
  });

  test('hashed requirements', async () => {
    const folder = await sample({ 'requirements.txt': 'app/requirements.txt' });
    await edit(folder, 'pyproject.toml', (text) => text.replace('odfpy>=1.4', 'odfpy>=2'));
    expect(await failure(folder, { requirementsFiles: ['requirements.txt'] })).toMatchObject({
      code: 'lock-stale',
      message: 'requirements.txt is out of date: pyproject.toml asks for odfpy>=2, and it locks odfpy 1.4.1',
      where: { file: 'pyproject.toml', line: 11 },
    });
  });

  test.each([
    ['uv.lock', 'app/uv.lock', 'uv lock'],
    ['pdm.lock', 'app/pdm.lock', 'pdm lock'],
  ])('%s: what the configuration asks for besides', async (name, file, command) => {
    const folder = await sample({ [name]: file });
    expect((await read(folder, { requirements: ['click>=8'] }))?.file).toBe(name);
    expect(await failure(folder, { requirements: ['click>=8', 'gunicorn>=23'] })).toMatchObject({
      code: 'lock-stale',
      message: `${name} is out of date: pypackage.json asks for gunicorn>=23, and it does not lock gunicorn`,
      where: { file: 'pypackage.json' },
      fix: `Add it to the dependencies of the project, or to a group, and lock again: ${command}`,
    });
  });

  test('uv.lock of another project', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'pyproject.toml', (text) => text.replace('name = "sample-app"', 'name = "renamed"'));
    expect(await failure(folder)).toMatchObject({ code: 'lock-stale', where: { file: 'uv.lock' }, fix: 'Lock again: uv lock' });
  });
});

test('two locks that contradict each other', async () => {
  const folder = await sample({ 'uv.lock': 'app/uv.lock', 'pdm.lock': 'app/pdm.lock' });
  expect((await read(folder))?.file).toBe('uv.lock');
  await edit(folder, 'pdm.lock', (text) =>
    text.replace('name = "click"\nversion = "8.5.1"', 'name = "click"\nversion = "8.1.0"').replace('version = "3.0.4"', 'version = "3.0.3"'),
  );
  expect(await failure(folder)).toMatchObject({
    kind: 'project',
    code: 'locks-contradict',
    message: 'uv.lock and pdm.lock contradict each other: click is 8.5.1 in the one and 8.1.0 in the other, and 1 more differ',
    where: { file: 'uv.lock', line: await lineIn(folder, 'uv.lock', 'name = "click"') },
    why: `pdm.lock says so in line ${await lineIn(folder, 'pdm.lock', 'name = "click"')}; uv.lock would count`,
    fix: 'Remove the lock that is no more used, or make it anew: uv lock, pdm lock',
  });
});

describe('a lock for something else', () => {
  test.each([
    ['uv.lock', 'app/uv.lock', 'uv.lock is for Python >=3.11', 3],
    ['pdm.lock', 'app/pdm.lock', 'pdm.lock is for Python >=3.11', 10],
    ['pylock.toml', 'app/pylock.pdm.toml', 'pylock.toml is for Python >=3.11', 2],
  ])('%s: another Python', async (name, file, message, line) => {
    const folder = await sample({ [name]: file });
    expect(await failure(folder, { environment: { ...PYTHON_313, python: '3.10.4' } })).toMatchObject({
      kind: 'project',
      code: 'lock-other-python',
      message: `${message}, and the base image has Python 3.10.4`,
      where: { file: name, line },
      fix: expect.stringContaining('Choose a base image with a Python that fits, or lock again for Python 3.10.4'),
    });
  });

  test('poetry.lock: another Python', async () => {
    const folder = await sample({ 'poetry.lock': 'poetry/poetry.lock' }, 'poetry');
    expect(await failure(folder, { environment: { ...PYTHON_313, python: '3.10.4' } })).toMatchObject({
      code: 'lock-other-python',
      where: { file: 'poetry.lock', line: await lineIn(folder, 'poetry.lock', 'python-versions = ">=3.11"', '[metadata]') },
    });
  });

  test('a package for another Python', async () => {
    const folder = await sample({ 'pdm.lock': 'app/pdm.lock' });
    await edit(folder, 'pdm.lock', (text) =>
      text.replace('requires_python = ">=3.10"\nsummary = "Composable', 'requires_python = ">=3.14"\nsummary = "Composable'),
    );
    expect(await failure(folder)).toMatchObject({
      code: 'lock-other-python',
      message: 'click 8.5.1 is for Python >=3.14, and the base image has Python 3.13.5',
      where: { file: 'pdm.lock', line: await lineIn(folder, 'pdm.lock', 'name = "click"') },
    });
  });

  test('wheels for other Pythons only, and no sdist', async () => {
    const folder = await sample({ 'pylock.toml': 'app/pylock.pip.toml' });
    expect(await failure(folder, { environment: { ...PYTHON_313, python: '3.12.1' } })).toMatchObject({
      code: 'lock-other-python',
      message: 'pylock.toml locks no file of markupsafe 3.0.4 for Python 3.12.1',
      where: { file: 'pylock.toml', line: await lineIn(folder, 'pylock.toml', 'name = "markupsafe"') },
      why: expect.stringContaining('It has markupsafe-3.0.4-cp313-cp313-manylinux'),
    });
  });

  test('wheels for other platforms only, and no sdist', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'uv.lock', (text) => text.replace(/^sdist = .*markupsafe.*\n/m, '').replace(/^ .*markupsafe.*(?:manylinux|musllinux).*\n/gm, ''));
    expect(await failure(folder)).toMatchObject({
      kind: 'project',
      code: 'lock-other-platform',
      message: 'uv.lock locks no file of markupsafe 3.0.4 for Linux on x86_64 with glibc 2.41',
      where: { file: 'uv.lock', line: await lineIn(folder, 'uv.lock', 'name = "markupsafe"') },
      why: expect.stringMatching(/^It has markupsafe-3\.0\.4-cp.*and \d+ more, and no source distribution$/),
      fix: 'Lock again for Linux too: uv lock',
    });
    expect(await failure(folder, { environment: { ...PYTHON_313, machine: 'aarch64' } })).toMatchObject({ code: 'lock-other-platform' });
  });

  test('environments and targets that are not ours', async () => {
    const folder = await sample({ 'pylock.toml': 'app/pylock.pdm.toml' });
    await edit(folder, 'pylock.toml', (text) => text.replace('python_version >= \\"3.11\\"', "sys_platform == 'win32'"));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-other-platform',
      message: 'pylock.toml is not for Python 3.13.5 on Linux x86_64',
      where: { file: 'pylock.toml', line: 3 },
      why: "It is for sys_platform == 'win32'",
    });
    const pdm = await sample({ 'pdm.lock': 'app/pdm.lock' });
    await edit(pdm, 'pdm.lock', (text) => text.replace('requires_python = ">=3.11"\n', 'requires_python = ">=3.11"\nplatform = "windows_amd64"\n'));
    expect(await failure(pdm)).toMatchObject({ code: 'lock-other-platform', where: { file: 'pdm.lock', line: 10 } });
  });
});

describe('a hash that is missing', () => {
  test.each([
    ['uv.lock', 'app/uv.lock', /(click-8.5.1-py3-none-any.whl", )hash = "[^"]*", /, 'name = "click"'],
    ['pdm.lock', 'app/pdm.lock', /(click-8.5.1-py3-none-any.whl"), hash = "[^"]*"/, 'name = "click"'],
    ['pylock.toml', 'app/pylock.pip.toml', /(click-8.5.1-py3-none-any.whl"\n\n\[packages.wheels.hashes\]\n)sha256 = ".*"/, 'name = "click"'],
  ])('%s', async (name, file, hash, at) => {
    const folder = await sample({ [name]: file });
    await edit(folder, name, (text) => text.replace(hash, '$1'));
    expect(await failure(folder)).toMatchObject({
      kind: 'project',
      code: 'lock-hash-missing',
      message: `click-8.5.1-py3-none-any.whl of click has no sha256 in ${name}`,
      where: { file: name, line: await lineIn(folder, name, at) },
      fix: expect.stringContaining('Lock again with hashes'),
    });
  });

  test('requirements.txt: one without where others have some', async () => {
    const folder = await sample({ 'requirements.txt': 'app/requirements.txt' });
    await edit(folder, 'requirements.txt', (text) => text.replace(/^defusedxml.*\n.*\n.*\n/m, 'defusedxml==0.7.1\n'));
    expect(await failure(folder, { requirementsFiles: ['requirements.txt'] })).toMatchObject({
      code: 'lock-hash-missing',
      message: 'defusedxml has no sha256 in requirements.txt',
      where: { file: 'requirements.txt', line: 5 },
      why: 'The other requirements have hashes, and pip then wants one for all',
    });
  });

  test('poetry.lock', async () => {
    const folder = await sample({ 'poetry.lock': 'poetry/poetry.lock' }, 'poetry');
    await edit(folder, 'poetry.lock', (text) => text.replace(/(name = "click"[^]*?files = \[\n)[^\]]*/, '$1'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-hash-missing',
      message: 'click has no sha256 in poetry.lock',
      where: { file: 'poetry.lock', line: await lineIn(folder, 'poetry.lock', 'name = "click"') },
    });
  });
});

describe('extras and groups that are not there', () => {
  test('the nearest name is offered', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    expect(await failure(folder, { extras: ['link'] })).toMatchObject({
      code: 'unknown-extra',
      where: { file: 'pyproject.toml', line: 17 },
      fix: 'Did you mean links?',
    });
    expect(await failure(folder, { groups: ['deb'] })).toMatchObject({
      kind: 'project',
      code: 'unknown-group',
      message: 'sample-app has no dependency group named deb',
      where: { file: 'pyproject.toml', line: 21 },
      why: 'Its groups are checks, dev',
      fix: 'Did you mean dev?',
    });
  });
});

describe('what cannot be read', () => {
  test.each([
    [
      'uv.lock',
      'app/uv.lock',
      (text: string) => text.replace('version = 1', 'version = 2'),
      'uv.lock is no valid lock: it is of version 2, and only version 1 is known',
      1,
    ],
    ['uv.lock', 'app/uv.lock', (text: string) => text.replace('name = "odfpy"', 'name = odfpy'), 'uv.lock is not valid TOML', undefined],
    ['pylock.toml', 'app/pylock.pip.toml', (text: string) => text.replace('"1.0"', '"2.0"'), 'pylock.toml is no valid lock: it is of version 2.0', 1],
    ['pdm.lock', 'app/pdm.lock', (text: string) => text.replace('"4.5.1"', '"4.2"'), 'pdm.lock is no valid lock: it is of version 4.2', 7],
  ])('%s (%#)', async (name, file, change, message, line) => {
    const folder = await sample({ [name]: file });
    await edit(folder, name, change);
    const error = await failure(folder);
    expect(error).toMatchObject({ kind: 'project', code: 'lock-invalid', message: expect.stringContaining(message) });
    expect(error.where?.file).toBe(name);
    expect(error.where?.line).toBe(line ?? (await lineIn(folder, name, 'name = odfpy')));
  });

  test('a dependency that the lock does not hold', async () => {
    const folder = await sample({ 'uv.lock': 'app/uv.lock' });
    await edit(folder, 'uv.lock', (text) => text.replace('[[package]]\nname = "click"', '[[package]]\nname = "clack"'));
    expect(await failure(folder)).toMatchObject({
      code: 'lock-invalid',
      message: 'uv.lock is no valid lock: sample-app needs click, which it does not hold',
      where: { file: 'uv.lock', line: await lineIn(folder, 'uv.lock', '{ name = "click" }') },
    });
  });
});
