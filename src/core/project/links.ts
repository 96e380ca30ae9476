/** Symbolic links in the sources: they stay links, and may not lead out. */
import { readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.js';
import { isVirtualEnvironment } from './exclusions.js';

/**
 * The target to write for a link, relative to its folder; undefined for a link to a virtual environment, which is no source.
 * @param root the real path of the sources' folder
 * @throws UserError `link-escapes`
 */
export function resolveLink(root: string, relative: string): string | undefined {
  const absolute = path.join(root, relative);
  const written = readlinkSync(absolute);
  const folder = path.dirname(absolute);
  const next = path.resolve(folder, written);
  const real = realPath(absolute);
  if (real !== undefined && isVirtualEnvironment(real)) return undefined;
  if (!isInside(root, real ?? next)) throw escapes(relative, written, real);
  // A target that is absolute, or leaves the folder and comes back by its name, means nothing where the sources are unpacked.
  if (path.isAbsolute(written) || leaves(path.dirname(relative), written)) return path.relative(folder, real ?? next).replaceAll(path.sep, '/') || '.';
  return written.replaceAll(path.sep, '/');
}

/** Whether the way of a relative target goes above the root, wherever it ends. */
function leaves(folder: string, target: string): boolean {
  let depth = folder === '.' ? 0 : folder.split('/').length;
  for (const part of target.split('/')) {
    if (part === '..') depth--;
    else if (part !== '.' && part !== '') depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** undefined for a link that leads nowhere, or in a circle: as a file, it can be sent as it is. */
function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}

function escapes(relative: string, written: string, real: string | undefined): UserError {
  const through = real !== undefined && real !== written ? `, which is ${real}` : '';
  return new UserError({
    kind: 'project',
    code: 'link-escapes',
    message: `The symbolic link ${relative} leads out of the project`,
    where: { file: relative },
    why: `It points to ${written}${through}; only the project's own folder is sent to the builder`,
    fix: 'Put the file itself there, or remove the link',
  });
}
