import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RevisionMemory } from '../../../src/core/project/revision-memory.js';

let folder: string;
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder, encoding: 'utf8' });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revision-memory-'));
  git('init', '--quiet');
  writeFileSync(join(folder, 'a.py'), 'a = 1\n');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'first');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('an edit makes the revision dirty, and taking it back makes it clean', async () => {
  const memory = new RevisionMemory();
  expect(await memory.read(folder)).toMatchObject({ dirty: false });
  expect(await memory.settle(folder, 'one')).toMatchObject({ dirty: false });
  writeFileSync(join(folder, 'a.py'), 'a = 2\n');
  await memory.read(folder);
  expect(await memory.settle(folder, 'two')).toMatchObject({ dirty: true });
  writeFileSync(join(folder, 'a.py'), 'a = 1\n');
  await memory.read(folder);
  expect(await memory.settle(folder, 'one')).toMatchObject({ dirty: false });
});

test('a new commit is seen, and is clean', async () => {
  const memory = new RevisionMemory();
  const first = await memory.read(folder);
  await memory.settle(folder, 'one');
  writeFileSync(join(folder, 'b.py'), '');
  git('add', '-A');
  git('commit', '--quiet', '-m', 'second');
  const second = await memory.read(folder);
  expect(second?.commit).toBe(git('rev-parse', 'HEAD').trim());
  expect(second?.commit).not.toBe(first?.commit);
  expect(await memory.settle(folder, 'two')).toMatchObject({ commit: second?.commit, dirty: false });
});

test('a file that is staged, an origin that is set and another branch are seen', async () => {
  const memory = new RevisionMemory();
  await memory.read(folder);
  await memory.settle(folder, 'one');
  git('remote', 'add', 'origin', 'https://user:secret@example.com/team/app.git');
  expect(await memory.read(folder)).toMatchObject({ origin: 'https://example.com/team/app.git' });
  git('checkout', '--quiet', '-b', 'feature/x');
  expect(await memory.read(folder)).toMatchObject({ branch: 'feature/x' });
  writeFileSync(join(folder, 'new.py'), '');
  git('add', 'new.py');
  expect(await memory.read(folder)).toMatchObject({ dirty: true });
});

test("an editor's folder and bytecode are never sources, so they make nothing dirty", async () => {
  mkdirSync(join(folder, '.vscode'));
  writeFileSync(join(folder, '.vscode', 'settings.json'), '{}');
  mkdirSync(join(folder, 'package', '__pycache__'), { recursive: true });
  writeFileSync(join(folder, 'package', '__pycache__', 'a.cpython-313.pyc'), '');
  expect(await new RevisionMemory().read(folder)).toMatchObject({ dirty: false });
});

test('a folder that becomes a repository later is found', async () => {
  const plain = mkdtempSync(join(tmpdir(), 'revision-memory-plain-'));
  try {
    const memory = new RevisionMemory();
    expect(await memory.read(plain)).toBeUndefined();
    expect(await memory.settle(plain, 'one')).toBeUndefined();
    execFileSync('git', ['init', '--quiet'], { cwd: plain });
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'x'], { cwd: plain });
    expect(await memory.read(plain)).toMatchObject({ dirty: false });
  } finally {
    rmSync(plain, { recursive: true, force: true });
  }
});
