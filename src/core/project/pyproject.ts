/** pyproject.toml: PEP 518 (build-system), PEP 621 (project), and what Poetry wrote before PEP 621. */
import { lineOf, lineOfString, isStringList, isTable, typeName, type TomlTable } from './toml.js';
import { checkRequirement, checkRequiresPython, checkVersion, DEFAULT_BUILD_SYSTEM, invalid, type Metadata } from './metadata.js';
import { isValidName, normalizeName } from './names.js';
import { poetryAlternatives } from './poetry-constraint.js';
import type { BuildSystem } from './project.js';
import type { Place, UserError } from '../errors.js';

export const PYPROJECT = 'pyproject.toml';

export interface Pyproject {
  readonly text: string;
  readonly table: TomlTable;
}

function place(source: Pyproject, ...path: readonly string[]): Place {
  const line = lineOf(source.text, path);
  return { file: PYPROJECT, ...(line !== undefined && { line }) };
}

function placeOfItem(source: Pyproject, path: readonly string[], value: string): Place {
  const line = lineOfString(source.text, lineOf(source.text, path), value);
  return { file: PYPROJECT, ...(line !== undefined && { line }) };
}

function wrongType(source: Pyproject, path: readonly string[], expected: string, value: unknown): UserError {
  return invalid(place(source, ...path), `${path.join('.')} in ${PYPROJECT} must be ${expected}, not ${typeName(value)}`);
}

/** Reads a list of strings; undefined when the key is absent. */
function stringList(source: Pyproject, table: TomlTable, path: readonly string[]): readonly string[] | undefined {
  const value = table[path.at(-1) ?? ''];
  if (value === undefined) return undefined;
  if (!isStringList(value)) throw wrongType(source, path, 'an array of strings', Array.isArray(value) ? value.find((item) => typeof item !== 'string') : value);
  return value;
}

function string(source: Pyproject, table: TomlTable, path: readonly string[]): string | undefined {
  const value = table[path.at(-1) ?? ''];
  if (value === undefined || typeof value === 'string') return value;
  throw wrongType(source, path, 'a string', value);
}

function table(source: Pyproject, parent: TomlTable, path: readonly string[]): TomlTable | undefined {
  const value = parent[path.at(-1) ?? ''];
  if (value === undefined || isTable(value)) return value;
  throw wrongType(source, path, 'a table', value);
}

export function readBuildSystem(source: Pyproject): BuildSystem {
  const section = table(source, source.table, ['build-system']);
  if (!section) return DEFAULT_BUILD_SYSTEM;
  const requires = stringList(source, section, ['build-system', 'requires']);
  if (!requires) {
    throw invalid(
      place(source, 'build-system'),
      `build-system in ${PYPROJECT} has no requires`,
      'PEP 518 wants the list of what building needs',
      'Add requires = ["setuptools>=77"], or your backend',
    );
  }
  for (const requirement of requires) checkRequirement(requirement, placeOfItem(source, ['build-system', 'requires'], requirement));
  return {
    requires,
    backend: string(source, section, ['build-system', 'build-backend']) ?? DEFAULT_BUILD_SYSTEM.backend,
    backendPath: stringList(source, section, ['build-system', 'backend-path']) ?? [],
  };
}

/** The `[project]` table; undefined when there is none. https://packaging.python.org/en/latest/specifications/pyproject-toml/ */
export function readProjectTable(source: Pyproject): Metadata | undefined {
  const project = table(source, source.table, ['project']);
  if (!project) return undefined;
  const dynamic = new Set(stringList(source, project, ['project', 'dynamic']) ?? []);
  for (const key of dynamic) {
    if (key === 'name') throw invalid(place(source, 'project', 'dynamic'), `project.dynamic in ${PYPROJECT} lists name, which must be static (PEP 621)`);
    if (project[key] !== undefined) {
      throw invalid(
        place(source, 'project', key),
        `project.${key} in ${PYPROJECT} is both set and listed in project.dynamic`,
        undefined,
        'Remove it from project.dynamic, or remove the key',
      );
    }
  }
  const requiresPython = string(source, project, ['project', 'requires-python']);
  const requiresPlace = place(source, 'project', 'requires-python');
  return {
    file: PYPROJECT,
    name: readName(source, project),
    version: readVersion(source, project, dynamic),
    requiresPython: requiresPython === undefined ? undefined : { text: checkRequiresPython(requiresPython, requiresPlace), place: requiresPlace },
    buildSystem: readBuildSystem(source),
    dependencies: dynamic.has('dependencies') ? undefined : readDependencies(source, project),
    extras: dynamic.has('optional-dependencies') ? undefined : readExtras(source, project),
    extrasPlace: place(source, 'project', 'optional-dependencies'),
  };
}

