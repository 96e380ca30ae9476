/** poetry.lock, since 1.1: https://github.com/python-poetry/poetry/blob/main/src/poetry/packages/locker.py */
import type { Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { poetryAlternatives } from '../project/poetry-constraint.js';
import { isTable, lineOf, linesOfTables, parseToml, type TomlTable } from '../project/toml.js';
import type { LockedFile, LockedPackage } from './locked.js';
import { createMarkerTest } from './markers.js';
import { invalidLock, missingHash, otherPython } from './problems.js';
import { admitsVersion, poetryDependencies, type PoetryDependency, type PoetryTables } from './poetry-table.js';
import {
  admits,
  FileChooser,
  fileNameOf,
  indexOf,
  isUrl,
  isWheelFile,
  fromLock,
  sha256Of,
  uniquePackages,
  tableOf,
  tablesOf,
  textOf,
  textsOf,
  withoutLogin,
  type Wanted,
} from './reading.js';

export interface PoetryLockSource {
  readonly text: string;
  /** Relative to the project's folder. */
  readonly file: string;
}

interface PoetryPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly table: TomlTable;
  readonly place: Place;
}

export interface PoetryLock {
  readonly source: PoetryLockSource;
  readonly root: TomlTable;
  readonly packages: readonly PoetryPackage[];
  readonly contentHash: string | undefined;
  readonly contentHashPlace: Place;
}

/** @throws UserError `lock-invalid` */
export function parsePoetryLock(source: PoetryLockSource): PoetryLock {
  const { text, file } = source;
  const root = parseToml(text, { file, code: 'lock-invalid' });
  const metadata = tableOf(root, 'metadata');
  const version = textOf(metadata, 'lock-version');
  const at = (key: string): Place => withLine(file, lineOf(text, ['metadata', key]));
  if (version === undefined || !/^[12]\.\d+$/.test(version)) {
    throw invalidLock(at('lock-version'), `it is of version ${version ?? 'before 1.0'}, and only versions 1 and 2 are known`);
  }
  const tables = tablesOf(root, 'package');
  const lines = linesOfTables(text, 'package');
  const packages = tables.map((table, i) => {
    const line = lines.length === tables.length ? lines[i] : undefined;
    const place = withLine(file, line === undefined ? undefined : line + 1);
    const name = textOf(table, 'name');
    if (name === undefined) throw invalidLock(place, 'a package has no name');
    return { name: normalizeName(name), version: textOf(table, 'version'), table, place };
  });
  return { source, root, packages, contentHash: textOf(metadata, 'content-hash'), contentHashPlace: at('content-hash') };
}

function withLine(file: string, line: number | undefined): Place {
  return { file, ...(line !== undefined && { line }) };
}

/**
 * @param tables of the project's pyproject.toml: locks from before 2.1 do not say what a group or an extra needs
 * @throws UserError `lock-other-python`, `lock-other-platform`, `lock-hash-missing`, `lock-invalid`
 */
export function readPoetryLock(lock: PoetryLock, tables: PoetryTables | undefined, wanted: Wanted): readonly LockedPackage[] {
  checkPython(lock, wanted);
  const chooser = new FileChooser(wanted.environment, 'poetry');
  const isMarked = lock.packages.some(({ table }) => table['groups'] !== undefined);
  const needed = isMarked ? byMarkers(lock, wanted) : byWalk(lock, tables, wanted);
  return uniquePackages(needed.map((item) => lockedOf(lock, item, chooser, wanted)));
}

function checkPython({ source, root }: PoetryLock, { environment }: Wanted): void {
  const versions = textOf(tableOf(root, 'metadata'), 'python-versions');
  if (versions === undefined || admitsPython(versions, environment.python)) return;
  throw otherPython(withLine(source.file, lineOf(source.text, ['metadata', 'python-versions'])), source.file, versions, environment, 'poetry');
}

function admitsPython(constraint: string, python: string): boolean {
  const alternatives = poetryAlternatives(constraint);
  return !alternatives || alternatives.some((text) => admits(text, python));
}

/** Since 2.1 each package says in which groups and under which marker it is needed. */
function byMarkers(lock: PoetryLock, wanted: Wanted): readonly PoetryPackage[] {
  const holds = createMarkerTest(wanted.environment, { extras: wanted.extras, groups: new Set() });
  const groups = new Set(['main', ...wanted.groups]);
  return lock.packages.filter(({ table, place }) => {
    const { markers } = table;
    return textsOf(table, 'groups').some((group) => {
      if (!groups.has(normalizeName(group))) return false;
      const marker = isTable(markers) ? textOf(markers, group) : textOf(table, 'markers');
      // What is optional and in no extra is installed for nobody.
      if (table['optional'] === true && !/\bextra\b/.test(marker ?? '')) return false;
      return holds(marker, place);
    });
  });
}

