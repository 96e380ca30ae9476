/** `pylock.TARGET.toml`: the lock of one variant, to be committed. PEP 751, with what it has no place for in `tool.pypackage`. */
import { createHash } from 'node:crypto';
import type { OpenRequirements, LockedBuild, LockedDistribution, LockedFile, LockedPackage, LockEnvironment, ProjectLock } from './locked.js';
import { isTable, lineOf, lineOfString, type TomlTable } from '../project/toml.js';
import { LockReader, quote } from '../wheels/lock.js';
import { staleLock } from './problems.js';
import { normalBounds } from './stale.js';
import { formatRequirement, parseRequirement } from '../project/requirement.js';
import { sortedPackages, tablesOf, textOf, withoutLogin } from './reading.js';
import { allFilesOf } from './pylock.js';

export interface Pylock {
  readonly target: string;
  readonly environment: LockEnvironment;
  /** Normalised. */
  readonly extras: readonly string[];
  readonly groups: readonly string[];
  /** `requirementsDigest` of what was resolved. */
  readonly digest: string;
  readonly packages: readonly LockedPackage[];
  readonly builds: readonly LockedBuild[];
}

export interface PylockTool {
  readonly target: string;
  /** `3.13` */
  readonly python: string;
  readonly digest: NonNullable<ProjectLock['digest']>;
  readonly builds: readonly LockedBuild[];
}

/** Counts what is resolved, not what is read: bump it when the same requirements must be resolved anew. */
const DIGEST_FORMAT = 1;