function readName(source: Pyproject, project: TomlTable): string {
  const name = string(source, project, ['project', 'name']);
  if (name === undefined)
    throw invalid(place(source, 'project'), `project in ${PYPROJECT} has no name`, undefined, 'Add name = "your-application" below [project]');
  if (!isValidName(name)) {
    throw invalid(
      place(source, 'project', 'name'),
      `The name "${name}" in ${PYPROJECT} is no valid project name`,
      'Names hold letters, digits, ".", "_" and "-", and begin and end with a letter or digit',
    );
  }
  return name;
}

function readVersion(source: Pyproject, project: TomlTable, dynamic: ReadonlySet<string>): string | undefined {
  const version = string(source, project, ['project', 'version']);
  if (version !== undefined) return checkVersion(version, place(source, 'project', 'version'));
  if (dynamic.has('version')) return undefined;
  throw invalid(
    place(source, 'project'),
    `project in ${PYPROJECT} has no version`,
    'A version must be set or listed in project.dynamic (PEP 621)',
    'Add version = "0.1.0" below [project]',
  );
}

function readDependencies(source: Pyproject, project: TomlTable): readonly string[] {
  const path = ['project', 'dependencies'];
  return (stringList(source, project, path) ?? []).map((requirement) => checkRequirement(requirement, placeOfItem(source, path, requirement)));
}

function readExtras(source: Pyproject, project: TomlTable): ReadonlyMap<string, readonly string[]> {
  const extras = new Map<string, readonly string[]>();
  const section = table(source, project, ['project', 'optional-dependencies']) ?? {};
  for (const written of Object.keys(section)) {
    const path = ['project', 'optional-dependencies', written];
    if (!isValidName(written)) throw invalid(place(source, ...path), `The extra "${written}" in ${PYPROJECT} has no valid name`);
    const extra = normalizeName(written);
    if (extras.has(extra))
      throw invalid(
        place(source, ...path),
        `The extra "${extra}" is declared twice in ${PYPROJECT}`,
        'Names that differ only in case, "-", "_" and "." are the same (PEP 685)',
      );
    extras.set(
      extra,
      (stringList(source, section, path) ?? []).map((requirement) => checkRequirement(requirement, placeOfItem(source, path, requirement))),
    );
  }
  return extras;
}

/**
 * `[tool.poetry]` from before Poetry read PEP 621. Its dependencies have a syntax and groups of their own, and a plugin may
 * change them, so they count as dynamic: the wheel says what they are.
 */
/** @param folderName what a project is called that needs no name, since it is no package */
export function readPoetryTable(source: Pyproject, folderName?: string): Metadata | undefined {
  const tool = table(source, source.table, ['tool']);
  const poetry = tool && table(source, tool, ['tool', 'poetry']);
  const written = poetry && string(source, poetry, ['tool', 'poetry', 'name']);
  const name = written ?? (poetry?.['package-mode'] === false ? folderName : undefined);
  if (!poetry || name === undefined) return undefined;
  if (!isValidName(name)) throw invalid(place(source, 'tool', 'poetry', 'name'), `The name "${name}" in ${PYPROJECT} is no valid project name`);
  const version = string(source, poetry, ['tool', 'poetry', 'version']);
  const dependencies = table(source, poetry, ['tool', 'poetry', 'dependencies']);
  const python = dependencies?.['python'];
  const bounds = typeof python === 'string' ? poetryBounds(python) : undefined;
  return {
    file: PYPROJECT,
    name,
    // Poetry's own placeholder for plugins that compute the version.
    version: version === undefined || version === '0.0.0' ? undefined : checkVersion(version, place(source, 'tool', 'poetry', 'version')),
    requiresPython: bounds === undefined ? undefined : { text: bounds, place: place(source, 'tool', 'poetry', 'dependencies', 'python') },
    buildSystem: readBuildSystem(source),
    dependencies: undefined,
    extras: undefined,
    extrasPlace: place(source, 'tool', 'poetry', 'extras'),
  };
}

/** undefined for what PEP 440 has no form for: alternatives with `||`. */
export function poetryBounds(text: string): string | undefined {
  const alternatives = poetryAlternatives(text);
  return alternatives?.length === 1 ? alternatives[0] : undefined;
}

/** Flit's own table from before PEP 621: name and version stand in the module. */
export function readFlitTable(source: Pyproject): Metadata | undefined {
  const tool = table(source, source.table, ['tool']);
  const flit = tool && table(source, tool, ['tool', 'flit']);
  const metadata = flit && table(source, flit, ['tool', 'flit', 'metadata']);
  const module = metadata && string(source, metadata, ['tool', 'flit', 'metadata', 'module']);
  const name = (metadata && string(source, metadata, ['tool', 'flit', 'metadata', 'dist-name'])) ?? module;
  if (name === undefined || !isValidName(name)) return undefined;
  return {
    file: PYPROJECT,
    name,
    version: undefined,
    requiresPython: undefined,
    buildSystem: readBuildSystem(source),
    dependencies: undefined,
    extras: undefined,
    extrasPlace: place(source, 'tool', 'flit', 'metadata', 'requires-extra'),
  };
}
