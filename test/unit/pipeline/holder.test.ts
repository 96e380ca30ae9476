/** Who holds what outlives its process: a live one is never taken for dead, a dead one of this machine is known at once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasEnded, thisHolder } from '../../../src/core/holder.js';
import { makeTemporary, sweepTemporary } from '../../../src/core/pipeline/temporary.js';

const LINUX = process.platform === 'linux';

/** As this process calls itself, with another number and start. */
function like(pid: number, start: string): string | undefined {
  const [machine] = thisHolder()?.split('-') ?? [];
  return machine === undefined ? undefined : `${machine}-${pid}-${start}`;
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('a holder', () => {
  test('has a name on Linux, and lives as long as its process', async () => {
    expect(thisHolder() !== undefined).toBe(LINUX);
    expect(hasEnded(thisHolder())).toBe(false);
    expect(hasEnded(like(process.ppid, '1'))).toBe(LINUX);
    expect(hasEnded(like(await deadProcess(), '1'))).toBe(LINUX);
  });

  test('of another machine, or none that can be read, is not judged', async () => {
    const pid = await deadProcess();
    expect(hasEnded(undefined)).toBe(false);
    expect(hasEnded('')).toBe(false);
    expect(hasEnded(`0123456789abcdef-${pid}-1`)).toBe(false);
    expect(hasEnded(like(0, '1'))).toBe(false);
    expect(hasEnded(like(-1, '1'))).toBe(false);
  });
});

describe('the folder of a run', () => {
  const before = process.env['TMPDIR'];
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pypackage-holder-'));
    process.env['TMPDIR'] = folder;
  });

  afterAll(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(folder, { recursive: true, force: true });
  });

  test('stays while its process lives, and goes with the next run when that was killed', async () => {
    const own = await makeTemporary();
    const holder = like(await deadProcess(), '1');
    const dead = join(folder, holder === undefined ? 'pypackage-run-aaaaaa' : `pypackage-run-${holder}-aaaaaa`);
    await mkdir(join(dead, 'application'), { recursive: true });
    await writeFile(join(dead, 'application', 'x.whl'), 'x');
    expect((await sweepTemporary()).map((path) => basename(path))).toEqual(LINUX ? [basename(dead)] : []);
    expect(existsSync(own)).toBe(true);
    expect(existsSync(dead)).toBe(!LINUX);
    // Also when the clock was set forwards.
    if (LINUX) await sweepTemporary(Date.now() + 30 * 24 * 3_600_000);
    expect(existsSync(own)).toBe(true);
  });

  test('whose maker cannot be judged goes after some days', async () => {
    const strange = join(folder, 'pypackage-run-0123456789abcdef-1-1-bbbbbb');
    await mkdir(strange);
    expect(await sweepTemporary()).not.toContain(strange);
    const old = new Date(Date.now() - 4 * 24 * 3_600_000);
    await utimes(strange, old, old);
    expect(await sweepTemporary()).toContain(strange);
    expect(existsSync(strange)).toBe(false);
  });

  test('is one that we made: other names, files and links stay', async () => {
    const dead = like(await deadProcess(), '1') ?? '0123456789abcdef-1-1';
    const others = ['pypackage-run-notes', `pypackage-run-${dead}-aaaaaa.txt`, `my-pypackage-run-${dead}-aaaaaa`, `pypackage-run-${dead}-fileee`];
    for (const name of others) await writeFile(join(folder, name), 'mine');
    await mkdir(join(folder, 'elsewhere'));
    await writeFile(join(folder, 'elsewhere', 'file'), 'mine');
    await symlink(join(folder, 'elsewhere'), join(folder, `pypackage-run-${dead}-linked`));
    await sweepTemporary(Date.now() + 30 * 24 * 3_600_000);
    for (const name of others) expect(existsSync(join(folder, name))).toBe(true);
    expect(existsSync(join(folder, 'elsewhere', 'file'))).toBe(true);
    expect(existsSync(join(folder, `pypackage-run-${dead}-linked`))).toBe(true);
  });
});
