import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { changedFiles, hashesOf, readSources } from '../../../src/core/project/sources.js';
import { makeFolder, memoryInUse, unprivileged, userErrorOf, writeFiles } from './folder.js';

async function pathsOf(root: string): Promise<readonly string[]> {
  return (await readSources(root)).files.map((file) => file.path);
}

describe('what is a source', () => {
  test('everything that a build could see, ignored by Git or not', async () => {
    const files = [
      'pyproject.toml',
      '.gitignore',
      'polls/static/built.js',
      'polls/locale/de/django.mo',
      'polls/build/x.py',
      'sub/dist/y.py',
      'tests/a.py',
      'target/notes.txt',
      '.env',
      'a.egg-info.txt',
    ];
    const root = await makeFolder(Object.fromEntries(files.map((file) => [file, file === '.gitignore' ? '*' : 'x'])));
    expect(await pathsOf(root)).toEqual([...files].sort());
  });

  test('what never is one stays out', async () => {
    const root = await makeFolder({
      'keep.py': '',
      '.git/HEAD': '',
      'sub/.git': 'gitdir: elsewhere',
      '.hg/x': '',
      '.svn/x': '',
      'venv-of-mine/pyvenv.cfg': '',
      'venv-of-mine/lib/x.py': '',
      'polls/__pycache__/a.cpython-313.pyc': '',
      'polls/a.pyc': '',
      'polls/a.pyo': '',
      '.tox/x': '',
      '.nox/x': '',
      '.mypy_cache/x': '',
      '.pytest_cache/x': '',
      '.ruff_cache/x': '',
      'web/node_modules/x.js': '',
      '.vscode/settings.json': '',
      '.idea/x': '',
      'build/lib/a.py': '',
      'dist/a.whl': '',
      'target/pypackage/a/pylock.toml': '',
      'polls.egg-info/PKG-INFO': '',
      'src/polls.egg-info/PKG-INFO': '',
      '.DS_Store': '',
      'polls/.a.py.swp': '',
      '.coverage': '',
    });
    expect(await pathsOf(root)).toEqual(['keep.py']);
  });

  test('a package that is called build is one', async () => {
    expect(await pathsOf(await makeFolder({ 'build/__init__.py': '', 'build/a.py': '' }))).toEqual(['build/__init__.py', 'build/a.py']);
  });

  test('names with spaces, capitals and any letters, sorted by their bytes', async () => {
    const names = ['a b.txt', 'Ä.txt', 'a/b', 'a-b', 'B', 'b', '日本.txt', '\uFF5E.txt', '😀.txt', "it's", 'new\nline'];
    const root = await makeFolder(Object.fromEntries(names.map((name) => [name, name])), 'My Größe 😀');
    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await pathsOf(root)).toEqual(sorted);
    // With a cache the names come back the same.
    const cacheFile = path.join(path.dirname(root), 'cache');
    const cold = await readSources(root, { cacheFile });
    expect(await readSources(root, { cacheFile })).toEqual(cold);
  });

  test('sockets and pipes stay out', async () => {
    const root = await makeFolder({ 'a.py': '' });
    execFileSync('mkfifo', [path.join(root, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path.join(root, 'socket'), resolve));
    onTestFinished(() => {
      server.close();
    });
    expect(await pathsOf(root)).toEqual(['a.py']);
  });

  test('a name that is not UTF-8 is an error that shows it', async () => {
    const root = await makeFolder();
    await writeFile(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff])]), '');
    expect(await userErrorOf(readSources(root))).toMatchObject({ code: 'source-name-invalid', where: { file: 'bad-\uFFFD' } });
  });

  test('an unreadable file or folder is an error that names it', async () => {
    const root = await makeFolder({ 'a.py': '', 'secret/key.pem': 'x', 'shut/x': '' });
    await chmod(path.join(root, 'secret/key.pem'), 0);
    expect(await unprivileged(() => userErrorOf(readSources(root)))).toMatchObject({
      kind: 'project',
      code: 'source-unreadable',
      where: { file: 'secret/key.pem' },
    });
    await chmod(path.join(root, 'secret/key.pem'), 0o644);
    await chmod(path.join(root, 'shut'), 0);
    expect(await unprivileged(() => userErrorOf(readSources(root)))).toMatchObject({ code: 'source-unreadable', where: { file: 'shut' } });
    await chmod(path.join(root, 'shut'), 0o755);
  });

  test('read-only sources are read', async () => {
    const root = await makeFolder({ 'polls/a.py': 'a' });
    await chmod(path.join(root, 'polls'), 0o555);
    await chmod(root, 0o555);
    expect(await unprivileged(() => pathsOf(root))).toEqual(['polls/a.py']);
    await chmod(root, 0o755);
    await chmod(path.join(root, 'polls'), 0o755);
  });
});

