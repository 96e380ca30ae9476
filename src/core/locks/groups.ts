/** Dependency groups: PEP 735, Poetry's, uv's `dev-dependencies` and PDM's. https://packaging.python.org/en/latest/specifications/dependency-groups/ */
import { UserError, type Place } from '../errors.js';
import { isValidName, normalizeName } from '../project/names.js';
import { PYPROJECT, type Pyproject } from '../project/pyproject.js';
import { formatRequirement, parseRequirement } from '../project/requirement.js';
import { isStringList, isTable, lineOf, lineOfString, typeName } from '../project/toml.js';
import { readPoetryTables, type PoetryDependency } from './poetry-table.js';
import { unknownGroup } from './problems.js';
import { tableOf } from './reading.js';

export interface GroupRequirement {
  /** PEP 508. */
  readonly text: string;
  readonly place: Place;
}

export interface DependencyGroups {
  /** Normalised. */
  readonly names: ReadonlySet<string>;
  /**
   * With those of the groups that it includes; none for a name that is not there. A group that nobody asks for is not judged.
   * @throws UserError `groups-invalid`, `groups-cycle`, `unknown-group` with the line
   */
  readonly requirementsOf: (name: string) => readonly GroupRequirement[];
  /** Where they are declared, or would be. */
  readonly place: Place;
}

const DEV = 'dev';

/** Tools that keep groups in tables of their own, beside `[dependency-groups]`. */
export type GroupTool = 'poetry' | 'uv' | 'pdm';

const ALL_TOOLS: ReadonlySet<GroupTool> = new Set(['poetry', 'uv', 'pdm']);

/** @throws UserError `groups-invalid` for names that are none, or there twice */
export function readGroups(pyproject: Pyproject | undefined, tools: ReadonlySet<GroupTool> = ALL_TOOLS, file: string = PYPROJECT): DependencyGroups {
  if (!pyproject) return { names: new Set(), requirementsOf: () => [], place: { file } };
  const reader = new GroupReader(pyproject, file);
  const groups = reader.read(tools);
  return {
    names: new Set(groups.keys()),
    requirementsOf: (name) => (groups.get(name) ?? []).flatMap((read) => read()),
    place: reader.placeOf(['dependency-groups']),
  };
}

/**
 * Returns the groups normalised, sorted and without repetition.
 * @throws UserError `unknown-group`
 */
export function checkGroups(name: string, { names: known, place }: DependencyGroups, wanted: readonly string[]): readonly string[] {
  const names = [...new Set(wanted.map(normalizeName))].sort();
  const unknown = names.find((group) => !known.has(group));
  if (unknown !== undefined) throw unknownGroup(name, unknown, known, place);
  return names;
}

class GroupReader {
  constructor(
    private readonly pyproject: Pyproject,
    private readonly file: string,
  ) {}

  /** What each group holds, from each of the tables where it may stand. */
  read(tools: ReadonlySet<GroupTool>): ReadonlyMap<string, readonly (() => readonly GroupRequirement[])[]> {
    const groups = new Map<string, readonly (() => readonly GroupRequirement[])[]>();
    const add = (name: string, read: () => readonly GroupRequirement[]): void => {
      groups.set(name, [...(groups.get(name) ?? []), read]);
    };
    const written = this.standardNames();
    for (const name of written.keys()) add(name, () => this.resolve(name, written, []));
    const poetry = tools.has('poetry') ? readPoetryTables(this.pyproject, this.file) : undefined;
    for (const [name, dependencies] of poetry?.groups ?? []) add(name, () => dependencies.map(poetryRequirement));
    const tool = tableOf(this.pyproject.table, 'tool');
    const ofUv = tableOf(tool, 'uv')['dev-dependencies'];
    if (ofUv !== undefined && tools.has('uv')) add(DEV, () => this.list(['tool', 'uv', 'dev-dependencies'], ofUv));
    for (const [name, listed] of Object.entries(tools.has('pdm') ? tableOf(tableOf(tool, 'pdm'), 'dev-dependencies') : {})) {
      // `-e file:///${PROJECT_ROOT}/lib#egg=lib` is read with the other sources.
      add(normalizeName(name), () => this.list(['tool', 'pdm', 'dev-dependencies', name], listed, /^-e\s/));
    }
    return groups;
  }

