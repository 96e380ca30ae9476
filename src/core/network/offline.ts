/** Distributions that lie on this machine already: where dependencies come from in a run without a network. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../errors.js';
import { readChunks } from '../project/chunks.js';
import { endOfTar, tarHeader, tarPadding } from '../project/tar.js';
import { readExport } from '../wheels/export.js';

/** Where a job finds them. */
export const OFFLINE_FOLDER = '/run/pypackage/offline';

export interface LocalDistribution {
  /** `six-1.17.0-py2.py3-none-any.whl` */
  readonly file: string;
  /** On this machine, absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** As a lock beside it says; undefined where none does. */
  readonly sha256: string | undefined;
}

/**
 * The dependencies' files in these folders, by name; the first folder's counts where two have one of the same name.
 * @param folders wheelhouses with a lock of ours, whose own application is left out, and folders as pip's `find-links` names them
 * @throws UserError `offline-folder-missing` when none of them is there
 */
export async function offlineWheels(folders: readonly string[]): Promise<readonly LocalDistribution[]> {
  const found = new Map<string, LocalDistribution>();
  const listed = await Promise.all(folders.map((folder) => distributionsIn(folder)));
  if (listed.every((files) => files === undefined)) throw nothingThere(folders);
  for (const file of listed.flatMap((files) => files ?? [])) if (!found.has(file.file)) found.set(file.file, file);
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

async function distributionsIn(folder: string): Promise<readonly LocalDistribution[] | undefined> {
  const lock = await readExport(folder);
  const named = lock
    ? lock.wheels.filter(({ role }) => role === 'dependency').map((wheel) => ({ file: wheel.file, path: path.join(folder, wheel.path), sha256: wheel.sha256 }))
    : (await readdir(folder).catch(() => undefined))
        ?.filter((file) => /\.(whl|tar\.gz|zip)$/.test(file))
        .map((file) => ({ file, path: path.join(folder, file), sha256: undefined }));
  if (!named) return undefined;
  const sized = await Promise.all(named.map(async (one) => ({ ...one, size: (await stat(one.path).catch(() => undefined))?.size })));
  return sized.flatMap(({ size, ...one }) => (size === undefined ? [] : [{ ...one, size }]));
}

function nothingThere(folders: readonly string[]): UserError {
  return new UserError({
    kind: 'project',
    code: 'offline-folder-missing',
    message: 'There is no folder with wheels to package without a network',
    why: folders.length === 0 ? 'No folder is named' : `None of these is there: ${folders.join(', ')}`,
    fix: 'Package once with a network, which leaves target/pypackage/TARGET, or name a folder with PIP_FIND_LINKS',
  });
}

/** A tar with all of them in `OFFLINE_FOLDER`. Errors with UserError `wheelhouse-changed` when one is not what its lock names. */
export function packOffline(files: readonly LocalDistribution[]): Readable {
  return Readable.from(entries(files), { objectMode: false });
}

async function* entries(files: readonly LocalDistribution[]): AsyncGenerator<Uint8Array> {
  const folder = OFFLINE_FOLDER.slice(1);
  yield tarHeader({ name: `${folder}/`, type: 'folder', mode: 0o755, size: 0 });
  for (const file of files) {
    yield tarHeader({ name: `${folder}/${file.file}`, type: 'file', mode: 0o644, size: file.size });
    const digest = createHash('sha256');
    let size = 0;
    for await (const chunk of readChunks(file.path, { limit: file.size })) {
      digest.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    if (size !== file.size || (file.sha256 !== undefined && digest.digest('hex') !== file.sha256)) throw changed(file);
    yield tarPadding(file.size);
  }
  yield endOfTar();
}

function changed({ path: file }: LocalDistribution): UserError {
  return new UserError({
    kind: 'project',
    code: 'wheelhouse-changed',
    message: `${file} is not the wheel that the lock beside it names`,
    where: { file },
    fix: 'Package once with a network, which exports it again',
  });
}
