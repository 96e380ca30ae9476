/**
 * Where the records of runs lie, and whether the process that wrote one lives. Without the schema of a record: activation of
 * the editor looks whether there is any, and must not load one for it.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { uptime } from 'node:os';
import { basename, join } from 'node:path';
import { lives, thisHolder } from '../holder.js';
import { stateFolder } from '../paths.js';

/** A process on this machine, as a record names it. */
export interface RecordHolder {
  /** See holder.ts; undefined where a process cannot be told from a later one with its number. */
  readonly holder?: string;
  readonly pid: number;
  /** When it wrote last. Milliseconds since 1970. */
  readonly writtenAt: number;
}

export function recordsFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(stateFolder(env), 'runs');
}

/** What the names of all records of a project begin with. @param root where it really is */
export function recordPrefix(root: string): string {
  return `${basename(root).replaceAll(/[^\w.-]+/g, '-')}-${createHash('sha256').update(root).digest('hex').slice(0, 16)}-`;
}

/** @param target empty where a run failed before it was known */
export function recordFile(folder: string, root: string, target: string): string {
  return join(folder, `${recordPrefix(root)}${target.replaceAll(/[^\w.-]+/g, '-')}.json`);
}

/** Paths of the records of a project, one for each target. */
export async function recordFilesOf(folder: string, root: string): Promise<readonly string[]> {
  const prefix = recordPrefix(root);
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(prefix) && name.endsWith('.json')).map((name) => join(folder, name));
}

/** undefined where it cannot be told, as of a process in another container that shares the folder. */
export function holderLives({ holder, pid, writtenAt }: RecordHolder, now: number = Date.now()): boolean | undefined {
  const known = lives(holder);
  if (known !== undefined) return known;
  if (writtenAt < now - uptime() * 1000) return false; // nothing outlives a start of the machine
  if (holder !== undefined) return undefined;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Whether this very process wrote it, in whichever of its threads. */
export function isOfThisProcess({ holder, pid }: RecordHolder): boolean {
  return pid === process.pid && holder === thisHolder();
}
