import { execFileSync } from 'node:child_process';
import { appendFile, chmod, lstat, mkdir, readFile, readlink, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { describe, expect, test } from 'vitest';
import { packSources } from '../../../src/core/project/pack.js';
import { readSources } from '../../../src/core/project/sources.js';
import { tarHeader, tarPadding } from '../../../src/core/project/tar.js';
import { makeFolder, memoryInUse, userErrorOf } from './folder.js';

const BIG = 3 * 1024 * 1024 + 17;

async function tarOf(root: string, prefix = 'src'): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of packSources(await readSources(root), prefix)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function entriesOf(tar: Buffer): Promise<readonly Header[]> {
  const unpack = extract();
  const found: Header[] = [];
  unpack.on('entry', (header, content, next) => {
    found.push(header);
    content.on('end', next).resume();
  });
  await pipeline([tar], unpack);
  return found;
}

describe('a tar of sources', () => {
  test('is in order, with normalised modes, owners and times', async () => {
    const root = await makeFolder({ 'b/c.py': 'c', 'b/a/x.py': 'x', 'b-1.py': '', 'run.sh': '#!/bin/sh\n' });
    await chmod(path.join(root, 'run.sh'), 0o700);
    await chmod(path.join(root, 'b/c.py'), 0o600);
    await symlink('c.py', path.join(root, 'b/link'));
    await mkdir(path.join(root, 'empty'));
    const entries = await entriesOf(await tarOf(root));
    expect(entries.map(({ name, type, mode, linkname }) => [name, type, mode?.toString(8), linkname ?? undefined])).toEqual([
      ['src/', 'directory', '755', undefined],
      ['src/b-1.py', 'file', '644', undefined],
      ['src/b/', 'directory', '755', undefined],
      ['src/b/a/', 'directory', '755', undefined],
      ['src/b/a/x.py', 'file', '644', undefined],
      ['src/b/c.py', 'file', '644', undefined],
      ['src/b/link', 'symlink', '777', 'c.py'],
      ['src/run.sh', 'file', '755', undefined],
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ uid: 0, gid: 0, mtime: new Date(1_580_601_600_000) });
  });

  test('is the same, byte for byte, for the same tree', async () => {
    const files = { 'b/c.py': 'c', 'a.py': 'a' };
    const [one, two] = [await makeFolder(files, 'one'), await makeFolder(files, 'two')];
    await utimes(path.join(two, 'a.py'), 5, 5);
    await chmod(path.join(two, 'a.py'), 0o600);
    expect((await tarOf(one)).equals(await tarOf(two))).toBe(true);
  });

  test('gives back what went in: tar unpacks it', async () => {
    const long = `${'long name '.repeat(14)}/${'x'.repeat(120)}.py`;
    const files: Record<string, string> = { 'a b.py': 'one', 'Größe/日本 😀.py': 'two', [long]: 'three', 'empty.py': '', [`${'d'.repeat(99)}/f`]: 'four' };
    const root = await makeFolder(files);
    await writeFile(path.join(root, 'big.bin'), Buffer.alloc(BIG, 'pypackage'));
    await symlink(`../${long}`, path.join(root, 'Größe/link'));
    const out = await makeFolder();
    execFileSync('tar', ['-x', '-C', out], { input: await tarOf(root) });
    for (const [file, content] of Object.entries(files)) expect(await readFile(path.join(out, 'src', file), 'utf8')).toBe(content);
    expect(await readlink(path.join(out, 'src/Größe/link'))).toBe(`../${long}`);
    expect((await lstat(path.join(out, 'src/big.bin'))).size).toBe(BIG);
    expect((await readSources(path.join(out, 'src'))).digest).toBe((await readSources(root)).digest);
  });

  test('without a prefix, and of nothing', async () => {
    const root = await makeFolder({ 'a/b.py': '' });
    expect((await entriesOf(await tarOf(root, ''))).map((entry) => entry.name)).toEqual(['a/', 'a/b.py']);
    expect((await entriesOf(await tarOf(await makeFolder(), 'src/x'))).map((entry) => entry.name)).toEqual(['src/', 'src/x/']);
  });

  test('waits for its reader: a file of 200 MB is not held in memory', async () => {
    const root = await makeFolder();
    await writeFile(path.join(root, 'big.bin'), '');
    await truncate(path.join(root, 'big.bin'), 200 * 1024 * 1024);
    const tree = await readSources(root);
    let size = 0;
    let most = 0;
    const before = memoryInUse();
    for await (const chunk of packSources(tree, 'src')) {
      const last = size;
      size += Buffer.from(chunk).length;
      // Every 20 MB the reader rests, and a writer that does not wait for it would run ahead.
      if (Math.floor(size / 20_000_000) === Math.floor(last / 20_000_000)) continue;
      await new Promise((resolve) => setTimeout(resolve, 20));
      most = Math.max(most, memoryInUse() - before);
    }
    expect(size).toBeGreaterThan(tree.size);
    expect(most).toBeLessThan(10 * 1024 * 1024);
  });

  test('sizes from 8 GiB have a pax record', () => {
    const size = 9 * 1024 ** 3;
    expect(tarHeader({ name: 'x', type: 'file', mode: 0o644, size }).toString('latin1')).toContain(`19 size=${size}\n`);
    expect([0, 1, 512, 513].map((length) => tarPadding(length).length)).toEqual([0, 511, 0, 511]);
  });
});

describe('a file that changes meanwhile', () => {
  const big = Buffer.alloc(BIG, 'a');

  test.each<[string, (file: string) => Promise<unknown>]>([
    ['grows', (file) => appendFile(file, 'x')],
    ['shrinks', (file) => truncate(file, 1)],
    ['has other content of the same length', async (file) => writeFile(file, (await readFile(file)).fill('z', 0, 2))],
    ['is gone', (file) => rm(file)],
  ])('%s: the stream errors and says which', async (_, change) => {
    for (const content of [Buffer.from('small'), big]) {
      const root = await makeFolder({ 'a.py': 'a', 'b.py': content, 'c.py': 'c' });
      const tree = await readSources(root);
      await change(path.join(root, 'b.py'));
      const error = await userErrorOf(
        pipeline(packSources(tree, 'src'), async (chunks) => {
          for await (const chunk of chunks) expect(chunk).toBeDefined();
        }),
      );
      expect(error).toMatchObject({ kind: 'project', code: 'source-changed', where: { file: 'b.py' } });
    }
  });
});
