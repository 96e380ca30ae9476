/** What `[tool.poetry]` asks for, in Poetry's own syntax: https://python-poetry.org/docs/dependency-specification/ */
import { UserError, type Place } from '../errors.js';
import { normalizeName } from '../project/names.js';
import { poetryAlternatives } from '../project/poetry-constraint.js';
import type { Pyproject } from '../project/pyproject.js';
import { parseSpecifiers, parseVersion, satisfies } from '../project/specifiers.js';
import { isTable, lineOf, type TomlTable } from '../project/toml.js';
import { tableOf, textOf, textsOf } from './reading.js';

export interface PoetryDependency {
  /** PEP 503. */
  readonly name: string;
  /** PEP 440; one of them must hold. */
  readonly alternatives: readonly string[];
  /** Normalised. */
  readonly extras: readonly string[];
  /** PEP 508, with what `python` and `platform` say. */
  readonly marker: string | undefined;
  /** Only an extra asks for it. */
  readonly optional: boolean;
  /** Where it comes from when not from an index: `path`, `file`, `git`, `url` and what belongs to them. */
  readonly table: TomlTable;
  /** Name of `[[tool.poetry.source]]` that it is pinned to. */
  readonly index: string | undefined;
  readonly place: Place;
}

export interface PoetryTables {
  readonly dependencies: readonly PoetryDependency[];
  /** By normalised name; `dev` holds `dev-dependencies` too. */
  readonly groups: ReadonlyMap<string, readonly PoetryDependency[]>;
  /** Names of dependencies by normalised extra. */
  readonly extras: ReadonlyMap<string, readonly string[]>;
}

/** undefined where there is no `[tool.poetry]`. */
export function readPoetryTables(pyproject: Pyproject, file: string): PoetryTables | undefined {
  const poetry = tableOf(pyproject.table, 'tool')['poetry'];
  if (!isTable(poetry)) return undefined;
  const read = (path: readonly string[], table: TomlTable): readonly PoetryDependency[] =>
    Object.entries(table).flatMap(([name, value]) => {
      const line = lineOf(pyproject.text, [...path, name]);
      return name === 'python' ? [] : poetryDependencies(name, value, { file, ...(line !== undefined && { line }) });
    });
  const groups = new Map<string, readonly PoetryDependency[]>();
  for (const [name, group] of Object.entries(tableOf(poetry, 'group'))) {
    if (isTable(group)) groups.set(normalizeName(name), read(['tool', 'poetry', 'group', name, 'dependencies'], tableOf(group, 'dependencies')));
  }
  const former = read(['tool', 'poetry', 'dev-dependencies'], tableOf(poetry, 'dev-dependencies'));
  if (former.length > 0) groups.set('dev', [...(groups.get('dev') ?? []), ...former]);
  const extras = tableOf(poetry, 'extras');
  return {
    dependencies: read(['tool', 'poetry', 'dependencies'], tableOf(poetry, 'dependencies')),
    groups,
    extras: new Map(
      Object.keys(extras).map((extra) => [normalizeName(extra), textsOf(extras, extra).map((text) => normalizeName(text.replace(/[\s[(<>=].*$/s, '')))]),
    ),
  };
}

/** One entry of a table of dependencies; a list of tables is several requirements of one name. */
export function poetryDependencies(name: string, value: unknown, place: Place): readonly PoetryDependency[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((item) => {
    const table = typeof item === 'string' ? { version: item } : isTable(item) ? item : undefined;
    const constraint = table && (textOf(table, 'version') ?? '*');
    const alternatives = constraint === undefined ? undefined : poetryAlternatives(constraint);
    if (!table || !alternatives) throw unreadable(name, constraint ?? typeof item, place);
    return {
      name: normalizeName(name),
      alternatives,
      extras: textsOf(table, 'extras').map(normalizeName).sort(),
      marker: markerOf(name, table, place),
      optional: table['optional'] === true,
      table,
      index: textOf(table, 'source'),
      place,
    };
  });
}

export function admitsVersion({ alternatives }: Pick<PoetryDependency, 'alternatives'>, version: string | undefined): boolean {
  const parsed = version === undefined ? undefined : parseVersion(version);
  return !parsed || alternatives.some((text) => satisfies(parsed, parseSpecifiers(text) ?? [], version));
}

function markerOf(name: string, table: TomlTable, place: Place): string | undefined {
  const python = textOf(table, 'python');
  const platform = textOf(table, 'platform');
  const markers = [
    textOf(table, 'markers'),
    python === undefined ? undefined : pythonMarker(name, python, place),
    platform === undefined ? undefined : platformMarker(platform),
  ];
  const known = markers.filter((marker) => marker !== undefined && marker !== '');
  return known.length === 0 ? undefined : known.length === 1 ? known[0] : known.map((marker) => `(${marker})`).join(' and ');
}

/** `^3.9` → `python_full_version >= "3.9" and python_full_version < "4"` */
function pythonMarker(name: string, constraint: string, place: Place): string {
  const alternatives = poetryAlternatives(constraint);
  if (!alternatives) throw unreadable(name, constraint, place);
  if (alternatives.includes('')) return '';
  return alternatives
    .map((text) =>
      text
        .split(',')
        .map((bound) => {
          const [, operator = '', version = ''] = /^([<>=!~]+)(.*)$/.exec(bound) ?? [];
          // "3.11" alone is every 3.11.x.
          const variable = operator === '==' && /^\d+\.\d+$/.test(version) ? 'python_version' : 'python_full_version';
          return `${variable} ${operator} "${version}"`;
        })
        .join(' and '),
    )
    .join(' or ');
}

function platformMarker(constraint: string): string {
  return constraint
    .split(/\s*\|\|?\s*/)
    .map((part) => (part.startsWith('!') ? `sys_platform != "${part.replace(/^!=?/, '').trim()}"` : `sys_platform == "${part.replace(/^==?/, '').trim()}"`))
    .join(' or ');
}

function unreadable(name: string, constraint: string, place: Place): UserError {
  return new UserError({
    kind: 'project',
    code: place.file.endsWith('pyproject.toml') ? 'pyproject-invalid' : 'lock-invalid',
    message: `The constraint "${constraint}" of ${name} in ${place.file} cannot be read`,
    where: place,
    why: 'Constraints of Poetry are such as "^1.2", "~1.2", ">=1,<3" and "1.2.*"',
  });
}
