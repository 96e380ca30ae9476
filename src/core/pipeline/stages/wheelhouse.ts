/** Wheels on their way: out of a job's container to a folder, from there into an image, and out of an image again. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-fs';
import type { PackOptions } from 'tar-fs';
import * as z from 'zod/mini';
import type { Engine, ImageSummary } from '../../engine/engine.js';
import type { Labels } from '../../engine/labels.js';
import { readTar } from '../../engine/tar.js';
import { MOUNT_ROOT } from '../../images/dockerfile.js';
import { WHEELHOUSE } from '../../images/tools.js';
import { installRequirements } from '../../wheels/install.js';
import type { LockedWheel } from '../../wheels/lock.js';
import { sha256 } from '../fingerprint.js';
import { jobLabels } from './context.js';
import type { StageContext } from './context.js';

/** Writes the files of a tar flat into `folder`, by their base names. What is no plain file is left out. */
export async function receiveFiles(tar: Readable, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await readTar(tar, async (entry, content) => {
    if (entry.type !== 'file') return;
    await pipeline(content, createWriteStream(join(folder, basename(entry.path))));
  });
}

export async function wheelFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.whl')).sort();
}

/** Hash of what is locked: the same wheels give the same, whenever and wherever they were resolved. */
export function lockDigest(wheels: readonly LockedWheel[]): string {
  return sha256(
    wheels
      .map((wheel) => `${wheel.sha256}  ${wheel.file}\n`)
      .sort()
      .join(''),
  );
}

const LOCKED = 'wheels.json';

/**
 * Makes the image of a wheelhouse: `/wheelhouse` with the wheels, what pip installs (by path and hash) and what is locked.
 * @param folder holds the wheels; gets the other files
 */
export async function importWheelhouse(
  engine: Engine,
  { folder, wheels, reference, labels, signal }: { folder: string; wheels: readonly LockedWheel[]; reference: string; labels: Labels; signal: AbortSignal },
): Promise<string> {
  await writeFile(join(folder, 'requirements.txt'), installRequirements(wheels, `${MOUNT_ROOT}/wheelhouse`));
  await writeFile(join(folder, LOCKED), JSON.stringify(wheels));
  // @types/tar-fs does not know `sort`.
  const options: PackOptions & { readonly sort: boolean } = {
    sort: true,
    map: (header) => ({
      ...header,
      name: posix.join(WHEELHOUSE.slice(1), header.name),
      mode: header.type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    }),
  };
  return engine.importImage(Readable.from(pack(folder, options), { objectMode: false }), reference, labels, signal);
}

const lockedWheels = z.array(
  z.object({
    name: z.string(),
    version: z.string(),
    file: z.string(),
    path: z.string(),
    size: z.number(),
    sha256: z.string(),
    origin: z.optional(z.object({ url: z.string(), sha256: z.string(), kind: z.enum(['wheel', 'sdist']) })),
    role: z.enum(['application', 'dependency']),
  }),
);

/** Brings a wheelhouse back from its image: the wheels land in `folder`, what is locked is returned. */
export async function readWheelhouse(context: StageContext, image: ImageSummary, folder: string): Promise<readonly LockedWheel[]> {
  await context.engine.readFromImage(image.id, WHEELHOUSE, (tar) => receiveFiles(tar, folder), jobLabels(context), context.signal);
  return readLocked(folder);
}

/** What is locked, from a folder that holds a wheelhouse. */
export async function readLocked(folder: string): Promise<readonly LockedWheel[]> {
  const wheels = lockedWheels.parse(JSON.parse(await readFile(join(folder, LOCKED), 'utf8')));
  return wheels.map(({ origin, ...wheel }) => ({ ...wheel, ...(origin && { origin }) }));
}
