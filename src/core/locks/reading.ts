/** What the readers of all formats share. */
import path from 'node:path';
import type { Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { parseSpecifiers, parseVersion, satisfies } from '../project/specifiers.js';
import { isTable, type TomlTable } from '../project/toml.js';
import { parseWheelName } from '../wheels/wheel-name.js';
import type { LockedDistribution, LockedFile, LockedPackage, LockEnvironment, ProjectLock } from './locked.js';
import type { MarkerContext } from './markers.js';
import { invalidLock, noFileFits, otherPython } from './problems.js';
import { misfitOf, WheelRanking } from './tags.js';

/** What one variant asks of a lock; names are normalised. */
export interface Wanted extends MarkerContext {
  readonly environment: LockEnvironment;
}

export function wantedOf(environment: LockEnvironment, extras: readonly string[], groups: readonly string[]): Wanted {
  return { environment, extras: new Set(extras.map(normalizeName)), groups: new Set(groups.map(normalizeName)) };
}

export interface Candidates {
  readonly name: string;
  readonly version: string | undefined;
  readonly place: Place;
  readonly wheels: readonly LockedFile[];
  readonly sdist: LockedFile | undefined;
  readonly index: string | undefined;
}

/** Takes from all files of a package those that fit the environment. */
export class FileChooser {
  private readonly ranking: WheelRanking;

  constructor(
    private readonly environment: LockEnvironment,
    private readonly format: ProjectLock['format'],
  ) {
    this.ranking = new WheelRanking(environment);
  }

  /** @throws UserError `lock-other-python`, `lock-other-platform` */
  choose({ name, version, place, wheels, sdist, index }: Candidates): LockedDistribution {
    const files = [...this.ranking.fitting(wheels, ({ file }) => file), ...(sdist ? [sdist] : [])];
    if (files.length > 0) return { kind: 'files', name, version, place, files, index };
    const names = wheels.map(({ file }) => file);
    throw noFileFits(place, version === undefined ? name : `${name} ${version}`, misfitOf(names, this.environment), names, this.environment, this.format);
  }

  /** @throws UserError `lock-other-python` */
  checkPython(place: () => Place, who: string, bounds: string | undefined): void {
    if (bounds !== undefined && !admits(bounds, this.environment.python)) throw otherPython(place(), who, bounds, this.environment, this.format);
  }
}

/** Bounds that cannot be read keep nobody out. */
export function admits(bounds: string, version: string): boolean {
  const specifiers = parseSpecifiers(bounds);
  const parsed = parseVersion(version);
  return !specifiers || !parsed || satisfies(parsed, specifiers, version);
}

/** Sorted by name, then version: the order of a lock's packages. */
export function sortedPackages(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  return [...packages].sort((a, b) => compareText(a.name, b.name) || compareText(a.version ?? '', b.version ?? ''));
}

/**
 * Sorted. An environment holds one package of a name.
 * @throws UserError `lock-invalid` at the second
 */
export function uniquePackages(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const sorted = sortedPackages(packages);
  for (const [i, item] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before?.name !== item.name) continue;
    const line = before.place.line === undefined ? '' : ` in line ${before.place.line}`;
    throw invalidLock(
      item.place,
      `${item.name} is locked twice for what is asked for, as ${before.version ?? 'any version'}${line} and as ${item.version ?? 'any version'}`,
    );
  }
  return sorted;
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export function isWheelFile(file: string): boolean {
  return file.endsWith('.whl');
}

/** `pkg-1.0.tar.gz` of a package → `1.0`; of a wheel what its name says. */
export function versionOfFile(file: string): string | undefined {
  if (isWheelFile(file)) return parseWheelName(file)?.version;
  const version = /-(\d[^-]*)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.exec(file)?.[1];
  return version !== undefined && parseVersion(version) ? version : undefined;
}

/** The last part of a URL or path, without what follows `?` and `#`. */
export function fileNameOf(location: string): string {
  const last =
    location
      .replace(/[?#].*$/s, '')
      .split('/')
      .at(-1) ?? location;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

export function textOf(table: TomlTable, key: string): string | undefined {
  const value = table[key];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(table: TomlTable, key: string): number | undefined {
  const value = table[key];
  return typeof value === 'number' ? value : undefined;
}

export function tableOf(table: TomlTable, key: string): TomlTable {
  const value = table[key];
  return isTable(value) ? value : {};
}

export function tablesOf(table: TomlTable, key: string): readonly TomlTable[] {
  const value = table[key];
  return Array.isArray(value) ? value.filter(isTable) : [];
}

export function textsOf(table: TomlTable, key: string): readonly string[] {
  const value = table[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** `sha256:…` → hex; undefined for other algorithms and what is none. */
export function sha256Of(hash: string | undefined): string | undefined {
  return /^sha256[:=]([0-9a-f]{64})$/i.exec(hash ?? '')?.[1]?.toLowerCase();
}

/** An index's URL without login; undefined for PyPI's own, in whose place the user may have set a mirror. */
export function indexOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const bare = withoutLogin(url).replace(/\/+$/, '');
  return /^https?:\/\/pypi\.(?:org|python\.org)\/simple$/.test(bare) ? undefined : bare;
}

export function withoutLogin(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, (whole, scheme: string) => (/ssh/i.test(scheme) ? whole : scheme));
}

export function isUrl(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location);
}

/** Deep enough that no `..` of a real path leads out of it. */
const SOMEWHERE = `/${'folder/'.repeat(40)}`;

/** A path of one folder as another names it; both are relative to the same. Absolute paths stay. */
export function relativeTo(folder: string, location: string): string {
  if (path.posix.isAbsolute(location)) return location;
  return path.posix.relative(path.posix.join(SOMEWHERE, folder), path.posix.join(SOMEWHERE, location)) || '.';
}

/** A path as a lock writes it, relative to itself, as the project's folder names it. */
export function fromLock({ file }: { readonly file: string }, location: string): string {
  return relativeTo('', path.posix.isAbsolute(location) ? location : path.posix.join(path.posix.dirname(file), location));
}
