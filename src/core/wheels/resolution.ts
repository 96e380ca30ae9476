/** What `pip lock` wrote: which artefact of each package to take. */
import path from 'node:path';
import { normalizeName } from '../project/names.js';
import { isTable, type TomlTable } from '../project/toml.js';
import { LockReader, type LockedWheel, type LockPackage } from './lock.js';

interface PackageHead {
  /** PEP 503. */
  readonly name: string;
  /** undefined where only building tells: archives, folders and repositories named by URL. */
  readonly version: string | undefined;
  /** PEP 508 marker under which it is needed. */
  readonly marker: string | undefined;
}

/** From an index, or an archive that a requirement names by URL. */
export interface HashedPackage extends PackageHead {
  readonly kind: 'wheel' | 'sdist' | 'archive';
  /** A URL, or a path as the lock writes it. */
  readonly url: string;
  readonly file: string;
  readonly sha256: string;
  /** Bytes, when the lock tells. */
  readonly size: number | undefined;
  readonly subdirectory: string | undefined;
}

export interface RepositoryPackage extends PackageHead {
  readonly kind: 'vcs';
  /** `git` */
  readonly system: string;
  readonly url: string;
  readonly commit: string;
  readonly subdirectory: string | undefined;
}

export interface FolderPackage extends PackageHead {
  readonly kind: 'directory';
  readonly path: string;
  readonly editable: boolean;
}

export type ResolvedPackage = HashedPackage | RepositoryPackage | FolderPackage;

/** @throws UserError `lock-invalid` with the line */
export function readResolution(text: string, file: string): readonly ResolvedPackage[] {
  const reader = new LockReader(text, file);
  return reader.packages().map((item) => readPackage(reader, item));
}

function readPackage(reader: LockReader, item: LockPackage): ResolvedPackage {
  const { table } = item;
  const head: PackageHead = { name: normalizeName(item.name), version: optional(table, 'version'), marker: optional(table, 'marker') };
  const wheels = reader.tables(item, 'wheels');
  const { sdist, archive, vcs, directory } = table;
  const [wheel] = wheels;
  // A lock for many platforms names many wheels: which one fits is for pip to say.
  if (wheels.length > 1) throw reader.error(item.line, `${item.name} has ${wheels.length} wheels, where one was to be chosen`);
  if (wheel) return hashed(reader, item, head, 'wheel', wheel);
  if (isTable(sdist)) return hashed(reader, item, head, 'sdist', sdist);
  if (isTable(archive)) return hashed(reader, item, head, 'archive', archive);
  if (isTable(vcs)) {
    return {
      ...head,
      kind: 'vcs',
      system: reader.stringIn(item, vcs, 'type'),
      url: optional(vcs, 'url') ?? reader.stringIn(item, vcs, 'path'),
      commit: reader.stringIn(item, vcs, 'commit-id'),
      subdirectory: optional(vcs, 'subdirectory'),
    };
  }
  if (isTable(directory)) return { ...head, kind: 'directory', path: reader.stringIn(item, directory, 'path'), editable: directory['editable'] === true };
  throw reader.error(item.line, `${item.name} has no artefact`);
}

function hashed(reader: LockReader, item: LockPackage, head: PackageHead, kind: HashedPackage['kind'], artifact: TomlTable): HashedPackage {
  const url = optional(artifact, 'url') ?? reader.stringIn(item, artifact, 'path');
  const size = artifact['size'];
  return {
    ...head,
    kind,
    url,
    file: optional(artifact, 'name') ?? fileNameOf(url),
    sha256: reader.sha256(item, artifact),
    size: typeof size === 'number' ? size : undefined,
    subdirectory: optional(artifact, 'subdirectory'),
  };
}

function optional(table: TomlTable, key: string): string | undefined {
  const value = table[key];
  return typeof value === 'string' ? value : undefined;
}

function fileNameOf(url: string): string {
  const last =
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? url;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

export function isHashed(item: ResolvedPackage): item is HashedPackage {
  return item.kind !== 'vcs' && item.kind !== 'directory';
}

/**
 * For `pip wheel --no-deps --require-hashes -r`: exactly the artefacts of the resolution, whatever the index says by now.
 * @param folder the lock's folder where pip runs, absolute: paths in a lock are relative to it
 */
export function hashedRequirements(packages: readonly HashedPackage[], folder = '/'): string {
  return packages
    .map((item) => `${requirementOf(item, folder)} --hash=sha256:${item.sha256}\n`)
    .sort()
    .join('');
}

/** One package as a PEP 508 requirement by URL. pip refuses repositories and folders where hashes are required: build those apart. */
export function requirementOf(item: ResolvedPackage, folder = '/'): string {
  return `${item.name} @ ${locationOf(item, folder)}${item.marker === undefined ? '' : ` ; ${item.marker}`}`;
}

function locationOf(item: ResolvedPackage, folder: string): string {
  switch (item.kind) {
    case 'wheel':
    case 'sdist':
    case 'archive':
      return asUrl(item.url, folder) + fragment(item.subdirectory);
    case 'vcs':
      return `${item.system}+${asUrl(item.url, folder)}@${item.commit}${fragment(item.subdirectory)}`;
    case 'directory':
      return asUrl(item.path, folder);
  }
}

function asUrl(location: string, folder: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
  return `file://${path.posix.resolve(folder, location).split('/').map(encodeURIComponent).join('/')}`;
}

function fragment(subdirectory: string | undefined): string {
  return subdirectory === undefined ? '' : `#subdirectory=${encodeURI(subdirectory)}`;
}

/** What a lock of built wheels says about where one came from; undefined for what has no hash. */
export function originOf(item: ResolvedPackage): LockedWheel['origin'] {
  if (!isHashed(item)) return undefined;
  const isWheel = item.kind === 'wheel' || (item.kind === 'archive' && item.file.endsWith('.whl'));
  return { url: item.url, sha256: item.sha256, kind: isWheel ? 'wheel' : 'sdist' };
}
