/** Which folders of a workspace may be projects, by their names alone. Pure. */
import { dirname, relative, sep } from 'node:path';
import { NOT_PROJECTS } from '../core/project/not-projects.js';

/** As deep as the core looks (core/project/find-projects.ts). */
const MAX_DEPTH = 4;

export function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** @param path relative to the top of the workspace's folder */
export function mayBeProjectFolder(path: string): boolean {
  const parts = path.split(sep);
  return path !== '' && parts.length <= MAX_DEPTH && !parts.some((part) => NOT_PROJECTS.test(part));
}

/** The folders of these files that may be projects, sorted. */
export function foldersOf(top: string, files: readonly string[]): readonly string[] {
  return [...new Set(files.map((file) => dirname(file)))].filter((folder) => mayBeProjectFolder(relative(top, folder))).sort();
}

/** Without those that lie in another one: what is in a project belongs to it. */
export function outermost<T extends { readonly root: string }>(found: readonly T[]): readonly T[] {
  return found.filter(({ root }) => !found.some((other) => other.root !== root && isBelow(root, other.root)));
}

/** The folders from a root up to the top, without the top. */
export function foldersBetween(root: string, top: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = root; folder !== top && isBelow(folder, top); folder = dirname(folder)) folders.push(folder);
  return folders;
}
