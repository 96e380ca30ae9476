/** The lock to be committed: pylock.TARGET.toml. https://packaging.python.org/en/latest/specifications/pylock-toml/ (PEP 751) */
import type { LockedBuild, LockedDistribution, LockedFile, LockedFolder, LockedRepository } from './locked.js';

type Committed = LockedDistribution | LockedRepository | LockedFolder;

export interface CommittedLock {
  readonly target: string;
  /** `3.13` */
  readonly python: string;
  /** As `platform.machine()` says it. */
  readonly machine: string;
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  readonly packages: readonly Unplaced<Committed>[];
  readonly builds: readonly { readonly name: string; readonly packages: readonly Unplaced<LockedBuild['packages'][number]>[] }[];
}

/** As it is before it stands in a file. */
type Unplaced<T> = T extends unknown ? Omit<T, 'place'> : never;

/** The same lock gives the same text. What is locked for building stands in `tool.pypackage`: PEP 751 has no place for it. */
export function writePylock(lock: CommittedLock): string {
  const lines = [
    '# Written by pypackage lock. Change the requirements and run it again; do not edit it.',
    'lock-version = "1.0"',
    `environments = [${quote(`sys_platform == 'linux' and platform_machine == '${lock.machine}'`)}]`,
    `requires-python = ${quote(`==${lock.python}.*`)}`,
    `extras = ${list(lock.extras)}`,
    `dependency-groups = ${list(lock.groups)}`,
    'created-by = "pypackage"',
    ...byName(lock.packages).flatMap((item) => ['', '[[packages]]', ...packageLines(item)]),
    '',
    '[tool.pypackage]',
    `target = ${quote(lock.target)}`,
    ...byName(lock.builds).flatMap((build) => [
      '',
      '[[tool.pypackage.builds]]',
      `name = ${quote(build.name)}`,
      ...byName(build.packages).flatMap((item) => ['', '[[tool.pypackage.builds.packages]]', ...packageLines(item)]),
    ]),
    '',
  ];
  return lines.join('\n');
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function packageLines(item: Unplaced<Committed>): readonly string[] {
  const head = [`name = ${quote(item.name)}`, ...(item.version === undefined ? [] : [`version = ${quote(item.version)}`])];
  switch (item.kind) {
    case 'vcs': {
      const { system, url, commit, subdirectory } = item;
      return [...head, `vcs = ${table({ type: system, url, 'commit-id': commit, subdirectory })}`];
    }
    case 'directory':
      return [...head, `directory = ${table({ path: item.path })}`];
    case 'files': {
      const wheels = item.files.filter(({ kind, file }) => kind === 'wheel' || (kind === 'archive' && file.endsWith('.whl')));
      const sdist = item.files.find(({ kind }) => kind === 'sdist');
      const archive = item.files.find(({ kind }) => kind === 'archive');
      return [
        ...head,
        ...(item.index === undefined ? [] : [`index = ${quote(item.index)}`]),
        ...(archive ? [`archive = ${fileTable(archive, false)}`] : []),
        ...(sdist ? [`sdist = ${fileTable(sdist, true)}`] : []),
        ...(wheels.length > 0 ? ['wheels = [', ...wheels.map((wheel) => `    ${fileTable(wheel, true)},`), ']'] : []),
      ];
    }
  }
}

function fileTable({ file, url, path, size, sha256, subdirectory }: LockedFile, isNamed: boolean): string {
  const hashes = `{ sha256 = ${quote(sha256)} }`;
  const rest = table({ ...(isNamed && { name: file }), url, path, size, subdirectory })
    .slice(1, -1)
    .trim();
  return `{ ${rest}, hashes = ${hashes} }`;
}

/** An inline table of what is there. */
function table(values: Readonly<Record<string, string | number | undefined>>): string {
  const entries = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} = ${typeof value === 'number' ? value : quote(value)}`],
  );
  return `{ ${entries.join(', ')} }`;
}

function list(items: readonly string[]): string {
  return `[${[...items].sort().map(quote).join(', ')}]`;
}

/** A TOML basic string: as JSON's, and DEL is escaped too. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\x7F', '\\u007f');
}
