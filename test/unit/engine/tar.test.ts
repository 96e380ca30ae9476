import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { packFiles, readTar } from '../../../src/core/engine/tar.js';
import type { PackedFile, TarEntry } from '../../../src/core/engine/tar.js';

async function bytesOf(files: readonly PackedFile[]): Promise<Buffer> {
  return Buffer.concat(await packFiles(files).toArray());
}

async function entriesOf(tar: Readable): Promise<(TarEntry & { readonly text: string })[]> {
  const entries: (TarEntry & { readonly text: string })[] = [];
  await readTar(tar, async (entry, content) => {
    entries.push({ ...entry, text: Buffer.concat(await content.toArray()).toString() });
  });
  return entries;
}

describe('packFiles', () => {
  it('makes the same tar of the same files, in whatever order they are given', async () => {
    const files = [
      { path: '/run/b', content: 'b', mode: 0o644 },
      { path: 'run/a', content: Buffer.from('a'), mode: 0o755, uid: 10, gid: 20 },
      { path: 'run/', content: '', mode: 0o700 },
    ];
    const digest = async (list: readonly PackedFile[]): Promise<string> =>
      createHash('sha256')
        .update(await bytesOf(list))
        .digest('hex');
    expect(await digest(files)).toBe(await digest([...files].reverse()));
    const entries = await entriesOf(packFiles(files));
    expect(entries.map(({ path, type, mode, text }) => ({ path, type, mode, text }))).toEqual([
      { path: 'run/', type: 'directory', mode: 0o700, text: '' },
      { path: 'run/a', type: 'file', mode: 0o755, text: 'a' },
      { path: 'run/b', type: 'file', mode: 0o644, text: 'b' },
    ]);
  });

  it('packs empty and large files, long names and none at all', async () => {
    const long = `${'long-directory-name/'.repeat(12)}ä.txt`;
    const large = 'x'.repeat(3_000_000);
    const entries = await entriesOf(
      packFiles([
        { path: 'empty', content: '', mode: 0o600 },
        { path: long, content: 'l', mode: 0o600 },
        { path: 'large', content: large, mode: 0o600 },
      ]),
    );
    expect(entries.map(({ path, size }) => [path, size])).toEqual([
      ['empty', 0],
      ['large', 3_000_000],
      [long, 1],
    ]);
    expect(entries[1]?.text === large).toBe(true);
    expect(await entriesOf(packFiles([]))).toEqual([]);
  });
});

describe('readTar', () => {
  it('tells kinds and links, and takes "./" from names', async () => {
    const tar = pack();
    tar.entry({ name: './a/', type: 'directory', mode: 0o755 });
    tar.entry({ name: './a/l', type: 'symlink', linkname: '../b' });
    tar.entry({ name: './a/h', type: 'link', linkname: 'a/f' });
    tar.entry({ name: './a/p', type: 'fifo' });
    tar.finalize();
    const entries = await entriesOf(Readable.from(tar, { objectMode: false }));
    expect(entries.map(({ path, type, linkname }) => [path, type, linkname])).toEqual([
      ['a/', 'directory', ''],
      ['a/l', 'symlink', '../b'],
      ['a/h', 'link', 'a/f'],
      ['a/p', 'other', ''],
    ]);
  });

  it('fails when the tar ends early', async () => {
    const bytes = await bytesOf([{ path: 'a', content: 'x'.repeat(2000), mode: 0o644 }]);
    await expect(entriesOf(Readable.from([bytes.subarray(0, 1000)], { objectMode: false }))).rejects.toThrow('Unexpected end of data');
  });

  it('fails with the error of its source, and of its reader', async () => {
    const source = new Readable({
      read() {
        this.destroy(new Error('cut'));
      },
    });
    await expect(entriesOf(source)).rejects.toThrow('cut');
    const tar = packFiles([
      { path: 'a', content: 'x'.repeat(200_000), mode: 0o644 },
      { path: 'b', content: '', mode: 0o644 },
    ]);
    await expect(readTar(tar, () => Promise.reject(new Error('full')))).rejects.toThrow('full');
    expect(tar.destroyed).toBe(true);
  });
});
