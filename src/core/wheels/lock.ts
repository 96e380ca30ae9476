/** pylock.toml: our one internal form of a lock. https://packaging.python.org/en/latest/specifications/pylock-toml/ (PEP 751) */
import { UserError } from '../errors.js';
import { comparePaths } from '../project/sources.js';
import { isStringList, isTable, lineOf, lineOfString, linesOfTables, parseToml, typeName, type TomlTable } from '../project/toml.js';
import { normalizeName } from '../project/names.js';
import type { LockEnvironment } from '../locks/locked.js';

export interface LockedWheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** Relative to the lock's folder, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** What it was built from or downloaded as, when known. */
  readonly origin?: { readonly url: string; readonly sha256: string; readonly kind: 'wheel' | 'sdist' };
  readonly role: 'application' | 'dependency';
}

export interface WheelhouseLock {
  /** `3.13` */
  readonly python: string;
  readonly extras: readonly string[];
  readonly wheels: readonly LockedWheel[];
  /** Our fingerprints of the two wheel images. */
  readonly fingerprints: { readonly application: string; readonly dependencies: string };
  /** What the wheels were made for, of the base image; undefined in locks of earlier versions. */
  readonly environment?: LockEnvironment;
}

/** The same lock gives the same text. `tool.pypackage` holds what PEP 751 has no place for. */
export function writeLock(lock: WheelhouseLock): string {
  const lines = [
    'lock-version = "1.0"',
    `requires-python = ${quote(`==${lock.python}.*`)}`,
    'created-by = "pypackage"',
    ...[...lock.wheels].sort((a, b) => comparePaths(normalizeName(a.name), normalizeName(b.name)) || comparePaths(a.file, b.file)).flatMap(packageLines),
    '',
    '[tool.pypackage]',
    `python = ${quote(lock.python)}`,
    `extras = [${[...lock.extras].sort().map(quote).join(', ')}]`,
    `application = ${quote(lock.fingerprints.application)}`,
    `dependencies = ${quote(lock.fingerprints.dependencies)}`,
    ...(lock.environment ? [environmentLine(lock.environment)] : []),
    '',
  ];
  return lines.join('\n');
}

function environmentLine({ python, machine, glibc }: LockEnvironment): string {
  return `environment = { python = ${quote(python)}, machine = ${quote(machine)}, glibc = ${quote(glibc)} }`;
}

function packageLines(wheel: LockedWheel): readonly string[] {
  const { file, path, size, sha256, origin } = wheel;
  return [
    '',
    '[[packages]]',
    `name = ${quote(normalizeName(wheel.name))}`,
    `version = ${quote(wheel.version)}`,
    `wheels = [{ name = ${quote(file)}, path = ${quote(path)}, size = ${size}, hashes = { sha256 = ${quote(sha256)} } }]`,
    '',
    '[packages.tool.pypackage]',
    `role = ${quote(wheel.role)}`,
    ...(origin ? [`origin = { kind = ${quote(origin.kind)}, url = ${quote(origin.url)}, sha256 = ${quote(origin.sha256)} }`] : []),
  ];
}

/** A TOML basic string: as JSON's, and DEL is escaped too. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\x7F', '\\u007f');
}

/**
 * @param file how messages name it
 * @throws UserError `lock-invalid` with the line
 */
export function readLock(text: string, file: string): WheelhouseLock {
  const reader = new LockReader(text, file);
  const packages = reader.packages();
  const tool = reader.table(reader.table(reader.root, ['tool']), ['tool', 'pypackage']);
  const extras = tool['extras'];
  if (!isStringList(extras)) throw reader.wrong(['tool', 'pypackage', 'extras'], 'an array of strings', extras);
  return {
    python: reader.string(tool, ['tool', 'pypackage', 'python']),
    extras,
    wheels: packages.map((item) => readPackage(reader, item)),
    fingerprints: {
      application: reader.string(tool, ['tool', 'pypackage', 'application']),
      dependencies: reader.string(tool, ['tool', 'pypackage', 'dependencies']),
    },
    ...(tool['environment'] !== undefined && { environment: readEnvironment(reader, tool) }),
  };
}

function readEnvironment(reader: LockReader, tool: TomlTable): LockEnvironment {
  const path = ['tool', 'pypackage', 'environment'];
  const table = reader.table(tool, path);
  const text = (key: string): string => reader.string(table, [...path, key]);
  return { python: text('python'), machine: text('machine'), glibc: text('glibc') };
}

