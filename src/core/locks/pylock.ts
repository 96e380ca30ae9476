/** pylock.toml, whoever wrote it: https://packaging.python.org/en/latest/specifications/pylock-toml/ (PEP 751) */
import type { Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { lineOf, type TomlTable } from '../project/toml.js';
import { LockReader, type LockPackage } from '../wheels/lock.js';
import type { LockedDistribution, LockedFile, LockedPackage } from './locked.js';
import { createMarkerTest, type MarkerTest } from './markers.js';
import { invalidLock, missingHash, otherPlatform, unknownGroup } from './problems.js';
import {
  FileChooser,
  fileNameOf,
  indexOf,
  isWheelFile,
  numberOf,
  fromLock,
  sha256Of,
  uniquePackages,
  tableOf,
  textOf,
  textsOf,
  withoutLogin,
  type Wanted,
} from './reading.js';

export interface PylockSource {
  readonly text: string;
  /** Relative to the project's folder; paths in a lock are relative to the lock. */
  readonly file: string;
  /** PEP 503: the project itself is no package of its lock. */
  readonly project: string;
}

/**
 * What a variant needs of it.
 * @throws UserError `lock-invalid`, `lock-other-python`, `lock-other-platform`, `lock-hash-missing`, `unknown-group`
 */
export function readPylock(source: PylockSource, wanted: Wanted): readonly LockedPackage[] {
  const reader = new LockReader(source.text, source.file);
  const chooser = new FileChooser(wanted.environment, 'pylock');
  const at = (key: string): Place => placeOf(source, lineOf(source.text, [key]));
  chooser.checkPython(() => at('requires-python'), source.file, textOf(reader.root, 'requires-python'));
  const plain = createMarkerTest(wanted.environment);
  const environments = textsOf(reader.root, 'environments');
  if (environments.length > 0 && !environments.some((marker) => plain(marker, at('environments')))) {
    throw otherPlatform(at('environments'), environments, wanted.environment, 'pylock');
  }
  const known = textsOf(reader.root, 'dependency-groups').map(normalizeName);
  for (const group of wanted.groups) {
    if (known.length > 0 && !known.includes(group)) throw unknownGroup(source.project, group, known, at('dependency-groups'));
  }
  const groups = new Set([...wanted.groups, ...textsOf(reader.root, 'default-groups').map(normalizeName)]);
  const holds = createMarkerTest(wanted.environment, { extras: wanted.extras, groups });
  const packages = reader.packages().flatMap((item) => lockedOf(source, reader, item, chooser, holds) ?? []);
  return uniquePackages(packages);
}

function placeOf({ file }: Pick<PylockSource, 'file'>, line: number | undefined): Place {
  return { file, ...(line !== undefined && { line }) };
}

/** undefined for what the variant does not need, and for the project itself. */
function lockedOf(source: PylockSource, reader: LockReader, item: LockPackage, chooser: FileChooser, holds: MarkerTest): LockedPackage | undefined {
  const { table } = item;
  const name = normalizeName(item.name);
  const place = placeOf(source, item.line);
  if (name === source.project || !holds(textOf(table, 'marker'), place)) return undefined;
  const version = textOf(table, 'version');
  chooser.checkPython(() => place, version === undefined ? name : `${name} ${version}`, textOf(table, 'requires-python'));
  const head = { name, version, place };
  const folder = textOf(tableOf(table, 'directory'), 'path');
  if (folder !== undefined) return { ...head, kind: 'directory', path: fromLock(source, folder) };
  if (table['vcs'] !== undefined) {
    const vcs = tableOf(table, 'vcs');
    const system = textOf(vcs, 'type');
    if (system !== 'git') throw invalidLock(place, `${name} comes from a repository of ${system ?? 'no kind'}, and only git is known`);
    const url = textOf(vcs, 'url') ?? textOf(vcs, 'path');
    const commit = textOf(vcs, 'commit-id');
    if (url === undefined || commit === undefined) throw invalidLock(place, `${name} has no ${url === undefined ? 'url' : 'commit-id'}`);
    return { ...head, kind: 'vcs', system, url: withoutLogin(url), commit, subdirectory: textOf(vcs, 'subdirectory') };
  }
  if (table['archive'] !== undefined) {
    const file = fileOf(source, place, name, tableOf(table, 'archive'), 'archive');
    const isWheel = isWheelFile(file.file);
    return chooser.choose({ ...head, wheels: isWheel ? [file] : [], sdist: isWheel ? undefined : file, index: undefined });
  }
  const wheels = reader.tables(item, 'wheels').map((wheel) => fileOf(source, place, name, wheel, 'wheel'));
  const sdist = table['sdist'] === undefined ? undefined : fileOf(source, place, name, tableOf(table, 'sdist'), 'sdist');
  return chooser.choose({ ...head, wheels, sdist, index: indexOf(textOf(table, 'index')) });
}

/** Whether they fit or not: for what was written for one environment. */
export function allFilesOf(reader: LockReader, item: LockPackage): LockedDistribution {
  const { table } = item;
  const name = normalizeName(item.name);
  const place = placeOf(reader, item.line);
  const file = (artifact: TomlTable, kind: LockedFile['kind']): LockedFile => fileOf(reader, place, name, artifact, kind);
  const files = [
    ...reader.tables(item, 'wheels').map((wheel) => file(wheel, 'wheel')),
    ...(table['sdist'] === undefined ? [] : [file(tableOf(table, 'sdist'), 'sdist')]),
    ...(table['archive'] === undefined ? [] : [file(tableOf(table, 'archive'), 'archive')]),
  ];
  if (files.length === 0) throw invalidLock(place, `${name} has no file`);
  return { kind: 'files', name, version: textOf(table, 'version'), place, files, index: indexOf(textOf(table, 'index')) };
}

function fileOf(source: Pick<PylockSource, 'file'>, place: Place, name: string, artifact: TomlTable, kind: LockedFile['kind']): LockedFile {
  const url = textOf(artifact, 'url');
  const local = textOf(artifact, 'path');
  const file = textOf(artifact, 'name') ?? fileNameOf(url ?? local ?? '');
  if (file === '') throw invalidLock(place, `a file of ${name} has neither name nor url nor path`);
  const sha256 = textOf(tableOf(artifact, 'hashes'), 'sha256');
  const hex = sha256Of(`sha256:${sha256 ?? ''}`);
  if (hex === undefined) throw missingHash('pylock', place, `${file} of ${name}`);
  return {
    kind,
    file,
    url: url === undefined ? undefined : withoutLogin(url),
    path: local === undefined ? undefined : fromLock(source, local),
    sha256: hex,
    size: numberOf(artifact, 'size'),
    subdirectory: textOf(artifact, 'subdirectory'),
  };
}
