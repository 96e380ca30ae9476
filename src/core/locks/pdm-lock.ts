/** pdm.lock, since 4.5: https://pdm-project.org/latest/usage/lockfile/ */
import type { Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { parseRequirement } from '../project/requirement.js';
import { parseVersion, satisfies } from '../project/specifiers.js';
import { lineOf, linesOfTables, parseToml, type TomlTable } from '../project/toml.js';
import type { LockedFile, LockedPackage } from './locked.js';
import { createMarkerTest } from './markers.js';
import { invalidLock, missingHash, otherPlatform, otherPython, staleLock } from './problems.js';
import {
  admits,
  FileChooser,
  fileNameOf,
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

export interface PdmLockSource {
  readonly text: string;
  /** Relative to the project's folder. */
  readonly file: string;
}

interface PdmPackage {
  readonly name: string;
  readonly version: string | undefined;
  readonly extras: readonly string[];
  readonly table: TomlTable;
  readonly place: Place;
}

export interface PdmLock {
  readonly source: PdmLockSource;
  readonly metadata: TomlTable;
  readonly packages: readonly PdmPackage[];
  /** `sha256:…` */
  readonly contentHash: string | undefined;
  readonly contentHashPlace: Place;
}

/** @throws UserError `lock-invalid` */
export function parsePdmLock(source: PdmLockSource): PdmLock {
  const { text, file } = source;
  const root = parseToml(text, { file, code: 'lock-invalid' });
  const metadata = tableOf(root, 'metadata');
  const version = textOf(metadata, 'lock_version');
  if (version === undefined || !/^4\.(?:[5-9]|\d\d)/.test(version)) {
    throw invalidLock(placeIn(source, 'lock_version'), `it is of version ${version ?? 'unknown'}, and only 4.5 and later of 4 are known`);
  }
  const tables = tablesOf(root, 'package');
  const lines = linesOfTables(text, 'package');
  const packages = tables.map((table, i) => {
    const line = lines.length === tables.length ? lines[i] : undefined;
    const place: Place = { file, ...(line !== undefined && { line: line + 1 }) };
    const name = textOf(table, 'name');
    if (name === undefined) throw invalidLock(place, 'a package has no name');
    return { name: normalizeName(name), version: textOf(table, 'version'), extras: textsOf(table, 'extras').map(normalizeName), table, place };
  });
  return { source, metadata, packages, contentHash: textOf(metadata, 'content_hash'), contentHashPlace: placeIn(source, 'content_hash') };
}

function placeIn({ text, file }: PdmLockSource, key: string): Place {
  const line = lineOf(text, ['metadata', key]);
  return { file, ...(line !== undefined && { line }) };
}

/**
 * @param requirements PEP 508, of the project, its wanted extras and groups: where to begin in a lock without inherited metadata
 * @throws UserError `lock-other-python`, `lock-other-platform`, `lock-hash-missing`, `lock-invalid`, `lock-stale` where a group is not locked
 */
export function readPdmLock(lock: PdmLock, requirements: readonly string[], wanted: Wanted): readonly LockedPackage[] {
  checkTargets(lock, wanted);
  const groups = textsOf(lock.metadata, 'groups').map(normalizeName);
  for (const group of [...wanted.extras, ...wanted.groups]) {
    if (!groups.includes(group)) {
      throw staleLock(
        'pdm',
        lock.source.file,
        placeIn(lock.source, 'groups'),
        `it does not lock ${group}, only ${groups.join(', ')}`,
        `Lock it too: pdm lock --group ${[...groups.filter((name) => name !== 'default'), group].join(',')}`,
      );
    }
  }
  const isInherited = textsOf(lock.metadata, 'strategy').includes('inherit_metadata');
  const needed = isInherited ? byGroups(lock, wanted) : byWalk(lock, requirements, wanted);
  const chooser = new FileChooser(wanted.environment, 'pdm');
  // A package stands once more for each set of its extras that is asked for.
  const unique = new Map(needed.map((item) => [`${item.name} ${item.version ?? ''}`, item]));
  return uniquePackages([...unique.values()].map((item) => lockedOf(lock, item, chooser)));
}

function checkTargets({ source, metadata }: PdmLock, { environment }: Wanted): void {
  const targets = tablesOf(metadata, 'targets');
  if (targets.length === 0) return;
  const place = placeIn(source, 'targets');
  const ofPlatform = targets.filter(
    (target) => isOurPlatform(textOf(target, 'platform'), environment.machine) && /^(?:cpython)?$/.test(textOf(target, 'implementation') ?? ''),
  );
  if (ofPlatform.length === 0)
    throw otherPlatform(
      place,
      targets.map((target) => textOf(target, 'platform') ?? textOf(target, 'implementation') ?? '*'),
      environment,
      'pdm',
    );
  const bounds = ofPlatform.map((target) => textOf(target, 'requires_python') ?? '');
  if (!bounds.some((text) => admits(text, environment.python))) throw otherPython(place, source.file, bounds.join(' or '), environment, 'pdm');
}

function isOurPlatform(platform: string | undefined, machine: string): boolean {
  if (platform === undefined || platform === '*' || platform === 'linux') return true;
  if (platform === 'alpine' || /musl|win|mac/.test(platform)) return false;
  return platform.endsWith(machine);
}

function byGroups(lock: PdmLock, wanted: Wanted): readonly PdmPackage[] {
  const holds = createMarkerTest(wanted.environment);
  const groups = new Set(['default', ...wanted.extras, ...wanted.groups]);
  return lock.packages.filter(
    ({ table, place }) => textsOf(table, 'groups').some((group) => groups.has(normalizeName(group))) && holds(textOf(table, 'marker'), place),
  );
}

function byWalk(lock: PdmLock, requirements: readonly string[], wanted: Wanted): readonly PdmPackage[] {
  const holds = createMarkerTest(wanted.environment);
  const queue = requirements.map((text) => ({ text, place: lock.contentHashPlace }));
  const seen = new Set<PdmPackage>();
  for (let next = queue.shift(); next; next = queue.shift()) {
    const requirement = parseRequirement(next.text);
    if (!requirement || !holds(requirement.marker, next.place)) continue;
    const found = lock.packages.filter(({ name, version, extras, table, place }) => {
      const parsed = version === undefined ? undefined : parseVersion(version);
      const isWanted = extras.length === 0 ? requirement.extras.length === 0 : extras.every((extra) => requirement.extras.includes(extra));
      return name === requirement.name && isWanted && (!parsed || satisfies(parsed, requirement.specifiers)) && holds(textOf(table, 'marker'), place);
    });
    if (found.length === 0) throw invalidLock(next.place, `${requirement.name} is needed, and it is not in it`);
    for (const item of found) {
      if (seen.has(item)) continue;
      seen.add(item);
      queue.push(...textsOf(item.table, 'dependencies').map((text) => ({ text, place: item.place })));
    }
  }
  return [...seen];
}

function lockedOf(lock: PdmLock, item: PdmPackage, chooser: FileChooser): LockedPackage {
  const { name, version, table, place } = item;
  chooser.checkPython(() => place, version === undefined ? name : `${name} ${version}`, textOf(table, 'requires_python'));
  const head = { name, version, place };
  const subdirectory = textOf(table, 'subdirectory');
  const git = textOf(table, 'git');
  if (git !== undefined) {
    const commit = textOf(table, 'revision');
    if (commit === undefined) throw invalidLock(place, `${name} has no revision`);
    return { ...head, kind: 'vcs', system: 'git', url: withoutLogin(git), commit, subdirectory };
  }
  const direct = textOf(table, 'url');
  const local = textOf(table, 'path');
  const artifacts = filesOf(lock, item);
  if (local !== undefined && artifacts.length === 0 && !isWheelFile(local)) return { ...head, kind: 'directory', path: fromLock(lock.source, local) };
  const files = artifacts.map((artifact): LockedFile => {
    const location = textOf(artifact, 'url') ?? direct ?? local;
    const file = textOf(artifact, 'file') ?? fileNameOf(location ?? '');
    const sha256 = sha256Of(textOf(artifact, 'hash'));
    if (sha256 === undefined) throw missingHash('pdm', place, `${file} of ${name}`);
    return {
      kind: isWheelFile(file) ? 'wheel' : direct === undefined && local === undefined ? 'sdist' : 'archive',
      file,
      url: location !== undefined && isUrl(location) ? withoutLogin(location.replace(/#.*$/s, '')) : undefined,
      path: location !== undefined && !isUrl(location) ? fromLock(lock.source, location) : undefined,
      sha256,
      size: undefined,
      subdirectory,
    };
  });
  if (files.length === 0) throw missingHash('pdm', place, name, 'It has no file at all');
  return chooser.choose({ ...head, wheels: files.filter(({ kind }) => kind === 'wheel'), sdist: files.find(({ kind }) => kind !== 'wheel'), index: undefined });
}

/** An entry for extras of a package may leave the files to the entry without. */
function filesOf({ packages }: PdmLock, { name, version, table }: PdmPackage): readonly TomlTable[] {
  const own = tablesOf(table, 'files');
  if (own.length > 0) return own;
  return packages.filter((item) => item.name === name && item.version === version).flatMap((item) => tablesOf(item.table, 'files'));
}
