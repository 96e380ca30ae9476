/** Dependency groups. https://packaging.python.org/en/latest/specifications/dependency-groups/ (PEP 735) */
import { UserError } from '../errors.js';
import type { Place } from '../errors.js';
import { checkRequirement, invalid } from '../project/metadata.js';
import { nearestName, normalizeName } from '../project/names.js';
import { PYPROJECT } from '../project/pyproject.js';
import type { Pyproject } from '../project/pyproject.js';
import { isStringList, isTable, lineOf, lineOfString, typeName } from '../project/toml.js';
import type { TomlTable } from '../project/toml.js';

interface Group {
  /** As it is written. */
  readonly name: string;
  readonly path: readonly string[];
  readonly entries: readonly unknown[];
}

/**
 * The requirements of the wanted groups with those they include, in the order of the file, each once. `dev` is also what uv calls
 * `tool.uv.dev-dependencies`.
 * @param names normalised
 * @throws UserError `unknown-group`, `group-cycle`, `pyproject-invalid` with the line
 */
export function groupRequirements(source: Pyproject | undefined, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const groups = source ? readGroups(source) : new Map<string, Group>();
  const found = new Set<string>();
  for (const name of names) for (const requirement of expand(source, groups, name, [])) found.add(requirement);
  return [...found];
}

function readGroups(source: Pyproject): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const tables = source.table['dependency-groups'];
  if (tables !== undefined && !isTable(tables)) throw wrong(source, ['dependency-groups'], 'a table', tables);
  for (const [name, entries] of Object.entries(tables ?? {})) {
    const path = ['dependency-groups', name];
    if (!Array.isArray(entries)) throw wrong(source, path, 'an array', entries);
    const known = groups.get(normalizeName(name));
    if (known) {
      throw invalid(
        placeOf(source, path),
        `The group "${name}" is declared twice in ${PYPROJECT}`,
        `${known.name} is the same: names that differ only in case, "-", "_" and "." are (PEP 735)`,
      );
    }
    groups.set(normalizeName(name), { name, path, entries });
  }
  const development = developmentOfUv(source.table);
  if (development && !groups.has('dev')) groups.set('dev', { name: 'dev', path: ['tool', 'uv', 'dev-dependencies'], entries: development });
  return groups;
}

function developmentOfUv(table: TomlTable): readonly string[] | undefined {
  const tool = table['tool'];
  const uv = isTable(tool) ? tool['uv'] : undefined;
  const list = isTable(uv) ? uv['dev-dependencies'] : undefined;
  return isStringList(list) ? list : undefined;
}

function expand(source: Pyproject | undefined, groups: ReadonlyMap<string, Group>, name: string, within: readonly Group[]): readonly string[] {
  const group = groups.get(name);
  const around = within.at(-1);
  if (!source || !group) throw unknownGroup(name, groups, source && placeOf(source, around?.path ?? ['dependency-groups'], name));
  if (within.includes(group)) {
    const circle = [...within.slice(within.indexOf(group)), group].map((item) => item.name).join(' → ');
    throw new UserError({
      kind: 'project',
      code: 'group-cycle',
      message: `The dependency group ${group.name} includes itself`,
      where: placeOf(source, around?.path ?? group.path),
      why: circle,
      fix: 'Remove one of these include-group entries',
    });
  }
  return group.entries.flatMap((entry) => {
    if (typeof entry === 'string') return [checkRequirement(entry, placeOf(source, group.path, entry))];
    const included = isTable(entry) && Object.keys(entry).length === 1 ? entry['include-group'] : undefined;
    if (typeof included !== 'string') throw wrong(source, group.path, 'requirements and tables { include-group = "…" }', entry);
    return expand(source, groups, normalizeName(included), [...within, group]);
  });
}

function unknownGroup(name: string, groups: ReadonlyMap<string, Group>, where: Place | undefined): UserError {
  const known = [...groups.values()].map((group) => group.name).sort();
  const nearest = nearestName(name, groups.keys());
  return new UserError({
    kind: 'project',
    code: 'unknown-group',
    message: `There is no dependency group named ${name}`,
    where: where ?? { file: PYPROJECT },
    why: known.length > 0 ? `The groups are ${known.join(', ')}` : `${PYPROJECT} declares no [dependency-groups]`,
    ...(nearest === undefined ? {} : { fix: `Did you mean ${groups.get(nearest)?.name ?? nearest}?` }),
  });
}

function placeOf(source: Pyproject, path: readonly string[], value?: string): Place {
  const at = lineOf(source.text, path);
  const line = value === undefined ? at : lineOfString(source.text, at, value);
  return { file: PYPROJECT, ...(line !== undefined && { line }) };
}

function wrong(source: Pyproject, path: readonly string[], expected: string, value: unknown): UserError {
  return invalid(placeOf(source, path), `${path.join('.')} in ${PYPROJECT} must be ${expected}, not ${typeName(value)}`);
}
