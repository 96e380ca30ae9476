import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources } from '../../../src/core/project/sources.js';
import { makeFolder } from './folder.js';

describe('the stat cache', () => {
  const old = new Date(Date.now() - 60_000);

  /** Cached, and settled: no file is young enough to be looked at again. */
  async function makeCached(files: Readonly<Record<string, string>>): Promise<{ root: string; cacheFile: string }> {
    const root = await makeFolder(files);
    const cacheFile = path.join(path.dirname(root), 'cache/stats');
    // Change times cannot be set: wait until those of the files are older than the scan that trusts them.
    await new Promise((resolve) => setTimeout(resolve, 60));
    await readSources(root, { cacheFile });
    return { root, cacheFile };
  }

  test('is not written when nothing changed', async () => {
    const { root, cacheFile } = await makeCached({ 'a.py': 'one', 'b.py': 'two' });
    const { mtimeMs, ino } = await stat(cacheFile);
    const again = await readSources(root, { cacheFile });
    expect(await stat(cacheFile)).toMatchObject({ mtimeMs, ino });
    expect(again).toEqual(await readSources(root));
  });

  test('is really used: what it says of an unchanged file is believed', async () => {
    const { root, cacheFile } = await makeCached({ 'a.py': 'one' });
    const forged = (await readFile(cacheFile, 'utf8')).replace(/^[0-9a-f]{64} /m, `${'0'.repeat(64)} `);
    await writeFile(cacheFile, forged);
    expect((await readSources(root, { cacheFile })).files[0]?.sha256).toBe('0'.repeat(64));
  });

  test('sees a change of equal length whose time was set back', async () => {
    const { root, cacheFile } = await makeCached({ 'a.py': 'one' });
    await utimes(path.join(root, 'a.py'), old, old);
    await readSources(root, { cacheFile });
    await writeFile(path.join(root, 'a.py'), 'two');
    await utimes(path.join(root, 'a.py'), old, old);
    expect(await readSources(root, { cacheFile })).toEqual(await readSources(root));
  });

  test('hashes again what was written while it was being made (racy)', async () => {
    const root = await makeFolder({ 'a.py': 'one' });
    const cacheFile = path.join(path.dirname(root), 'stats');
    await readSources(root, { cacheFile });
    const forged = (await readFile(cacheFile, 'utf8')).replace(/^[0-9a-f]{64} /m, `${'0'.repeat(64)} `);
    await writeFile(cacheFile, forged);
    expect(await readSources(root, { cacheFile })).toEqual(await readSources(root));
  });

  test('many quick edits of equal length are all seen', async () => {
    const root = await makeFolder({ 'a.py': '000' });
    const cacheFile = path.join(path.dirname(root), 'stats');
    for (let i = 0; i < 60; i++) {
      await writeFile(path.join(root, 'a.py'), String(i).padStart(3, '0'));
      expect((await readSources(root, { cacheFile })).digest).toBe((await readSources(root)).digest);
    }
  });

  test.each(['', 'garbage', '{"a":1}\n', 'cut'])('damaged (%j) is made again', async (content) => {
    const { root, cacheFile } = await makeCached({ 'a.py': 'one', 'b.py': 'two' });
    const whole = await readFile(cacheFile, 'utf8');
    await writeFile(cacheFile, content === 'cut' ? whole.slice(0, -40) : content);
    expect(await readSources(root, { cacheFile })).toEqual(await readSources(root));
    expect((await readFile(cacheFile, 'utf8')).split('\n').length).toBe(whole.split('\n').length);
  });

  test('of another folder, or in a place that cannot be written, does no harm', async () => {
    const { cacheFile } = await makeCached({ 'a.py': 'one' });
    const other = await makeFolder({ 'a.py': 'two' });
    expect(await readSources(other, { cacheFile })).toEqual(await readSources(other));
    expect(await readSources(other, { cacheFile: path.join(cacheFile, 'no') })).toEqual(await readSources(other));
  });

  test('forgets files that are gone', async () => {
    const { root, cacheFile } = await makeCached({ 'a.py': 'one', 'b.py': 'two' });
    await rm(path.join(root, 'b.py'));
    await readSources(root, { cacheFile });
    expect(await readFile(cacheFile, 'utf8')).not.toContain('b.py');
  });
});
