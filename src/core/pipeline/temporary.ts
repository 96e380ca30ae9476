/**
 * A run's folder for temporary files. Its name says who made it, so that the next run can remove those of processes that were
 * killed; what is younger than days and whose maker cannot be judged from here stays.
 */
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lives, thisHolder } from '../holder.js';

const PREFIX = 'pypackage-run-';
const NAME = /^pypackage-run-(?:([0-9a-f]{16}-\d+-\d+)-)?\w{6}$/;
/** Of a maker that cannot be asked for: before the last start of the machine, in another container. */
const OLD_MS = 3 * 24 * 3_600_000;

export function makeTemporary(): Promise<string> {
  const holder = thisHolder();
  return mkdtemp(join(tmpdir(), `${PREFIX}${holder === undefined ? '' : `${holder}-`}`));
}

/** Removes the folders of runs that were killed, and returns their paths. Never rejects: nothing depends on it. */
export async function sweepTemporary(now: number = Date.now()): Promise<readonly string[]> {
  const names = await readdir(tmpdir()).catch(() => []);
  const swept = await Promise.all(names.map(async (name) => ((await isLeftOver(name, now)) ? removed(join(tmpdir(), name)) : undefined)));
  return swept.filter((path) => path !== undefined);
}

async function isLeftOver(name: string, now: number): Promise<boolean> {
  const found = NAME.exec(name);
  if (!found) return false;
  // Not what somebody else put there under such a name: the folder is often everybody's.
  const stats = await lstat(join(tmpdir(), name)).catch(() => undefined);
  if (!stats?.isDirectory() || (process.getuid && stats.uid !== process.getuid())) return false;
  // A clock that is set forwards by days, as at the first start without a network, makes nobody's folder a dead one's.
  return lives(found[1]) === undefined ? now - stats.mtimeMs > OLD_MS : lives(found[1]) === false;
}

async function removed(path: string): Promise<string | undefined> {
  try {
    await rm(path, { recursive: true, force: true });
    return path;
  } catch {
    return undefined;
  }
}
