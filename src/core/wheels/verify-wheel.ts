/** A wheel of an export against the lock beside it, and its files against its RECORD: all of its bytes are read. */
import path from 'node:path';
import { UserError } from '../errors.js';
import { readExportedLock } from './export.js';
import { type RecordEntry, verifyRecord } from './metadata.js';
import { isUnrecorded } from './wheel-contents.js';
import type { WheelVerdict } from './wheel-documents.js';
import { hashWheel, readParts, withWheel } from './wheel.js';
import { hashEntryContent, ZipError, type RandomAccess, type ZipEntry } from './zip.js';

/** Problems of one wheel that are told. */
const MOST_FILES = 200;

/**
 * @param folder of the export, with its pylock.toml
 * @param file absolute
 * @throws UserError `wheels-not-exported`; rejects with the signal's reason
 */
export async function verifyWheel(folder: string, file: string, signal: AbortSignal): Promise<WheelVerdict> {
  const lock = await readExportedLock(folder);
  if (!lock) {
    throw new UserError({
      kind: 'project',
      code: 'wheels-not-exported',
      message: `There is no lock in ${folder} that wheels could be compared with`,
      fix: 'pypackage wheels',
    });
  }
  const locked = lock.wheels.find((wheel) => path.join(folder, wheel.path) === file);
  const sha256 = await hashIfThere(file, signal);
  if (sha256 === undefined) return { path: file, state: 'missing', files: [] };
  const state = locked === undefined ? 'unlisted' : locked.sha256 === sha256 ? 'as locked' : 'other';
  try {
    const files = await withWheel(file, async (fileName, access) => {
      const { record, entries } = await readParts(fileName, access);
      return compareContents(access, record, entries, signal);
    });
    return { path: file, state, sha256, files: files.slice(0, MOST_FILES) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path: file, state: state === 'as locked' ? 'damaged' : state, sha256, files: [], problem: error.message };
  }
}

async function hashIfThere(file: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await hashWheel(file, signal);
  } catch (error) {
    const { cause }: { cause?: unknown } = error instanceof UserError ? error : {};
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function compareContents(
  access: RandomAccess,
  record: readonly RecordEntry[],
  entries: readonly ZipEntry[],
  signal: AbortSignal,
): Promise<WheelVerdict['files']> {
  const hashes = new Map<string, string>();
  const damaged = new Set<string>();
  const files = entries.filter((entry) => !entry.path.endsWith('/'));
  for (const entry of files) {
    try {
      hashes.set(entry.path, await hashEntryContent(access, entry, signal));
    } catch (error) {
      if (!(error instanceof ZipError)) throw error;
      damaged.add(entry.path);
      hashes.set(entry.path, '');
    }
  }
  const recorded = new Set(record.map((entry) => entry.path));
  const problems = verifyRecord(record, hashes);
  const told = new Set(problems.map((problem) => problem.path));
  return [
    ...problems,
    // Without a hash in RECORD, as RECORD itself.
    ...[...damaged].filter((path) => !told.has(path)).map((path) => ({ path, kind: 'different' as const })),
    ...files.filter(({ path }) => !damaged.has(path) && isUnrecorded(path, recorded)).map(({ path }) => ({ path, kind: 'unrecorded' as const })),
  ];
}