/** Before, only a walk from the project's own dependencies tells. */
function byWalk(lock: PoetryLock, tables: PoetryTables | undefined, wanted: Wanted): readonly PoetryPackage[] {
  const byName = new Map<string, PoetryPackage[]>();
  for (const item of lock.packages) byName.set(item.name, [...(byName.get(item.name) ?? []), item]);
  const ofExtras = new Set([...wanted.extras].flatMap((extra) => tables?.extras.get(extra) ?? []));
  const queue: PoetryDependency[] = [
    ...(tables?.dependencies ?? []).filter(({ optional, name }) => !optional || ofExtras.has(name)),
    ...[...wanted.groups].flatMap((group) => tables?.groups.get(group) ?? []),
  ];
  const seen = new Map<PoetryPackage, Set<string>>();
  const plain = createMarkerTest(wanted.environment);
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (!plain(next.marker, next.place)) continue;
    const { name, extras } = next;
    const item = choose(byName.get(name) ?? [], next, wanted);
    if (!item) throw invalidLock(next.place.file === lock.source.file ? next.place : lock.contentHashPlace, `${name} is needed, and it is not in it`);
    const known = seen.get(item);
    const fresh = extras.filter((extra) => !known?.has(extra));
    if (known && fresh.length === 0) continue;
    const on = new Set([...(known ?? []), ...extras]);
    seen.set(item, on);
    queue.push(...dependenciesOf(item, on, wanted));
  }
  return [...seen.keys()];
}

function choose(items: readonly PoetryPackage[], dependency: PoetryDependency, { environment }: Wanted): PoetryPackage | undefined {
  const fitting = items.filter((item) => admitsVersion(dependency, item.version));
  return fitting.find(({ table }) => admitsPython(textOf(table, 'python-versions') ?? '*', environment.python)) ?? fitting[0];
}

/** Those that the extras of the package ask for, too; optional ones only then. */
function dependenciesOf(item: PoetryPackage, extras: ReadonlySet<string>, wanted: Wanted): readonly PoetryDependency[] {
  const holds = createMarkerTest(wanted.environment, { extras, groups: new Set() });
  const ofExtras = new Set(
    Object.entries(tableOf(item.table, 'extras')).flatMap(([extra, names]) =>
      extras.has(normalizeName(extra)) && Array.isArray(names) ? names.map((text) => normalizeName(String(text).replace(/[\s[(<>=].*$/s, ''))) : [],
    ),
  );
  return Object.entries(tableOf(item.table, 'dependencies'))
    .flatMap(([name, value]) => poetryDependencies(name, value, item.place))
    .filter(({ optional, name, marker, place }) => (!optional || ofExtras.has(name)) && holds(marker, place))
    .map((dependency) => ({ ...dependency, marker: undefined }));
}

function lockedOf(lock: PoetryLock, item: PoetryPackage, chooser: FileChooser, wanted: Wanted): LockedPackage {
  const { name, version, table, place } = item;
  const python = textOf(table, 'python-versions');
  if (python !== undefined && !admitsPython(python, wanted.environment.python)) {
    throw otherPython(place, version === undefined ? name : `${name} ${version}`, python, wanted.environment, 'poetry');
  }
  const head = { name, version, place };
  const source = tableOf(table, 'source');
  const type = textOf(source, 'type');
  const url = textOf(source, 'url') ?? '';
  const subdirectory = textOf(source, 'subdirectory');
  if (type === 'directory') return { ...head, kind: 'directory', path: fromLock(lock.source, url) };
  if (type === 'git') {
    const commit = textOf(source, 'resolved_reference');
    if (commit === undefined) throw invalidLock(place, `${name} has no commit`);
    return { ...head, kind: 'vcs', system: 'git', url: withoutLogin(url), commit, subdirectory };
  }
  const direct = type === 'url' || type === 'file' ? url : undefined;
  const files = filesOf(lock, item).map((artifact): LockedFile => {
    const file = textOf(artifact, 'file') ?? '';
    const sha256 = sha256Of(textOf(artifact, 'hash'));
    if (sha256 === undefined) throw missingHash('poetry', place, `${file} of ${name}`);
    const location = textOf(artifact, 'url') ?? (direct === undefined || fileNameOf(direct) !== file ? undefined : direct);
    return {
      kind: isWheelFile(file) ? 'wheel' : direct === undefined ? 'sdist' : 'archive',
      file,
      url: location !== undefined && isUrl(location) ? withoutLogin(location) : undefined,
      path: location !== undefined && !isUrl(location) ? fromLock(lock.source, location) : undefined,
      sha256,
      size: undefined,
      subdirectory,
    };
  });
  if (files.length === 0) throw missingHash('poetry', place, name, 'It has no file at all');
  return chooser.choose({
    ...head,
    wheels: files.filter(({ kind }) => kind === 'wheel'),
    sdist: files.find(({ kind, file }) => kind !== 'wheel' && /\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$/.test(file)),
    index: type === 'legacy' ? indexOf(url) : undefined,
  });
}

/** Locks of version 1 keep files by name in one table. */
function filesOf({ root }: PoetryLock, { name, version, table }: PoetryPackage): readonly TomlTable[] {
  const own = tablesOf(table, 'files');
  if (own.length > 0) return own;
  const all = tableOf(tableOf(root, 'metadata'), 'files');
  const key = Object.keys(all).find((written) => normalizeName(written) === name);
  const listed = key === undefined ? [] : tablesOf(all, key);
  // Of a package with several versions they stand together there.
  const ofVersion = listed.filter((artifact) => version === undefined || (textOf(artifact, 'file') ?? '').includes(`-${version}`));
  return ofVersion.length > 0 ? ofVersion : listed;
}
