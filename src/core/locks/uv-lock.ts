/** uv.lock: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile. A graph for all platforms, of which one variant needs a part. */
import path from 'node:path';
import type { Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { lineOf, lineOfString, linesOfTables, parseToml, type TomlTable } from '../project/toml.js';
import type { LockedFile, LockedPackage } from './locked.js';
import { createMarkerTest, type MarkerTest } from './markers.js';
import { conflictingChoice, invalidLock, missingHash, staleLock, unknownGroup } from './problems.js';
import {
  FileChooser,
  fileNameOf,
  indexOf,
  isUrl,
  numberOf,
  relativeTo,
  sha256Of,
  uniquePackages,
  tableOf,
  tablesOf,
  textOf,
  textsOf,
  withoutLogin,
  type Wanted,
} from './reading.js';

export interface UvLockSource {
  readonly text: string;
  /** How messages name it, relative to the project's folder: `uv.lock`, `../uv.lock`. */
  readonly file: string;
  /** PEP 503. */
  readonly project: string;
  /** From the lock's folder to the project's: `''` where they are one, else `packages/app`. */
  readonly member: string;
}

export interface UvPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly source: TomlTable;
  readonly table: TomlTable;
  readonly place: Place;
}

/** What is read once, whatever variant is asked for. */
export interface UvLock {
  readonly source: UvLockSource;
  readonly root: TomlTable;
  readonly requiresPython: string | undefined;
  /** By name; several of one name where the lock forks. */
  readonly packages: ReadonlyMap<string, readonly UvPackage[]>;
  readonly project: UvPackage;
}

const KNOWN_VERSION = 1;

/** @throws UserError `lock-invalid`, `lock-stale` where the project is not in it */
export function parseUvLock(source: UvLockSource): UvLock {
  const { text, file } = source;
  const root = parseToml(text, { file, code: 'lock-invalid' });
  const version = root['version'];
  if (version !== KNOWN_VERSION) {
    throw invalidLock(placeIn(source, ['version']), `it is of version ${String(version)}, and only version ${KNOWN_VERSION} is known`);
  }
  const tables = tablesOf(root, 'package');
  const lines = linesOfTables(text, 'package');
  const packages = new Map<string, UvPackage[]>();
  for (const [i, table] of tables.entries()) {
    const line = lines.length === tables.length ? lines[i] : undefined;
    // The name stands below the header.
    const place: Place = { file, ...(line !== undefined && { line: line + 1 }) };
    const name = textOf(table, 'name');
    if (name === undefined) throw invalidLock(place, 'a package has no name');
    const entry: UvPackage = { name: normalizeName(name), version: textOf(table, 'version'), source: tableOf(table, 'source'), table, place };
    packages.set(entry.name, [...(packages.get(entry.name) ?? []), entry]);
  }
  return { source, root, requiresPython: textOf(root, 'requires-python'), packages, project: findProject(source, packages) };
}

function findProject(source: UvLockSource, packages: ReadonlyMap<string, readonly UvPackage[]>): UvPackage {
  const member = source.member === '' ? '.' : source.member;
  const found = (packages.get(source.project) ?? []).find((item) => folderOf(item) === member);
  if (found) return found;
  throw staleLock('uv', source.file, { file: source.file }, `it does not hold the project ${source.project} as ${member === '.' ? 'its own folder' : member}`);
}

/** Of a package that is a folder: relative to the lock's. */
export function folderOf({ source }: UvPackage): string | undefined {
  const folder = textOf(source, 'editable') ?? textOf(source, 'virtual') ?? textOf(source, 'directory');
  return folder === undefined ? undefined : path.posix.normalize(folder === '' ? '.' : folder);
}

function placeIn({ text, file }: UvLockSource, key: readonly string[]): Place {
  const line = lineOf(text, key);
  return { file, ...(line !== undefined && { line }) };
}

/** @throws UserError `lock-other-python`, `lock-other-platform`, `lock-hash-missing`, `lock-invalid`, `lock-conflict`, `unknown-group` */
export function readUvLock(lock: UvLock, wanted: Wanted): readonly LockedPackage[] {
  const chooser = new FileChooser(wanted.environment, 'uv');
  chooser.checkPython(() => placeIn(lock.source, ['requires-python']), lock.source.file, lock.requiresPython);
  checkConflicts(lock, wanted);
  return uniquePackages(
    new UvWalk(lock, wanted)
      .walk()
      .filter((item) => item !== lock.project && textOf(item.source, 'virtual') === undefined)
      .map((item) => lockedOf(lock, item, chooser)),
  );
}