function readPackage(reader: LockReader, item: LockPackage): LockedWheel {
  const [wheel, more] = reader.tables(item, 'wheels');
  if (!wheel || more) throw reader.error(item.line, `${item.name} has ${wheel ? 'more than one wheel' : 'no wheel'}`);
  const version = reader.stringIn(item, item.table, 'version');
  const path = reader.stringIn(item, wheel, 'path');
  if (path.startsWith('/') || path.includes('\\') || path.split('/').includes('..'))
    throw reader.error(item.line, `the path "${path}" of ${item.name} leads out of the lock's folder`);
  const size = wheel['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw reader.error(item.line, `the wheel of ${item.name} has no size`);
  const tool = isTable(item.table['tool']) && isTable(item.table['tool']['pypackage']) ? item.table['tool']['pypackage'] : {};
  const role = tool['role'];
  if (role !== 'application' && role !== 'dependency') throw reader.error(item.line, `${item.name} is neither application nor dependency`);
  const file = path.split('/').at(-1) ?? path;
  const origin = tool['origin'];
  return {
    name: item.name,
    version,
    file: typeof wheel['name'] === 'string' ? wheel['name'] : file,
    path,
    size,
    sha256: reader.sha256(item, wheel),
    role,
    ...(isTable(origin) && { origin: readOrigin(reader, item, origin) }),
  };
}

function readOrigin(
  reader: LockReader,
  item: LockPackage,
  origin: TomlTable,
): { readonly url: string; readonly sha256: string; readonly kind: 'wheel' | 'sdist' } {
  const kind = reader.stringIn(item, origin, 'kind');
  if (kind !== 'wheel' && kind !== 'sdist') throw reader.error(item.line, `the origin of ${item.name} is neither wheel nor sdist`);
  return { kind, url: reader.stringIn(item, origin, 'url'), sha256: reader.stringIn(item, origin, 'sha256') };
}

export interface LockPackage {
  readonly name: string;
  readonly table: TomlTable;
  readonly line: number | undefined;
}

/** What every pylock.toml has, whoever wrote it; errors name file and line. */
export class LockReader {
  readonly root: TomlTable;
  private lines: readonly string[] | undefined;

  constructor(
    readonly text: string,
    readonly file: string,
  ) {
    this.root = parseToml(text, { file, code: 'lock-invalid' });
    const version = this.string(this.root, ['lock-version']);
    if (!/^1\.\d+$/.test(version)) throw this.error(lineOf(text, ['lock-version']), `it is of version ${version}, and only version 1.0 is known`);
  }

  packages(): readonly LockPackage[] {
    const packages = this.root['packages'];
    // PEP 751 requires the key, but pip writes none when there is nothing to lock.
    if (packages === undefined) return [];
    if (!Array.isArray(packages)) throw this.wrong(['packages'], 'an array of tables', packages);
    const lines = linesOfTables(this.text, 'packages');
    let from: number | undefined = 1;
    return packages.map((table: unknown, i) => {
      if (!isTable(table)) throw this.wrong(['packages'], 'an array of tables', table);
      const name = table['name'];
      if (typeof name !== 'string') throw this.error(lines[i] ?? from, 'a package has no name');
      const line = lines.length === packages.length ? this.lineOfName(lines[i] ?? 1, name) : lineOfString(this.text, from, name);
      if (line !== undefined) from = line;
      return { name, table, line };
    });
  }

  /** Below `[[packages]]`; a search through the text for each of hundreds would take long. */
  private lineOfName(header: number, name: string): number {
    this.lines ??= this.text.split('\n');
    for (let line = header; line < header + 5; line++)
      if (/^\s*name\s*=/.test(this.lines[line] ?? '') && (this.lines[line] ?? '').includes(name)) return line + 1;
    return header;
  }

  table(parent: TomlTable, path: readonly string[]): TomlTable {
    const value = parent[path.at(-1) ?? ''];
    if (!isTable(value)) throw this.wrong(path, 'a table', value);
    return value;
  }

  string(parent: TomlTable, path: readonly string[]): string {
    const value = parent[path.at(-1) ?? ''];
    if (typeof value !== 'string') throw this.wrong(path, 'a string', value);
    return value;
  }

  stringIn(item: LockPackage, table: TomlTable, key: string): string {
    const value = table[key];
    if (typeof value !== 'string') throw this.error(item.line, `${key} of ${item.name} must be a string`);
    return value;
  }

  /** The tables of a list that a package may have. */
  tables(item: LockPackage, key: string): readonly TomlTable[] {
    const value = item.table[key];
    if (value === undefined) return [];
    if (!Array.isArray(value) || !value.every(isTable)) throw this.error(item.line, `${key} of ${item.name} must be an array of tables`);
    return value;
  }

  sha256(item: LockPackage, artifact: TomlTable): string {
    const hashes = artifact['hashes'];
    const sha256 = isTable(hashes) ? hashes['sha256'] : undefined;
    if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
    throw this.error(item.line, `${item.name} has no sha256`);
  }

  wrong(path: readonly string[], expected: string, value: unknown): UserError {
    const found = value === undefined ? 'is missing' : `must be ${expected}, not ${typeName(value)}`;
    return this.error(lineOf(this.text, path), `${path.join('.')} ${found}`);
  }

  error(line: number | undefined, what: string): UserError {
    return new UserError({
      kind: 'project',
      code: 'lock-invalid',
      message: `${this.file} is no valid lock: ${what}`,
      where: { file: this.file, ...(line !== undefined && { line }) },
    });
  }
}
