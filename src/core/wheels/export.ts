/**
 * The export of a wheelhouse into the project: `target/pypackage/TARGET/` with its pylock.toml. Files are named by their
 * content and come first, the lock is renamed into place last, and that rename is the commit: whoever reads trusts only what
 * the lock names, so an export that ends half-way leaves the one before it valid. (A full folder cannot be renamed onto another.)
 */
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.js';
import { hashFile, readChunks } from '../project/chunks.js';
import { isInside } from '../project/links.js';
import { readLock, writeLock, type LockedWheel, type WheelhouseLock } from './lock.js';

export const LOCK_FILE = 'pylock.toml';
/** Holds what is still being written, and nothing else: whatever lies in it is left of a run that died. */
const INCOMING = '.incoming';
/** In it: what the lock before or the one to come names. Of these, what no lock names in the end goes, however the export ends. */
const JOURNAL = 'journal';
const JOURNAL_LINE = /^[0-9a-f]{12}\/[^/\\]+\.whl$/;

export interface ExportedWheel {
  readonly locked: LockedWheel;
  /** A file's path, the bytes, or a stream that is opened when its turn comes. */
  readonly content: string | Uint8Array | (() => Readable);
}

/** Where the export puts a wheel, relative to its folder: two builds of one version do not overwrite each other. */
export function exportPath(wheel: Pick<LockedWheel, 'sha256' | 'file'>): string {
  return `${wheel.sha256.slice(0, 12)}/${wheel.file}`;
}

/**
 * @param folder `PROJECT/target/pypackage/TARGET`; nobody else may export there at the same time
 * @param lock its paths are replaced by those of the export
 * @param wheels contents of the lock's wheels; what is there already need not be given
 * @returns the lock as it was written
 * @throws UserError `export-failed` (no permission, no space, a link that leads out), `wheel-invalid` when a content is not the locked one
 */
export async function exportWheelhouse(folder: string, lock: WheelhouseLock, wheels: readonly ExportedWheel[]): Promise<WheelhouseLock> {
  const written: WheelhouseLock = { ...lock, wheels: lock.wheels.map((wheel) => ({ ...wheel, path: exportPath(wheel) })) };
  const contents = new Map(wheels.map((wheel) => [wheel.locked.sha256, wheel]));
  try {
    await checkPlace(folder);
    await mkdir(folder, { recursive: true });
    await ignoreInGit(path.dirname(folder));
    const before = await readExportedLock(folder);
    const incoming = path.join(folder, INCOMING);
    const paths = await beginJournal(incoming, [...(before?.wheels ?? []), ...written.wheels]);
    try {
      for (const wheel of written.wheels) await place(folder, incoming, wheel, contents.get(wheel.sha256));
      const text = path.join(incoming, LOCK_FILE);
      await writeFile(text, writeLock(written));
      await rename(text, path.join(folder, LOCK_FILE));
    } catch (error) {
      await removeStale(folder, paths, before).catch(() => undefined);
      await rm(incoming, { recursive: true, force: true });
      throw error;
    }
    await removeStale(folder, paths, written);
    await rm(incoming, { recursive: true, force: true });
    return written;
  } catch (error) {
    throw isFileSystemError(error) ? failed(folder, error) : error;
  }
}

/**
 * The lock of an export whose files are all there with their sizes; undefined when it is missing, damaged or incomplete. The
 * hashes are in the lock for whoever installs from it: reading every byte here would cost more than it tells.
 */
export async function readExport(folder: string): Promise<WheelhouseLock | undefined> {
  const lock = await readExportedLock(folder);
  if (!lock) return undefined;
  const complete = await Promise.all(lock.wheels.map((wheel) => hasSize(path.join(folder, wheel.path), wheel.size)));
  return complete.every(Boolean) ? lock : undefined;
}

/** Whether an export was begun and never came to its end, or is about to. */
export async function isExportUnfinished(folder: string): Promise<boolean> {
  return stat(path.join(folder, INCOMING)).then(
    () => true,
    () => false,
  );
}

/** Empties the folder of what is incoming. What one that died had noted is noted again: its files are still to be looked after. */
async function beginJournal(incoming: string, wheels: readonly LockedWheel[]): Promise<ReadonlySet<string>> {
  const journal = path.join(incoming, JOURNAL);
  const noted = await readFile(journal, 'utf8').catch(() => '');
  const paths = new Set([...noted.split('\n').filter((line) => JOURNAL_LINE.test(line)), ...wheels.map((wheel) => wheel.path)]);
  await mkdir(incoming, { recursive: true });
  for (const name of await readdir(incoming)) if (name !== JOURNAL) await rm(path.join(incoming, name), { recursive: true, force: true });
  await writeFile(`${journal}.new`, [...paths].join('\n'));
  await rename(`${journal}.new`, journal);
  return paths;
}