  /** Normalised → as written. */
  private standardNames(): ReadonlyMap<string, string> {
    const section = this.pyproject.table['dependency-groups'];
    if (section === undefined) return new Map();
    if (!isTable(section)) throw this.invalid(['dependency-groups'], `dependency-groups in ${this.file} must be a table, not ${typeName(section)}`);
    const names = new Map<string, string>();
    for (const name of Object.keys(section)) {
      if (!isValidName(name)) throw this.invalid(['dependency-groups', name], `The group "${name}" in ${this.file} has no valid name`);
      const before = names.get(normalizeName(name));
      if (before !== undefined) {
        throw this.invalid(
          ['dependency-groups', name],
          `The group "${normalizeName(name)}" is declared twice in ${this.file}`,
          `It stands there as ${before} and as ${name}; names that differ only in case, "-", "_" and "." are the same (PEP 735)`,
        );
      }
      names.set(normalizeName(name), name);
    }
    return names;
  }

  private resolve(name: string, written: ReadonlyMap<string, string>, chain: readonly string[]): readonly GroupRequirement[] {
    const path = ['dependency-groups', written.get(name) ?? name];
    if (chain.includes(name)) {
      const from = ['dependency-groups', written.get(chain.at(-1) ?? name) ?? name];
      throw new UserError({
        kind: 'project',
        code: 'groups-cycle',
        message: `The group ${chain.at(-1) ?? name} in ${this.file} includes ${name}, which includes it`,
        where: this.placeOfItem(from, written.get(name) ?? name),
        why: `Groups include each other: ${[...chain.slice(chain.indexOf(name)), name].join(' → ')}`,
        fix: 'Remove one of the include-group entries',
      });
    }
    const value = tableOf(this.pyproject.table, 'dependency-groups')[path[1] ?? ''];
    if (!Array.isArray(value)) throw this.invalid(path, `The group ${path[1] ?? name} in ${this.file} must be an array, not ${typeName(value)}`);
    return value.flatMap((item: unknown) => {
      if (typeof item === 'string') return [this.requirement(path, item)];
      const included = isTable(item) && Object.keys(item).length === 1 ? item['include-group'] : undefined;
      if (typeof included !== 'string') {
        throw this.invalid(path, `The group ${path[1] ?? name} in ${this.file} holds something that is neither a requirement nor an include-group`);
      }
      if (!written.has(normalizeName(included))) {
        throw unknownGroup(this.file, normalizeName(included), written.keys(), this.placeOfItem(path, included));
      }
      return this.resolve(normalizeName(included), written, [...chain, name]);
    });
  }

  private list(path: readonly string[], value: unknown, skipped?: RegExp): readonly GroupRequirement[] {
    if (!isStringList(value)) throw this.invalid(path, `${path.join('.')} in ${this.file} must be an array of strings, not ${typeName(value)}`);
    return value.filter((text) => !skipped?.test(text)).map((text) => this.requirement(path, text));
  }

  private requirement(path: readonly string[], text: string): GroupRequirement {
    const place = this.placeOfItem(path, text);
    if (parseRequirement(text)) return { text: text.trim(), place };
    throw new UserError({
      kind: 'project',
      code: 'groups-invalid',
      message: `The dependency "${text}" in ${this.file} is no valid requirement (PEP 508)`,
      where: place,
      fix: 'Write the name, then its versions, such as "pytest>=8,<9"',
    });
  }

  placeOf(path: readonly string[]): Place {
    const line = lineOf(this.pyproject.text, path);
    return { file: this.file, ...(line !== undefined && { line }) };
  }

  private placeOfItem(path: readonly string[], text: string): Place {
    const line = lineOfString(this.pyproject.text, lineOf(this.pyproject.text, path), text);
    return { file: this.file, ...(line !== undefined && { line }) };
  }

  private invalid(path: readonly string[], message: string, why?: string): UserError {
    return new UserError({ kind: 'project', code: 'groups-invalid', message, where: this.placeOf(path), ...(why !== undefined && { why }) });
  }
}

/**
 * As PEP 508 writes it, without where it comes from.
 * @throws UserError `groups-invalid` for alternatives, which PEP 508 cannot say
 */
export function poetryRequirement(dependency: PoetryDependency): GroupRequirement {
  const { name, alternatives, extras, marker, place } = dependency;
  const [specifierText = ''] = alternatives;
  if (alternatives.length > 1 && !alternatives.includes('')) {
    throw new UserError({
      kind: 'project',
      code: 'groups-invalid',
      message: `${name} in ${place.file} has alternatives (${alternatives.join(' || ')}), which no requirement of PEP 508 can say`,
      where: place,
      fix: 'Lock the project with poetry lock, or write one range of versions',
    });
  }
  return { text: formatRequirement({ name, extras, specifierText: alternatives.includes('') ? '' : specifierText, url: undefined, marker }), place };
}