describe('symbolic links', () => {
  const linksOf = async (root: string): Promise<Readonly<Record<string, string | undefined>>> =>
    Object.fromEntries((await readSources(root)).files.filter((file) => file.kind === 'link').map((file) => [file.path, file.target]));

  test('inside stay links, written relative', async () => {
    const root = await makeFolder({ 'a/file.txt': 'x', 'b/other.txt': '' });
    await symlink('file.txt', path.join(root, 'a/near'));
    await symlink('../b', path.join(root, 'a/folder'));
    await symlink(path.join(root, 'b/other.txt'), path.join(root, 'a/absolute'));
    await symlink(`../../${path.basename(root)}/b/other.txt`, path.join(root, 'a/around'));
    await symlink('gone.txt', path.join(root, 'a/dangling'));
    await symlink('.', path.join(root, 'self'));
    expect(await linksOf(root)).toEqual({
      'a/near': 'file.txt',
      'a/folder': '../b',
      'a/absolute': '../b/other.txt',
      'a/around': '../b/other.txt',
      'a/dangling': 'gone.txt',
      self: '.',
    });
  });

  test.each([
    ['an absolute path', '/etc/passwd'],
    ['a path upwards', '../../outside.txt'],
    ['nothing outside', '/nonexistent/x'],
    ['a link that leads on', 'b/chain'],
  ])('to %s that leads out are refused', async (_, target) => {
    const root = await makeFolder({ 'a/x': '', 'b/x': '' });
    await writeFiles(path.dirname(root), { 'outside.txt': 'x', 'elsewhere/node_modules/x': '' });
    // The chain itself lies in a folder that is left out: only the first link can be caught.
    await mkdir(path.join(root, 'b/node_modules'));
    await symlink('../../../elsewhere', path.join(root, 'b/node_modules/chain'));
    await symlink(target === 'b/chain' ? '../b/node_modules/chain' : target, path.join(root, 'a/link'));
    const error = await userErrorOf(readSources(root));
    expect(error).toMatchObject({ kind: 'project', code: 'link-escapes', where: { file: 'a/link' } });
    expect(error.why).toContain(target === 'b/chain' ? path.join(path.dirname(root), 'elsewhere') : target);
  });

  test('to a virtual environment elsewhere are left out', async () => {
    const root = await makeFolder({ 'a.py': '' });
    await writeFiles(path.dirname(root), { 'envs/x/pyvenv.cfg': '' });
    await symlink('../envs/x', path.join(root, '.venv'));
    expect(await pathsOf(root)).toEqual(['a.py']);
  });

  test('in a circle stay what they are', async () => {
    const root = await makeFolder();
    await symlink('two', path.join(root, 'one'));
    await symlink('one', path.join(root, 'two'));
    expect(await linksOf(root)).toEqual({ one: 'two', two: 'one' });
  });
});

describe('the digest', () => {
  test('follows content, names, kinds and the executable bit, and nothing else', async () => {
    const root = await makeFolder({ 'a.py': 'one', 'b.py': 'two' });
    const first = (await readSources(root)).digest;
    const after = async (change: () => Promise<unknown>): Promise<string> => {
      await change();
      return (await readSources(root)).digest;
    };
    expect(await after(() => utimes(path.join(root, 'a.py'), 1, 1))).toBe(first);
    expect(await after(() => chmod(path.join(root, 'a.py'), 0o600))).toBe(first);
    const seen = new Set([
      first,
      await after(() => chmod(path.join(root, 'a.py'), 0o755)),
      await after(() => writeFile(path.join(root, 'a.py'), 'One')),
      await after(() => rename(path.join(root, 'a.py'), path.join(root, 'c.py'))),
      await after(async () => {
        await rm(path.join(root, 'c.py'));
        await symlink('b.py', path.join(root, 'c.py'));
      }),
    ]);
    expect(seen.size).toBe(5);
  });

  test('changed files are those added, changed and removed', async () => {
    const root = await makeFolder({ 'a.py': '1', 'b.py': '1', 'c.py': '1' });
    const before = hashesOf(await readSources(root));
    await writeFiles(root, { 'b.py': '2', 'd.py': '1' });
    await rm(path.join(root, 'c.py'));
    expect(changedFiles(before, await readSources(root))).toEqual(['b.py', 'c.py', 'd.py']);
  });
});

describe('large trees', () => {
  test('a file of 200 MB is not held in memory', async () => {
    const root = await makeFolder({ 'a.py': '' });
    await writeFile(path.join(root, 'big.bin'), '');
    await truncate(path.join(root, 'big.bin'), 200 * 1024 * 1024);
    const before = memoryInUse();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, memoryInUse());
    }, 20);
    onTestFinished(() => {
      clearInterval(timer);
    });
    const tree = await readSources(root);
    expect(tree.size).toBe(200 * 1024 * 1024);
    expect(most - before).toBeLessThan(10 * 1024 * 1024);
  });

  test('cancelling ends it', async () => {
    const root = await makeFolder({ 'a.py': '' });
    await writeFile(path.join(root, 'big.bin'), '');
    await truncate(path.join(root, 'big.bin'), 200 * 1024 * 1024);
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 20);
    await expect(readSources(root, { signal: controller.signal })).rejects.toMatchObject({ name: 'CancelledError' });
  });
});