/** Its files may be missing; undefined where it is itself missing or damaged. */
export async function readExportedLock(folder: string): Promise<WheelhouseLock | undefined> {
  try {
    return readLock(await readFile(path.join(folder, LOCK_FILE), 'utf8'), LOCK_FILE);
  } catch (error) {
    if (error instanceof UserError || isFileSystemError(error)) return undefined;
    throw error;
  }
}

async function hasSize(file: string, size: number): Promise<boolean> {
  try {
    const found = await stat(file);
    return found.isFile() && found.size === size;
  } catch {
    return false;
  }
}

/** `target`, `target/pypackage` or the folder itself may be links, but not out of the project: we write and delete there. */
async function checkPlace(folder: string): Promise<void> {
  const root = await realpath(path.resolve(folder, '..', '..', '..'));
  for (const part of [path.dirname(path.dirname(folder)), path.dirname(folder), folder]) {
    const real = await realpath(part).catch((error: unknown) => {
      if (isFileSystemError(error) && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (real === undefined || isInside(root, real)) continue;
    throw leadsOut(folder, part, real);
  }
}

async function isReallyIn(folder: string, file: string): Promise<boolean> {
  const real = await realpath(file).catch(() => undefined);
  return real !== undefined && isInside(await realpath(folder), real);
}

function leadsOut(folder: string, part: string, real: string): UserError {
  const name = path.relative(path.resolve(folder, '..', '..', '..'), part);
  return new UserError({
    kind: 'project',
    code: 'export-failed',
    message: `The wheels are not exported: ${name} leads out of the project`,
    where: { file: name },
    why: `It is a symbolic link to ${real}`,
    fix: 'Remove the link; the folder is made again',
  });
}

/** Also keeps the export out of the revision: a tree is not dirty for what we put there. */
async function ignoreInGit(folder: string): Promise<void> {
  const file = path.join(folder, '.gitignore');
  await writeFile(file, '*\n', { flag: 'wx' }).catch((error: unknown) => {
    if (!isFileSystemError(error) || error.code !== 'EEXIST') throw error;
  });
}

async function place(folder: string, incoming: string, wheel: LockedWheel, given: ExportedWheel | undefined): Promise<void> {
  const destination = path.join(folder, wheel.path);
  if ((await hasSize(destination, wheel.size)) && (await hashFile(destination)) === wheel.sha256) return;
  if (!given) throw new Error(`No content was given for ${wheel.file}, and the export does not have it yet`);
  const temporary = path.join(incoming, randomBytes(6).toString('hex'));
  const digest = createHash('sha256');
  let size = 0;
  await pipeline(
    contentOf(given.content),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        digest.update(chunk);
        size += chunk.byteLength;
        yield chunk;
      }
    },
    createWriteStream(temporary, { flags: 'wx' }),
  );
  if (size !== wheel.size || digest.digest('hex') !== wheel.sha256) {
    throw new UserError({
      kind: 'stage',
      code: 'wheel-invalid',
      message: `${wheel.file} is not the wheel that the lock names`,
      where: { file: wheel.file },
      why: 'Its size or its sha256 is another',
      fix: 'Build the wheels again',
    });
  }
  const parent = path.dirname(destination);
  await mkdir(parent, { recursive: true });
  if (!(await isReallyIn(folder, parent))) throw leadsOut(folder, parent, await realpath(parent));
  await rename(temporary, destination);
}

async function* contentOf(content: ExportedWheel['content']): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield* readChunks(content);
  else if (typeof content === 'function') yield* content();
  else yield content;
}

/** Only what a lock of ours named: anything else there is somebody's own. */
async function removeStale(folder: string, paths: ReadonlySet<string>, now: WheelhouseLock | undefined): Promise<void> {
  const named = new Set(now?.wheels.map((wheel) => wheel.path));
  for (const stale of paths) {
    if (named.has(stale)) continue;
    const parent = path.dirname(path.join(folder, stale));
    // The lock may have come with a repository, which does not get to name files elsewhere.
    if (!(await isReallyIn(folder, parent))) continue;
    await rm(path.join(folder, stale), { force: true });
    if (parent !== folder && (await readdir(parent).catch(() => ['?'])).length === 0) await rmdir(parent);
  }
}

function isFileSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

function failed(folder: string, error: NodeJS.ErrnoException & { readonly code: string }): UserError {
  const where = path.relative(path.resolve(folder, '..', '..', '..'), folder);
  return new UserError({
    kind: 'project',
    code: 'export-failed',
    message: `The wheels cannot be exported to ${where}`,
    where: { file: where },
    why: reasonOf(error),
    fix: 'Make the folder writable, or go on without: the wheels are kept on the engine',
    cause: error,
  });
}

function reasonOf(error: NodeJS.ErrnoException & { readonly code: string }): string {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return 'This user may not write there';
    case 'EROFS':
      return 'The file system is read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return `A file is in the way (${error.path ?? 'unknown'})`;
    default:
      return error.message;
  }
}
