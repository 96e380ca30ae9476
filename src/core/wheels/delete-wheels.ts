/** Removes wheels of a project's export, and nothing else: whoever asks may name any path. */
import { lstat, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import { isInside } from '../project/links.js';
import type { DeletedWheels } from './wheel-documents.js';

/**
 * All of them or, where one is not allowed, none. One that is gone already is passed over. The next run exports what its lock names again.
 * @param root of the project, real
 * @param folder of its export, `ROOT/target/pypackage/TARGET`
 * @param files absolute
 * @throws UserError `wheel-elsewhere`, `wheel-not-deleted`
 */
export async function deleteWheels(root: string, folder: string, files: readonly string[]): Promise<DeletedWheels> {
  const found: { readonly file: string; readonly size: number }[] = [];
  for (const file of files) {
    const size = await sizeIfOurs(root, folder, file);
    if (size !== undefined) found.push({ file, size });
  }
  for (const { file } of found) {
    await rm(file, { force: true }).catch((error: unknown) => {
      throw notDeleted(file, error);
    });
    const parent = path.dirname(file);
    // Holds one content; what somebody else has put beside it stays, and the folder with it.
    if (parent !== folder) await rmdir(parent).catch(() => undefined);
  }
  return { files: found.map(({ file }) => file), freed: found.reduce((sum, { size }) => sum + size, 0) };
}

/** undefined: there is nothing. A link is removed itself, and not what it points to. */
async function sizeIfOurs(root: string, folder: string, file: string): Promise<number | undefined> {
  if (!path.isAbsolute(file) || !isInside(folder, path.resolve(file)) || path.resolve(file) !== file || !file.endsWith('.whl')) throw elsewhere(file, folder);
  const [realRoot, realFolder, realParent] = await Promise.all([root, folder, path.dirname(file)].map((place) => realpath(place).catch(() => undefined)));
  if (realRoot === undefined || realFolder === undefined || realParent === undefined) return undefined;
  if (!isInside(realRoot, realFolder) || !isInside(realFolder, realParent)) throw elsewhere(file, folder);
  const found = await lstat(file).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isFile() && !found.isSymbolicLink()) throw elsewhere(file, folder);
  return found.size;
}

function elsewhere(file: string, folder: string): UserError {
  return new UserError({
    kind: 'project',
    code: 'wheel-elsewhere',
    message: `${file} is not deleted: it is no wheel of this project's export`,
    why: `Only wheels in ${folder} are deleted`,
  });
}

function notDeleted(file: string, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : undefined;
  return new UserError({
    kind: 'project',
    code: 'wheel-not-deleted',
    message: `${path.basename(file)} cannot be deleted`,
    ...(why !== undefined && { why }),
    cause,
  });
}