/** Of what a lock is made from: with other requirements, or others to build with, it is stale. */
export function requirementsDigest(
  { requirements, constraints, folders, files, options }: OpenRequirements,
  more: { readonly extras: readonly string[]; readonly groups: readonly string[]; readonly buildRequires: readonly string[] },
): string {
  const located = (items: readonly { readonly name: string; readonly path: string; readonly extras: readonly string[] }[]) =>
    items.map(({ name, path, extras }) => `${name}[${[...extras].sort().join(',')}] ${path}`).sort();
  const content = {
    format: DIGEST_FORMAT,
    requirements: normalRequirements(requirements),
    constraints: normalRequirements(constraints),
    folders: located(folders),
    files: located(files),
    indexes: options.indexes.map(({ name, url, packages, searched, isDefault }) => [name, withoutLogin(url), [...packages].sort(), searched, isDefault]),
    options: [options.noIndex, options.findLinks, options.noBinary, options.onlyBinary, options.preferBinary, options.pre],
    extras: [...more.extras].sort(),
    groups: [...more.groups].sort(),
    buildRequires: normalRequirements(more.buildRequires),
  };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Backends write requirements in forms of their own, so that a wheel's differ from the project's. What is here has a marker that holds. */
function normalRequirements(texts: readonly string[]): readonly string[] {
  return texts
    .map((text) => {
      const parsed = parseRequirement(text);
      return parsed ? formatRequirement({ ...parsed, specifierText: normalBounds(parsed.specifierText), marker: undefined }) : text;
    })
    .sort();
}

/**
 * For a lock of ours. A project with dynamic metadata has its requirements only when its wheel is built.
 * @param now digest of what the project asks for now
 * @throws UserError `lock-stale`
 */
export function checkDigest({ file, format, digest }: Pick<ProjectLock, 'file' | 'format' | 'digest'>, now: string): void {
  if (digest === undefined || digest.sha256 === now) return;
  throw staleLock(format, file, digest.place, 'the requirements have changed since it was made');
}

/**
 * The same lock gives the same text.
 * @throws TypeError for packages without files (hashed requirements), which PEP 751 cannot say
 */
export function writePylock(lock: Pylock): string {
  const { target, environment, extras, groups, digest, packages, builds } = lock;
  const python = environment.python.split('.').slice(0, 2).join('.');
  const lines = [
    'lock-version = "1.0"',
    `environments = [${quote(`sys_platform == 'linux' and platform_machine == '${environment.machine}' and implementation_name == 'cpython'`)}]`,
    `requires-python = ${quote(`==${python}.*`)}`,
    'created-by = "pypackage"',
    ...sortedPackages(packages).flatMap((item) => ['', '[[packages]]', ...packageLines(item)]),
    '',
    '[tool.pypackage]',
    `target = ${quote(target)}`,
    `python = ${quote(python)}`,
    `glibc = ${quote(environment.glibc)}`,
    `extras = [${[...extras].sort().map(quote).join(', ')}]`,
    `groups = [${[...groups].sort().map(quote).join(', ')}]`,
    `requirements = ${quote(digest)}`,
    ...[...builds].sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap(buildLines),
    '',
  ];
  return lines.join('\n');
}

function packageLines(item: LockedPackage): readonly string[] {
  const head = [`name = ${quote(item.name)}`, ...(item.version === undefined ? [] : [`version = ${quote(item.version)}`])];
  switch (item.kind) {
    case 'directory':
      return [...head, `directory = { path = ${quote(item.path)} }`];
    case 'vcs': {
      const { system, url, commit, subdirectory } = item;
      return [
        ...head,
        `vcs = { type = ${quote(system)}, url = ${quote(url)}, commit-id = ${quote(commit)}${subdirectory === undefined ? '' : `, subdirectory = ${quote(subdirectory)}`} }`,
      ];
    }
    case 'files':
      return [...head, ...(item.index === undefined ? [] : [`index = ${quote(item.index)}`]), ...fileLines(item)];
    case 'hashes':
      throw new TypeError(`${item.name} has hashes and no files`);
  }
}

function fileLines({ name, files }: LockedDistribution): readonly string[] {
  const archive = files.find(({ kind }) => kind === 'archive');
  if (archive) return [`archive = ${fileTable(name, archive)}`];
  const sdist = files.find(({ kind }) => kind === 'sdist');
  const wheels = files.filter(({ kind }) => kind === 'wheel');
  return [
    ...(sdist ? [`sdist = ${fileTable(name, sdist)}`] : []),
    ...(wheels.length > 0 ? ['wheels = [', ...wheels.map((wheel) => `  ${fileTable(name, wheel)},`), ']'] : []),
  ];
}

function fileTable(name: string, { kind, file, url, path, sha256, size, subdirectory }: LockedFile): string {
  if (url === undefined && path === undefined) throw new TypeError(`${file} of ${name} has neither url nor path`);
  const keys = [
    // PEP 751 gives archives no name of their own.
    ...(kind === 'archive' ? [] : [`name = ${quote(file)}`]),
    url === undefined ? `path = ${quote(path ?? '')}` : `url = ${quote(url)}`,
    ...(size === undefined ? [] : [`size = ${size}`]),
    ...(subdirectory === undefined ? [] : [`subdirectory = ${quote(subdirectory)}`]),
    `hashes = { sha256 = ${quote(sha256)} }`,
  ];
  return `{ ${keys.join(', ')} }`;
}

function buildLines({ name, packages }: LockedBuild): readonly string[] {
  return [
    '',
    '[[tool.pypackage.builds]]',
    `name = ${quote(name)}`,
    ...sortedPackages(packages).flatMap((item) => ['', '[[tool.pypackage.builds.packages]]', ...packageLines(item)]),
  ];
}

/**
 * undefined for a lock that another tool wrote.
 * @throws UserError `lock-invalid`, `lock-hash-missing` with the line
 */
export function readPylockTool(text: string, file: string): PylockTool | undefined {
  const reader = new LockReader(text, file);
  const tool = reader.root['tool'];
  const own = isTable(tool) ? tool['pypackage'] : undefined;
  if (!isTable(own) || own['requirements'] === undefined) return undefined;
  const line = lineOf(text, ['tool', 'pypackage', 'requirements']);
  return {
    target: reader.string(own, ['tool', 'pypackage', 'target']),
    python: reader.string(own, ['tool', 'pypackage', 'python']),
    digest: { sha256: reader.string(own, ['tool', 'pypackage', 'requirements']), place: { file, ...(line !== undefined && { line }) } },
    builds: tablesOf(own, 'builds').map((table) => ({
      name: reader.string(table, ['tool', 'pypackage', 'builds', 'name']),
      packages: tablesOf(table, 'packages').map((item) => readBuildPackage(reader, item)),
    })),
  };
}

function readBuildPackage(reader: LockReader, table: TomlTable): LockedDistribution {
  const name = reader.string(table, ['tool', 'pypackage', 'builds', 'packages', 'name']);
  const line = lineOf(reader.text, ['tool', 'pypackage', 'builds']);
  const item = { name, table, line: lineOfString(reader.text, line, name) };
  return { ...allFilesOf(reader, item), version: textOf(table, 'version') };
}