/** https://docs.astral.sh/uv/concepts/projects/config/#conflicting-dependencies */
function checkConflicts({ source, root, project }: UvLock, { extras, groups }: Wanted): void {
  const sets = root['conflicts'];
  for (const set of Array.isArray(sets) ? sets : []) {
    const asked = tablesOf({ set }, 'set').flatMap((item) => {
      if (normalizeName(textOf(item, 'package') ?? '') !== project.name) return [];
      const extra = textOf(item, 'extra');
      const group = textOf(item, 'group');
      if (extra !== undefined && extras.has(normalizeName(extra))) return [`the extra ${extra}`];
      return group !== undefined && groups.has(normalizeName(group)) ? [`the group ${group}`] : [];
    });
    if (asked.length > 1) throw conflictingChoice(placeIn(source, ['conflicts']), asked);
  }
}

/** From the project along its dependencies; a package counts with the extras under which it was asked for. */
class UvWalk {
  /** Extras and groups that are on, as uv writes them in the markers of a lock with conflicts. */
  private conflicts: ReadonlySet<string> = new Set();

  constructor(
    private readonly lock: UvLock,
    private readonly wanted: Wanted,
  ) {}

  walk(): readonly UvPackage[] {
    // An extra that is found on the way may decide a marker met before: again, until nothing new is found.
    for (;;) {
      const found = this.round();
      if (isSubset(found.conflicts, this.conflicts)) return found.packages;
      this.conflicts = new Set([...this.conflicts, ...found.conflicts]);
    }
  }

  private round(): { readonly packages: readonly UvPackage[]; readonly conflicts: ReadonlySet<string> } {
    const { project } = this.lock;
    const holds = createMarkerTest(this.wanted.environment, { extras: this.conflicts, groups: new Set() });
    const seen = new Map<UvPackage, Set<string>>([[project, new Set()]]);
    const conflicts = new Set([`project-${project.name.length}-${project.name}`]);
    const queue: (readonly [UvPackage, string | undefined])[] = [[project, undefined]];
    for (const extra of this.wanted.extras) queue.push([project, extra]);
    for (const group of this.wanted.groups) {
      conflicts.add(`group-${project.name.length}-${project.name}-${group}`);
      for (const dependency of this.group(group)) this.follow(dependency, project, holds, seen, queue);
    }
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [item, extra] = next;
      if (extra !== undefined) conflicts.add(`extra-${item.name.length}-${item.name}-${extra}`);
      const dependencies = extra === undefined ? tablesOf(item.table, 'dependencies') : extraOf(item, extra);
      for (const dependency of dependencies) this.follow(dependency, item, holds, seen, queue);
    }
    return { packages: [...seen.keys()], conflicts };
  }

  private group(name: string): readonly TomlTable[] {
    const groups = tableOf(this.lock.project.table, 'dev-dependencies');
    const key = Object.keys(groups).find((written) => normalizeName(written) === name);
    if (key !== undefined) return tablesOf(groups, key);
    // A group that asks for nothing has no entry.
    const known = Object.keys(tableOf(tableOf(this.lock.project.table, 'metadata'), 'requires-dev')).map(normalizeName);
    if (known.includes(name)) return [];
    throw unknownGroup(this.lock.project.name, name, [...Object.keys(groups).map(normalizeName), ...known], this.lock.project.place);
  }

  private follow(
    dependency: TomlTable,
    from: UvPackage,
    holds: MarkerTest,
    seen: Map<UvPackage, Set<string>>,
    queue: (readonly [UvPackage, string | undefined])[],
  ): void {
    if (!holds(textOf(dependency, 'marker'), from.place)) return;
    const item = this.find(dependency, from, holds);
    const extras = seen.get(item);
    if (!extras) queue.push([item, undefined]);
    const known = extras ?? new Set();
    seen.set(item, known);
    for (const extra of textsOf(dependency, 'extra').map(normalizeName)) {
      if (known.has(extra)) continue;
      known.add(extra);
      queue.push([item, extra]);
    }
  }

  private find(dependency: TomlTable, from: UvPackage, holds: MarkerTest): UvPackage {
    const name = normalizeName(textOf(dependency, 'name') ?? '');
    const version = textOf(dependency, 'version');
    const source = dependency['source'] === undefined ? undefined : JSON.stringify(tableOf(dependency, 'source'));
    const candidates = (this.lock.packages.get(name) ?? []).filter(
      (item) => (version === undefined || item.version === version) && (source === undefined || JSON.stringify(item.source) === source),
    );
    const [first] = candidates;
    if (!first) {
      const place = { ...from.place, ...lineOfDependency(this.lock, from, name) };
      throw invalidLock(place, `${from.name} needs ${name}${version === undefined ? '' : ` ${version}`}, which it does not hold`);
    }
    if (candidates.length === 1) return first;
    return candidates.find((item) => isOfThisFork(item, holds)) ?? first;
  }
}

