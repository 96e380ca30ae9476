/** Files that exist in memory only, offered to the engine as a directory. */
import { createHash } from 'node:crypto';
import type { FileStat } from './packets.js';

/** Go's os.ModeDir. */
const DIRECTORY = 0x8000_0000;
/** 2020-02-02, for directories: their time takes no part in what a build sees. */
const DIRECTORY_TIME = 1_580_601_600_000_000_000n;

export class MemoryTree {
  private readonly contents: ReadonlyMap<string, Buffer>;

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    this.contents = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  }

  /** In the protocol's order: parents first, siblings by the bytes of their names. */
  list(): readonly FileStat[] {
    const stats = new Map<string, FileStat>();
    for (const [path, content] of this.contents) {
      for (const dir of parents(path)) stats.set(dir, { path: dir, mode: DIRECTORY + 0o755, size: 0, modTime: DIRECTORY_TIME });
      stats.set(path, { path, mode: 0o644, size: content.length, modTime: contentTime(content) });
    }
    return [...stats.values()].sort((a, b) => Buffer.compare(sortKey(a.path), sortKey(b.path)));
  }

  /** undefined for directories. */
  read(path: string): Buffer | undefined {
    return this.contents.get(path);
  }
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** `/` below every other byte, so that what a directory holds follows it directly. */
function sortKey(path: string): Buffer {
  return Buffer.from(path.replaceAll('/', '\0'), 'utf8');
}

/**
 * A time made of the content: with a constant one the engine would take an edit that keeps the size for no edit, with
 * the present time it would fetch the file on every build.
 */
function contentTime(content: Buffer): bigint {
  return 1_000_000_000_000_000_000n + BigInt(createHash('sha256').update(content).digest().readUIntBE(0, 6));
}
