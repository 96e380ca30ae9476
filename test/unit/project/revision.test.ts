import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askRevision, projectId, readRevision, withoutCredentials } from '../../../src/core/project/revision.js';
import { makeFolder } from './folder.js';

// The machine's own configuration must not decide these tests.
beforeEach(() => {
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  for (const who of ['AUTHOR', 'COMMITTER']) {
    vi.stubEnv(`GIT_${who}_NAME`, 'Test');
    vi.stubEnv(`GIT_${who}_EMAIL`, 'test@example.org');
    vi.stubEnv(`GIT_${who}_DATE`, '2026-01-02T03:04:05Z');
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

async function makeRepository(files: Readonly<Record<string, string>> = { 'a.txt': 'a' }): Promise<string> {
  const root = await makeFolder(files, 'with space');
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'first');
  return root;
}

describe('a revision', () => {
  test('of a clean repository', async () => {
    const root = await makeRepository();
    git(root, 'remote', 'add', 'origin', 'https://user:secret@example.org/team/polls.git?token=x');
    expect(await readRevision(root)).toEqual({
      commit: git(root, 'rev-parse', 'HEAD'),
      branch: 'main',
      dirty: false,
      commitTime: 1_767_323_045,
      origin: 'https://example.org/team/polls.git',
      path: '',
    });
  });

  test('is dirty for a change, a new file and a staged one', async () => {
    const root = await makeRepository({ 'a.txt': 'a', '.gitignore': '*.log\n' });
    await writeFile(path.join(root, 'x.log'), '');
    expect((await readRevision(root))?.dirty).toBe(false);
    await writeFile(path.join(root, 'new\nline.txt'), '');
    expect((await readRevision(root))?.dirty).toBe(true);
    git(root, 'add', '.');
    expect((await readRevision(root))?.dirty).toBe(true);
    git(root, 'commit', '-q', '-m', 'second');
    expect((await readRevision(root))?.dirty).toBe(false);
    await writeFile(path.join(root, 'a.txt'), 'b');
    expect((await readRevision(root))?.dirty).toBe(true);
  });

  test('of a folder in a larger repository looks at that folder only', async () => {
    const root = await makeRepository({ 'apps/polls app/a.txt': 'a', 'other/b.txt': 'b' });
    const folder = path.join(root, 'apps/polls app');
    await writeFile(path.join(root, 'other/b.txt'), 'changed');
    expect(await readRevision(folder)).toMatchObject({ path: 'apps/polls app', dirty: false });
    await writeFile(path.join(folder, 'new.txt'), '');
    expect(await readRevision(folder)).toMatchObject({ dirty: true });
  });

  test('of a worktree and of a detached HEAD', async () => {
    const root = await makeRepository();
    git(root, 'worktree', 'add', '-q', '-b', 'feature/x', '../tree');
    const tree = path.join(path.dirname(root), 'tree');
    expect(await readRevision(tree)).toMatchObject({ branch: 'feature/x', path: '', dirty: false });
    git(tree, 'checkout', '-q', '--detach');
    expect(await readRevision(tree)).toMatchObject({ branch: undefined, commit: git(root, 'rev-parse', 'HEAD') });
  });

  test('is not that of GIT_DIR in the environment, as a hook sets it', async () => {
    const other = await makeRepository({ 'b.txt': 'b' });
    const root = await makeRepository();
    const commit = git(root, 'rev-parse', 'HEAD');
    vi.stubEnv('GIT_DIR', path.join(other, '.git'));
    expect((await readRevision(root))?.commit).toBe(commit);
  });

  test('runs no program that the repository names', async () => {
    const root = await makeRepository();
    const witness = path.join(path.dirname(root), 'ran');
    git(root, 'config', 'core.fsmonitor', `touch '${witness}'; false`);
    expect(await readRevision(root)).toMatchObject({ dirty: false });
    await expect(rm(witness)).rejects.toThrow('ENOENT');
  });
});

describe('no revision, and why', () => {
  test('no repository, no commits, ignored by the one around', async () => {
    expect((await askRevision(await makeFolder())).kind).toBe('no-repository');
    const empty = await makeFolder();
    git(empty, 'init', '-q');
    expect((await askRevision(empty)).kind).toBe('no-commits');
    const root = await makeRepository({ '.gitignore': 'sandbox/\n' });
    await mkdir(path.join(root, 'sandbox/app'), { recursive: true });
    expect((await askRevision(path.join(root, 'sandbox/app'))).kind).toBe('ignored');
  });

  test('a repository of somebody else', async () => {
    const root = await makeRepository();
    // Git's own switch for testing safe.directory.
    vi.stubEnv('GIT_TEST_ASSUME_DIFFERENT_OWNER', '1');
    const answer = await askRevision(root);
    expect(answer).toMatchObject({ kind: 'refused', reason: expect.stringContaining('safe.directory') });
    expect(await readRevision(root)).toBeUndefined();
  });

  test('no git', async () => {
    const root = await makeRepository();
    vi.stubEnv('PATH', path.join(root, 'nothing-here'));
    expect(await askRevision(root)).toEqual({ kind: 'no-git', reason: 'git is not installed' });
  });
});

describe('identity', () => {
  test.each([
    ['https://token@github.com/a/b.git', 'https://github.com/a/b.git'],
    ['https://u:p@host:8443/a', 'https://host:8443/a'],
    ['ssh://git:pw@host/a.git', 'ssh://git@host/a.git'],
    ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
    ['/srv/git/a.git', '/srv/git/a.git'],
    ['https://u:p%@host:port/a', 'https://host:port/a'],
  ])('%s without credentials is %s', (url, expected) => {
    expect(withoutCredentials(url)).toBe(expected);
  });

  test('follows the origin and the path in it, else the folder', () => {
    const one = { normalizedName: 'polls', root: '/a' };
    const two = { normalizedName: 'polls', root: '/b' };
    const revision = { origin: 'https://example.org/x.git', path: 'polls' };
    expect(projectId(one, revision)).toMatch(/^polls-[0-9a-f]{8}$/);
    expect(projectId(one, revision)).toBe(projectId(two, revision));
    expect(projectId(one, revision)).not.toBe(projectId(one, { ...revision, path: 'other' }));
    expect(projectId(one, undefined)).not.toBe(projectId(two, undefined));
    expect(projectId(one, undefined)).toBe(projectId(one, { origin: undefined, path: 'polls' }));
  });
});
