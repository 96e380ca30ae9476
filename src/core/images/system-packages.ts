/** Asks the table of system packages. */
import {
  COMPILED_TOGETHER,
  FOR_BUILDING_WITH,
  FOR_COMPILING,
  HEADERS,
  LIBRARIES,
  LOADED_BY_NAME,
  LOADED_BY_TEXT,
  MODULES,
  PROGRAMS,
} from './system-packages-table.js';

export function packagesForCompiling(normalizedNames: Iterable<string>): readonly string[] {
  return packagesOf(FOR_COMPILING, normalizedNames);
}

/** @param buildRequires normalised names of a project's build requirements (PEP 518) */
export function packagesForBuildingWith(buildRequires: Iterable<string>): readonly string[] {
  return packagesOf(FOR_BUILDING_WITH, buildRequires);
}

/** Distributions that are taken from source, and not as a wheel, where the application is this one. */
export function compiledWith(normalizedName: string): readonly string[] {
  return packagesOf(COMPILED_TOGETHER, [normalizedName]);
}

function packagesOf(table: Readonly<Record<string, readonly string[]>>, names: Iterable<string>): readonly string[] {
  const found = new Set<string>();
  for (const name of names) if (Object.hasOwn(table, name)) for (const debian of table[name] ?? []) found.add(debian);
  return [...found].sort();
}

export function compilingTable(): Readonly<Record<string, readonly string[]>> {
  return FOR_COMPILING;
}

/** Patterns of packages by the distribution that loads them by name, as containers/system_packages.py takes them. */
export function loadedByName(): Readonly<Record<string, readonly string[]>> {
  return LOADED_BY_NAME;
}

/** The same by what stands in the application's own files. */
export function loadedByText(): Readonly<Record<string, readonly string[]>> {
  return LOADED_BY_TEXT;
}

export function packageWithHeader(header: string): string | undefined {
  return HEADERS.find(([pattern]) => pattern.test(header))?.[1];
}

export function packageWithLibrary(name: string): string | undefined {
  return packageIn(LIBRARIES, name);
}

export function packageWithModule(name: string): string | undefined {
  return packageIn(MODULES, name.toLowerCase());
}

export function packageWithProgram(name: string): string | undefined {
  return packageIn(PROGRAMS, name);
}

function packageIn(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
