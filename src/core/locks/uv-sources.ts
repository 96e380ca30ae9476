/**
 * Where a project's own settings say that a requirement comes from: a folder, a repository, an address. Such a name is never looked up on an
 * index, where anybody may have taken it. https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources,
 * https://python-poetry.org/docs/dependency-specification/
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.js';
import type { Place } from '../errors.js';
import { isValidName, normalizeName } from '../project/names.js';
import { PYPROJECT } from '../project/pyproject.js';
import { decodeUtf8, isStringList, isTable, lineOf, parseToml } from '../project/toml.js';
import type { TomlTable } from '../project/toml.js';
import type { LockedFolder } from './locked.js';

export interface NamedSources {
  /** Each once, sorted by name: of the project and of the folders themselves. */
  readonly folders: readonly LockedFolder[];
  /** Direct references beside the folders, by normalised name: what PEP 508 writes behind the `@`, and a marker perhaps. */
  readonly direct: ReadonlyMap<string, { readonly reference: string; readonly marker: string | undefined }>;
}

interface Settings {
  /** Absolute. */
  readonly folder: string;
  /** As errors name it. */
  readonly file: string;
  readonly text: string;
  readonly table: TomlTable;
}

/** A workspace of uv: members by normalised name, absolute. */
type Workspace = ReadonlyMap<string, string>;

/** @throws UserError `source-missing`, `source-not-a-project`, `source-unknown-member` with file and line */
export async function readNamedSources(root: string): Promise<NamedSources> {
  const folders = new Map<string, LockedFolder>();
  const direct = new Map<string, { readonly reference: string; readonly marker: string | undefined }>();
  const own = await readSettings(root, root);
  const pending = own ? [own] : [];
  const seen = new Set<string>([root]);
  for (let settings = pending.shift(); settings; settings = pending.shift()) {
    for (const { name, place, source } of await sourcesOf(settings, root)) {
      if (source.kind === 'direct') {
        // What the project itself says wins over what its folders say.
        if (!direct.has(name) && !folders.has(name)) direct.set(name, source);
        continue;
      }
      if (folders.has(name) || source.folder === root) continue;
      await checkProject(source.folder, place, name);
      folders.set(name, { kind: 'directory', name, version: undefined, place, path: shown(root, source.folder) });
      if (seen.has(source.folder)) continue;
      seen.add(source.folder);
      const further = await readSettings(source.folder, root);
      if (further) pending.push(further);
    }
  }
  for (const name of folders.keys()) direct.delete(name);
  return { folders: [...folders.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), direct };
}

interface Source {
  readonly name: string;
  readonly place: Place;
  readonly source:
    | { readonly kind: 'folder'; readonly folder: string }
    | { readonly kind: 'direct'; readonly reference: string; readonly marker: string | undefined };
}

async function sourcesOf(settings: Settings, root: string): Promise<readonly Source[]> {
  const found: Source[] = [];
  const tool = tableIn(settings.table, 'tool');
  const workspace = await findWorkspace(settings.folder);
  // A member may use what the root of its workspace says; its own word wins.
  const rootSettings = workspace && workspace.root !== settings.folder ? await readSettings(workspace.root, root) : undefined;
  for (const each of [settings, ...(rootSettings ? [rootSettings] : [])]) {
    for (const [name, value] of Object.entries(tableIn(tableIn(tableIn(each.table, 'tool'), 'uv'), 'sources'))) {
      const place = placeOf(each, ['tool', 'uv', 'sources', name]);
      for (const entry of Array.isArray(value) ? value.filter(isTable) : isTable(value) ? [value] : []) {
        const source = entry['workspace'] === true ? memberNamed(name, place, workspace?.members) : sourceIn(entry, each.folder);
        if (source) found.push({ name: normalizeName(name), place, source });
      }
    }
  }
  const poetry = tableIn(tool, 'poetry');
  for (const [name, value] of Object.entries(tableIn(poetry, 'dependencies'))) {
    const source = isTable(value) ? sourceIn(value, settings.folder) : undefined;
    if (source) found.push({ name: normalizeName(name), place: placeOf(settings, ['tool', 'poetry', 'dependencies', name]), source });
  }
  return found;
}

/** uv's and Poetry's tables have the same words for it; undefined for what says something else, such as an index. */
function sourceIn(entry: TomlTable, folder: string): Source['source'] | undefined {
  const text = (key: string): string | undefined => (typeof entry[key] === 'string' ? entry[key] : undefined);
  const within = text('subdirectory');
  const end = within === undefined ? '' : `#subdirectory=${within}`;
  const marker = text('marker') ?? text('markers');
  const [local, git, url] = [text('path'), text('git'), text('url')];
  if (local !== undefined && !/\.(?:whl|tar\.gz|zip)$/.test(local)) return { kind: 'folder', folder: path.resolve(folder, local) };
  if (git !== undefined) {
    const at = text('rev') ?? text('tag') ?? text('branch');
    return { kind: 'direct', reference: `git+${gitUrl(git)}${at === undefined ? '' : `@${at}`}${end}`, marker };
  }
  return url === undefined ? undefined : { kind: 'direct', reference: `${url}${end}`, marker };
}