function isOfThisFork(item: UvPackage, holds: MarkerTest): boolean {
  const markers = textsOf(item.table, 'resolution-markers');
  return markers.length === 0 || markers.some((marker) => holds(marker, item.place));
}

function extraOf(item: UvPackage, extra: string): readonly TomlTable[] {
  const extras = tableOf(item.table, 'optional-dependencies');
  const key = Object.keys(extras).find((written) => normalizeName(written) === extra);
  return key === undefined ? [] : tablesOf(extras, key);
}

function lineOfDependency({ source }: UvLock, from: UvPackage, name: string): { readonly line?: number } {
  const line = lineOfString(source.text, from.place.line, name);
  return line === undefined ? {} : { line };
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((item) => all.has(item));
}

function lockedOf(lock: UvLock, item: UvPackage, chooser: FileChooser): LockedPackage {
  const { name, version, place, source, table } = item;
  const folder = folderOf(item);
  if (folder !== undefined) return { kind: 'directory', name, version, place, path: fromProject(lock, folder) };
  const git = textOf(source, 'git');
  if (git !== undefined) {
    const { url, commit, subdirectory } = splitGit(git);
    if (commit === undefined) throw invalidLock(place, `${name} has no commit`);
    return { kind: 'vcs', system: 'git', name, version, place, url, commit, subdirectory };
  }
  const direct = textOf(source, 'url') ?? textOf(source, 'path');
  const subdirectory = textOf(source, 'subdirectory');
  const fileOf = (artifact: TomlTable, kind: LockedFile['kind']): LockedFile => {
    const url = textOf(artifact, 'url') ?? (direct !== undefined && isUrl(direct) ? direct : undefined);
    const local = textOf(artifact, 'path') ?? (direct !== undefined && !isUrl(direct) ? direct : undefined);
    const registry = textOf(source, 'registry');
    // Of a flat index on disk, paths are relative to it.
    const folder = registry !== undefined && !isUrl(registry) && local !== undefined ? path.posix.join(registry, local) : local;
    const file = textOf(artifact, 'filename') ?? fileNameOf(url ?? local ?? '');
    const sha256 = sha256Of(textOf(artifact, 'hash'));
    if (sha256 === undefined) throw missingHash('uv', place, `${file} of ${name}`);
    return {
      kind,
      file,
      url: url === undefined ? undefined : withoutLogin(url),
      path: folder === undefined ? undefined : fromProject(lock, folder),
      sha256,
      size: numberOf(artifact, 'size'),
      subdirectory,
    };
  };
  const wheels = tablesOf(table, 'wheels');
  const sdist = table['sdist'] === undefined ? undefined : fileOf(tableOf(table, 'sdist'), direct === undefined ? 'sdist' : 'archive');
  const index = direct === undefined ? indexOf(textOf(source, 'registry')) : undefined;
  return chooser.choose({
    name,
    version,
    place,
    sdist,
    index: index !== undefined && isUrl(index) ? index : undefined,
    wheels: wheels.map((wheel) => fileOf(wheel, 'wheel')),
  });
}

function fromProject({ source }: UvLock, location: string): string {
  return relativeTo(source.member, location);
}

/** `https://host/repo.git?subdirectory=a&rev=v1#COMMIT` */
export function splitGit(text: string): { readonly url: string; readonly commit: string | undefined; readonly subdirectory: string | undefined } {
  const [, url = text, query = '', commit] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text) ?? [];
  const subdirectory = new URLSearchParams(query).get('subdirectory') ?? undefined;
  return { url: withoutLogin(url), commit, subdirectory };
}
