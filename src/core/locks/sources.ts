/**
 * Where pyproject.toml says that a name comes from: `tool.uv.sources`, Poetry's tables, PDM's paths. Such a name is never looked up
 * on an index, where anybody may have registered it.
 */
import path from 'node:path';
import { UserError, type Place } from '../errors.js';
import { nearestName, normalizeName } from '../project/names.js';
import type { Pyproject } from '../project/pyproject.js';
import { isTable, lineOf, typeName, type TomlTable } from '../project/toml.js';
import { readPoetryTables } from './poetry-table.js';
import { tableOf, textOf } from './reading.js';

export type Origin =
  /** A folder, a wheel or an archive: which of them, the file system says. Relative to the project's folder. */
  | { readonly kind: 'path'; readonly path: string }
  /** As a requirement names it: `git+https://…@rev#subdirectory=…`, or the URL of a file. */
  | { readonly kind: 'url'; readonly url: string }
  /** Name of an index. */
  | { readonly kind: 'index'; readonly index: string };

export interface Source {
  readonly origin: Origin;
  readonly marker: string | undefined;
  /** Only where this extra, or this group, asks for the name. */
  readonly extra: string | undefined;
  readonly group: string | undefined;
  readonly place: Place;
}

/** By normalised name. */
export type Sources = ReadonlyMap<string, readonly Source[]>;

export interface SourcesRequest {
  readonly pyproject: Pyproject;
  /** How messages name it, relative to the project's folder: `pyproject.toml`, `../pyproject.toml`. */
  readonly file: string;
  /** Folders of the workspace's members, relative to the project's; undefined outside a workspace. */
  readonly members: ReadonlyMap<string, string> | undefined;
  /** An unpacked source distribution: members that were not put into it are published, and an index has them. */
  readonly isDistributed?: boolean;
}

/** What every source distribution has at its root (PEP 643, core metadata). */
export const PKG_INFO = 'PKG-INFO';

/** @throws UserError `sources-invalid` with the line */
export function readSources(request: SourcesRequest): Sources {
  const ofUv = Object.entries(tableOf(tableOf(tableOf(request.pyproject.table, 'tool'), 'uv'), 'sources')).map(
    ([name, value]) => [normalizeName(name), uvSources(request, name, value)] as const,
  );
  const ofPoetry = poetrySources(request);
  const sources = new Map(ofUv);
  for (const [name, found] of ofPoetry) sources.set(name, [...(sources.get(name) ?? []), ...found]);
  return sources;
}

/** https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources */
function uvSources(request: SourcesRequest, name: string, value: unknown): readonly Source[] {
  const place = placeOf(request, ['tool', 'uv', 'sources', name]);
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return entries.flatMap((entry) => {
    if (!isTable(entry)) throw invalid(place, `The source of ${name} in ${request.file} must be a table, not ${typeName(entry)}`);
    if (request.isDistributed && entry['workspace'] === true && !request.members?.has(normalizeName(name))) return [];
    const extra = textOf(entry, 'extra');
    const group = textOf(entry, 'group');
    const source: Source = {
      origin: uvOrigin(request, name, entry, place),
      marker: textOf(entry, 'marker'),
      extra: extra === undefined ? undefined : normalizeName(extra),
      group: group === undefined ? undefined : normalizeName(group),
      place,
    };
    return [source];
  });
}

function uvOrigin(request: SourcesRequest, name: string, entry: TomlTable, place: Place): Origin {
  const local = textOf(entry, 'path');
  if (local !== undefined) return { kind: 'path', path: fromFile(request.file, local) };
  const git = textOf(entry, 'git');
  if (git !== undefined)
    return { kind: 'url', url: gitUrl(git, textOf(entry, 'rev') ?? textOf(entry, 'tag') ?? textOf(entry, 'branch'), textOf(entry, 'subdirectory')) };
  const url = textOf(entry, 'url');
  if (url !== undefined) return { kind: 'url', url: withSubdirectory(url, textOf(entry, 'subdirectory')) };
  const index = textOf(entry, 'index');
  if (index !== undefined) return { kind: 'index', index };
  if (entry['workspace'] !== true) throw invalid(place, `The source of ${name} in ${request.file} names none of workspace, path, git, url and index`);
  const { members } = request;
  const folder = members?.get(normalizeName(name));
  if (folder !== undefined) return { kind: 'path', path: folder };
  const nearest = nearestName(normalizeName(name), members?.keys() ?? []);
  throw invalid(
    place,
    `${request.file} takes ${name} from the workspace, and no member of it has that name`,
    members ? `Its members are ${[...members.keys()].join(', ')}` : 'There is no [tool.uv.workspace] here or above',
    nearest === undefined ? 'Add its folder to the members of [tool.uv.workspace]' : `Did you mean ${nearest}?`,
  );
}

/** https://python-poetry.org/docs/dependency-specification/#path-dependencies */
function poetrySources(request: SourcesRequest): Sources {
  const tables = readPoetryTables(request.pyproject, request.file);
  const sources = new Map<string, readonly Source[]>();
  const add =
    (group: string | undefined) => (dependency: { name: string; table: TomlTable; marker: string | undefined; index: string | undefined; place: Place }) => {
      const { name, table, marker, index, place } = dependency;
      const local = textOf(table, 'path') ?? textOf(table, 'file');
      const git = textOf(table, 'git');
      const url = textOf(table, 'url');
      const subdirectory = textOf(table, 'subdirectory');
      const reference = textOf(table, 'rev') ?? textOf(table, 'tag') ?? textOf(table, 'branch');
      const origin: Origin | undefined =
        local !== undefined
          ? { kind: 'path', path: fromFile(request.file, subdirectory === undefined ? local : path.posix.join(local, subdirectory)) }
          : git !== undefined
            ? { kind: 'url', url: gitUrl(git, reference, subdirectory) }
            : url !== undefined
              ? { kind: 'url', url: withSubdirectory(url, subdirectory) }
              : index !== undefined
                ? { kind: 'index', index }
                : undefined;
      if (origin) sources.set(name, [...(sources.get(name) ?? []), { origin, marker, extra: undefined, group, place }]);
    };
  tables?.dependencies.forEach(add(undefined));
  for (const [group, dependencies] of tables?.groups ?? []) dependencies.forEach(add(group));
  return sources;
}

/** `git@host:owner/repo.git` is `ssh://git@host/owner/repo.git`. */
export function gitUrl(url: string, reference: string | undefined, subdirectory: string | undefined): string {
  const bare = url.replace(/^git\+/, '');
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(bare) ? bare : bare.replace(/^([^/@:]+@)?([^/:]+):(?!\/\/)/, 'ssh://$1$2/');
  return withSubdirectory(`git+${full}${reference === undefined ? '' : `@${reference}`}`, subdirectory);
}

function withSubdirectory(url: string, subdirectory: string | undefined): string {
  return subdirectory === undefined ? url : `${url}${url.includes('#') ? '&' : '#'}subdirectory=${subdirectory}`;
}

/** Paths in a pyproject.toml are relative to it. */
function fromFile(file: string, location: string): string {
  if (path.posix.isAbsolute(location)) return location;
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), location)).replace(/(.)\/$/, '$1');
}

function placeOf({ pyproject, file }: SourcesRequest, key: readonly string[]): Place {
  const line = lineOf(pyproject.text, key);
  return { file, ...(line !== undefined && { line }) };
}

function invalid(place: Place, message: string, why?: string, fix?: string): UserError {
  return new UserError({
    kind: 'project',
    code: 'sources-invalid',
    message,
    where: place,
    ...(why !== undefined && { why }),
    ...(fix !== undefined && { fix }),
  });
}
