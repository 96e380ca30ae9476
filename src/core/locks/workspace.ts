/** uv workspaces: https://docs.astral.sh/uv/concepts/projects/workspaces/ */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { normalizeName } from '../project/names.js';
import { PYPROJECT, type Pyproject } from '../project/pyproject.js';
import { isTable, parseToml } from '../project/toml.js';
import { readFolderMetadata, readIfThere } from './folder-metadata.js';
import { tableOf, textsOf } from './reading.js';

export interface Workspace {
  /** Absolute. */
  readonly root: string;
  readonly pyproject: Pyproject;
  /** From the root to the project; `''` where it is the root. */
  readonly member: string;
  readonly members: readonly string[];
  readonly exclude: readonly string[];
}

/** How deep `**` of a member's pattern looks. */
const DEEPEST = 5;

/**
 * The workspace that the project belongs to: its own folder's, or of the nearest folder above that has one and counts it as a
 * member. Not looked for beyond the repository.
 * @param project absolute
 */
export async function findWorkspace(project: string): Promise<Workspace | undefined> {
  for (let folder = project; ; folder = path.dirname(folder)) {
    const text = await readIfThere(path.join(folder, PYPROJECT));
    const pyproject =
      text === undefined
        ? undefined
        : { text, table: parseToml(text, { file: path.relative(project, path.join(folder, PYPROJECT)), code: 'pyproject-invalid' }) };
    const section = pyproject && tableOf(tableOf(pyproject.table, 'tool'), 'uv')['workspace'];
    if (pyproject && isTable(section)) {
      const member = path.relative(folder, project).split(path.sep).join('/');
      const members = textsOf(section, 'members');
      const exclude = textsOf(section, 'exclude');
      const isMember = member === '' || (members.some((pattern) => matchesGlob(member, pattern)) && !exclude.some((pattern) => matchesGlob(member, pattern)));
      return isMember ? { root: folder, pyproject, member, members, exclude } : undefined;
    }
    if (folder === path.dirname(folder) || (await isThere(path.join(folder, '.git')))) return undefined;
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Folders of the members by normalised name, relative to the workspace's root; the root's own project is `''`. */
export async function workspaceMembers({ root, members, exclude }: Workspace): Promise<ReadonlyMap<string, string>> {
  const folders = new Set(['']);
  for (const pattern of members) for (const folder of await expand(root, '', pattern.replace(/^\.\//, '').replace(/\/+$/, '').split('/'))) folders.add(folder);
  const found = new Map<string, string>();
  for (const folder of [...folders].sort()) {
    if (folder !== '' && exclude.some((pattern) => matchesGlob(folder, pattern))) continue;
    const { metadata } = await readFolderMetadata(path.join(root, folder));
    if (metadata) found.set(normalizeName(metadata.name), folder);
  }
  return found;
}

async function expand(root: string, folder: string, pattern: readonly string[], depth = 0): Promise<readonly string[]> {
  const [segment, ...rest] = pattern;
  if (segment === undefined) return (await isThere(path.join(root, folder, PYPROJECT))) ? [folder] : [];
  if (!/[*?[]/.test(segment)) return expand(root, path.posix.join(folder, segment), rest, depth);
  const entries = await readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules').map(({ name }) => name);
  if (segment !== '**') {
    const found = await Promise.all(names.filter((name) => matchesGlob(name, segment)).map((name) => expand(root, path.posix.join(folder, name), rest, depth)));
    return found.flat();
  }
  const deeper = depth < DEEPEST ? await Promise.all(names.map((name) => expand(root, path.posix.join(folder, name), pattern, depth + 1))) : [];
  return [...(await expand(root, folder, rest, depth)), ...deeper.flat()];
}

/** `*` and `?` stay within a name, `**` does not. */
export function matchesGlob(name: string, pattern: string): boolean {
  const expression = pattern
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .replace(/\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|[^*?[]+|\[/g, (part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      if (part.length > 1 && part.startsWith('[')) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
      return part.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
    });
  return new RegExp(`^${expression}$`).test(name);
}
