/** The files that a wheel is built from: listed and hashed. What `python -m build --wheel` on the same tree could see is in it. */
import { createHash, hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, type Dirent } from 'node:fs';
import path from 'node:path';
import { throwIfAborted, UserError } from '../errors.js';
import { hashFile } from './chunks.js';
import { isExcluded, isVirtualEnvironment } from './exclusions.js';
import { resolveLink } from './links.js';
import { isPrivateKey, MAYBE_SECRET, reasonNotShipped } from './not-shipped.js';
import { openStatCache, type StatCache } from './stat-cache.js';

export interface SourceFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
  /** sha256 of the content, or of the link's target. */
  readonly sha256: string;
  /** Of a link only: relative to the link's folder. */
  readonly target?: string;
}

export interface SourceTree {
  readonly root: string;
  /** Sorted by the bytes of their paths. */
  readonly files: readonly SourceFile[];
  /** sha256 over paths, kinds, executable bits and contents. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Of a site: secrets and data that stay out, sorted. */
  readonly leftOut: readonly string[];
}

export interface SourceOptions {
  /** Where stats and hashes are kept between calls. It only makes them faster: the result is the same without. */
  readonly cacheFile?: string;
  /** Paths that would be taken for output of a build, and are part of it. */
  readonly keep?: readonly string[];
  /** The tree itself is to ship: secrets and data stay out. Folders of uploads, relative. */
  readonly site?: { readonly uploads: readonly string[] };
  readonly signal?: AbortSignal;
}

/** Larger files are hashed in chunks, so that they are never wholly in memory. */
const STREAM_FROM = 1024 * 1024;
/** Synchronous calls are several times faster for many small files; after so many ms others get their turn. */
const SLICE_MS = 8;

/**
 * @throws UserError `link-escapes`, `source-unreadable`, `source-name-invalid`; CancelledError
 */
export async function readSources(root: string, options: SourceOptions = {}): Promise<SourceTree> {
  const { signal } = options;
  const cache = openStatCache(options.cacheFile, root);
  const files: SourceFile[] = [];
  const leftOut: string[] = [];
  const folders = [''];
  let slice = performance.now();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of list(root, folder)) {
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isExcluded(root, relative, entry.name, options.keep)) continue;
      const reason = options.site && reasonFor(root, relative, entry, options.site.uploads);
      if (reason !== undefined) {
        if (reason !== 'output') leftOut.push(relative);
        continue;
      }
      if (entry.isDirectory()) {
        if (!isVirtualEnvironment(path.join(root, relative))) folders.push(relative);
      } else if (entry.isSymbolicLink()) {
        const link = readLink(root, relative);
        if (link) files.push(link);
      } else if (entry.isFile()) {
        const file = await readFile(root, relative, cache, signal);
        if (file) files.push(file);
      }
      if (performance.now() - slice > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        throwIfAborted(signal);
        slice = performance.now();
      }
    }
  }
  throwIfAborted(signal);
  files.sort((a, b) => comparePaths(a.path, b.path));
  cache.save();
  return { root, files, digest: digestOf(files), size: files.reduce((sum, file) => sum + file.size, 0), leftOut: leftOut.sort(comparePaths) };
}

/** What a link names is in the tree as well, or leads out and is refused. */
function reasonFor(root: string, relative: string, entry: Dirent, uploads: readonly string[]): ReturnType<typeof reasonNotShipped> {
  const reason = reasonNotShipped(relative, entry.name, entry.isDirectory(), uploads);
  if (reason !== undefined || !entry.isFile() || !MAYBE_SECRET.test(entry.name)) return reason;
  try {
    return isPrivateKey(readFileSync(path.join(root, relative))) ? 'secret' : undefined;
  } catch {
    // said by what reads it next
    return undefined;
  }
}

function list(root: string, folder: string): readonly Dirent[] {
  try {
    return readdirSync(path.join(root, folder), { withFileTypes: true });
  } catch (cause) {
    // A folder that was removed while we looked is no source; the root always is one.
    if (isCode(cause, 'ENOENT') && folder !== '') return [];
    throw unreadable(root, folder === '' ? '.' : folder, cause);
  }
}

function readLink(root: string, relative: string): SourceFile | undefined {
  const target = resolveLink(root, relative);
  if (target === undefined) return undefined;
  return { path: relative, kind: 'link', executable: false, size: Buffer.byteLength(target), sha256: hash('sha256', target), target };
}

async function readFile(root: string, relative: string, cache: StatCache, signal: AbortSignal | undefined): Promise<SourceFile | undefined> {
  const absolute = path.join(root, relative);
  try {
    const stats = lstatSync(absolute, { bigint: true });
    const size = Number(stats.size);
    const known = cache.find(relative, stats);
    const sha256 = known ?? (size < STREAM_FROM ? hash('sha256', readFileSync(absolute)) : await hashFile(absolute, signal));
    if (known === undefined) cache.add(relative, stats, sha256);
    return { path: relative, kind: 'file', executable: (stats.mode & 0o100n) !== 0n, size, sha256 };
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throwIfAborted(signal);
    if (isCode(cause, 'ENOENT')) {
      // Names that are not UTF-8 come back as replacement characters, under which no file exists.
      if (relative.includes('\uFFFD')) throw invalidName(relative, cause);
      return undefined;
    }
    throw unreadable(root, relative, cause);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

export function unreadable(root: string, relative: string, cause: unknown): UserError {
  const denied = isCode(cause, 'EACCES') || isCode(cause, 'EPERM');
  return new UserError({
    kind: 'project',
    code: 'source-unreadable',
    message: `${relative} cannot be read, and a wheel might need it`,
    where: { file: relative },
    why: denied ? 'This user has no permission' : cause instanceof Error ? cause.message : String(cause),
    ...(denied && { fix: `Give yourself the right to read it: chmod u+rX "${path.join(root, relative)}". Or move it out of the project` }),
    cause,
  });
}

function invalidName(relative: string, cause: unknown): UserError {
  return new UserError({
    kind: 'project',
    code: 'source-name-invalid',
    message: `The name of ${relative} is not UTF-8`,
    where: { file: relative },
    fix: 'Rename it',
    cause,
  });
}

/** By the bytes of UTF-8. JavaScript compares UTF-16, which differs only above the surrogates. */
export function comparePaths(a: string, b: string): number {
  if (/[\uD800-\uFFFF]/.test(a) || /[\uD800-\uFFFF]/.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function digestOf(files: readonly SourceFile[]): string {
  const digest = createHash('sha256').update('pypackage sources 1\n');
  // No path holds a NUL, so the fields cannot run into each other.
  for (const file of files) digest.update(`${file.path}\0${file.kind}\0${file.executable ? 'x' : '-'}\0${file.sha256}\n`);
  return digest.digest('hex');
}

/** Hashes by path, as `changedFiles` wants them later. */
export function hashesOf(tree: SourceTree): ReadonlyMap<string, string> {
  return new Map(tree.files.map((file) => [file.path, file.sha256]));
}

/** Paths that were added, changed or removed since, sorted. */
export function changedFiles(before: ReadonlyMap<string, string>, tree: SourceTree): readonly string[] {
  const now = hashesOf(tree);
  const changed = tree.files.filter((file) => before.get(file.path) !== file.sha256).map((file) => file.path);
  const removed = [...before.keys()].filter((file) => !now.has(file));
  return [...changed, ...removed].sort(comparePaths);
}
