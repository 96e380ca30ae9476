/** Remembers hashes of files by what stat says of them, so that what did not change is not read again. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync, type BigIntStats } from 'node:fs';
import path from 'node:path';

export interface StatCache {
  /** The hash, when the file is certainly the one that was hashed. */
  find(file: string, stats: BigIntStats): string | undefined;
  add(file: string, stats: BigIntStats, sha256: string): void;
  /** Writes what was found and added, when that differs from what was read. Never throws: it only costs time to have none. */
  save(): void;
}

interface Entry {
  readonly key: string;
  readonly sha256: string;
}

const HEADER = 'pypackage stat cache 1';
/** File systems stamp with the clock of the last timer tick, up to 10 ms ago. */
const TICK_NS = 20_000_000n;
/** Some stamp whole seconds only, FAT every second one. */
const COARSE_NS = 2_000_000_000n;

export function openStatCache(file: string | undefined, root: string): StatCache {
  const started = BigInt(Date.now()) * 1_000_000n;
  const before = file === undefined ? undefined : load(file, root);
  const entries = new Map<string, Entry>();
  let changed = before === undefined;
  return {
    find(name, stats) {
      const entry = before?.entries.get(name);
      // Git's rule for racy timestamps: a file stamped when it was hashed, or later, may have been changed again under the same stamp.
      // https://git-scm.com/docs/racy-git
      if (!before || entry?.key !== keyOf(stats) || isRacy(stats, before.started)) return undefined;
      entries.set(name, entry);
      return entry.sha256;
    },
    add(name, stats, sha256) {
      changed = true;
      entries.set(name, { key: keyOf(stats), sha256 });
    },
    save() {
      if (file !== undefined && (changed || entries.size !== before?.entries.size)) store(file, root, started, entries);
    },
  };
}

function isRacy(stats: BigIntStats, started: bigint): boolean {
  const newest = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
  return newest >= started - (newest % 1_000_000_000n === 0n ? COARSE_NS : TICK_NS);
}

function keyOf(stats: BigIntStats): string {
  return `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino} ${stats.mode}`;
}

/** One line a file: hash, stat, path as JSON (a name may hold a line feed). The last line tells that nothing is missing. */
function store(file: string, root: string, started: bigint, entries: ReadonlyMap<string, Entry>): void {
  const lines = [HEADER, JSON.stringify(root), String(started)];
  for (const [name, entry] of entries) lines.push(`${entry.sha256} ${entry.key} ${JSON.stringify(name)}`);
  lines.push(`end ${entries.size}`);
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(temporary, lines.join('\n'), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    discard(temporary);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nothing can be written where the cache was to be, so nothing is left there either.
  }
}

/** undefined when it is missing, damaged or for another folder. */
function load(file: string, root: string): { readonly started: bigint; readonly entries: ReadonlyMap<string, Entry> } | undefined {
  const lines = readLines(file);
  const [header, folder, started, ...rest] = lines;
  if (header !== HEADER || folder !== JSON.stringify(root) || !/^\d+$/.test(started ?? '')) return undefined;
  if (rest.pop() !== `end ${rest.length}`) return undefined;
  const entries = new Map<string, Entry>();
  for (const line of rest) {
    const match = /^([0-9a-f]{64}) (\d+ -?\d+ -?\d+ \d+ \d+) (".*")$/.exec(line);
    const [, sha256, key, name] = match ?? [];
    if (sha256 === undefined || key === undefined || name === undefined) return undefined;
    entries.set(name.includes('\\') ? String(JSON.parse(name)) : name.slice(1, -1), { key, sha256 });
  }
  return { started: BigInt(started ?? 0), entries };
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