/** `git@example.com:team/library.git` is ssh in another spelling, which a direct reference cannot have. */
function gitUrl(url: string): string {
  const short = /^(?<user>[\w.-]+@[\w.-]+):(?<path>[^/].*)$/.exec(url)?.groups;
  return short ? `ssh://${short['user'] ?? ''}/${short['path'] ?? ''}` : url;
}

function memberNamed(name: string, place: Place, members: Workspace | undefined): Source['source'] {
  const folder = members?.get(normalizeName(name));
  if (folder !== undefined) return { kind: 'folder', folder };
  throw new UserError({
    kind: 'project',
    code: 'source-unknown-member',
    message: `${name} is said to be in the workspace, and no member has that name`,
    where: place,
    why: members ? `The members are ${[...members.keys()].sort().join(', ') || 'none'}` : 'No pyproject.toml above has a [tool.uv.workspace]',
    fix: 'Correct the name, or add its folder to the members of [tool.uv.workspace]',
  });
}

/** The workspace that the folder is the root or a member of: the nearest above that names it. */
async function findWorkspace(folder: string): Promise<{ readonly root: string; readonly members: Workspace } | undefined> {
  for (let at = folder; ; at = path.dirname(at)) {
    const settings = await readSettings(at, at).catch(() => undefined);
    const workspace = settings && tableIn(tableIn(tableIn(settings.table, 'tool'), 'uv'), 'workspace');
    if (settings && workspace && Object.keys(workspace).length > 0) {
      const members = await membersOf(settings, workspace);
      return at === folder || [...members.values()].includes(folder) ? { root: at, members } : undefined;
    }
    if (path.dirname(at) === at) return undefined;
  }
}

async function membersOf({ folder, table }: Settings, workspace: TomlTable): Promise<Workspace> {
  const patterns = (key: string): readonly string[] => (isStringList(workspace[key]) ? workspace[key] : []);
  const excluded = new Set((await Promise.all(patterns('exclude').map((pattern) => expand(folder, pattern)))).flat());
  const folders = [folder, ...(await Promise.all(patterns('members').map((pattern) => expand(folder, pattern)))).flat()];
  const members = new Map<string, string>();
  for (const member of new Set(folders)) {
    if (excluded.has(member)) continue;
    const settings = member === folder ? { table } : await readSettings(member, member).catch(() => undefined);
    const name = settings && (tableIn(settings.table, 'project')['name'] ?? tableIn(tableIn(settings.table, 'tool'), 'poetry')['name']);
    if (typeof name === 'string' && isValidName(name)) members.set(normalizeName(name), member);
  }
  return members;
}

/** Folders that a pattern of members means: `packages/*`, `libs/**`. */
async function expand(root: string, pattern: string): Promise<readonly string[]> {
  let folders: readonly string[] = [root];
  for (const part of pattern.split('/').filter((part) => part !== '' && part !== '.')) {
    if (part === '..') folders = folders.map((folder) => path.dirname(folder));
    else if (!/[*?[{]/.test(part)) folders = folders.map((folder) => path.join(folder, part));
    else folders = (await Promise.all(folders.map((folder) => below(folder, part)))).flat();
  }
  return folders;
}

async function below(folder: string, part: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules').map(({ name }) => name);
  if (part === '**') {
    const deeper = await Promise.all(names.map((name) => below(path.join(folder, name), part)));
    return [folder, ...deeper.flat()];
  }
  const shape = new RegExp(
    `^${part
      .replaceAll(/[.+^$()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
      .replaceAll('{', '(?:')
      .replaceAll('}', ')')
      .replaceAll(',', '|')}$`,
  );
  return names.filter((name) => shape.test(name)).map((name) => path.join(folder, name));
}

async function checkProject(folder: string, where: Place, name: string): Promise<void> {
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const names = new Set(isFolder ? await readdir(folder) : []);
  if ([PYPROJECT, 'setup.py', 'setup.cfg'].some((file) => names.has(file))) return;
  throw new UserError({
    kind: 'project',
    code: isFolder ? 'source-not-a-project' : 'source-missing',
    message: isFolder ? `The folder of ${name} is no Python project` : `The folder of ${name} is not there`,
    where,
    why: isFolder ? `${folder} has neither a ${PYPROJECT} nor a setup.py` : `${folder} is named as its source`,
    fix: 'Correct the path',
  });
}

async function readSettings(folder: string, root: string): Promise<Settings | undefined> {
  const content = await readFile(path.join(folder, PYPROJECT)).catch(() => undefined);
  if (!content) return undefined;
  const file = shown(root, path.join(folder, PYPROJECT));
  const source = { file, code: 'pyproject-invalid' };
  const text = decodeUtf8(content, source);
  return { folder, file, text, table: parseToml(text, source) };
}

function tableIn(table: TomlTable, key: string): TomlTable {
  const value = table[key];
  return isTable(value) ? value : {};
}

function placeOf({ text, file }: Settings, keys: readonly string[]): Place {
  const line = lineOf(text, keys);
  return { file, ...(line !== undefined && { line }) };
}

function shown(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/') || '.';
}
