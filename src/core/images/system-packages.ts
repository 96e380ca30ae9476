/** Asks the table of system packages. */
import { FOR_BUILDING_WITH, FOR_COMPILING, HEADERS, LOADED_BY_NAME, LOADED_BY_TEXT } from './system-packages-table.js';

export function packagesForCompiling(normalizedNames: Iterable<string>): readonly string[] {
  return packagesOf(FOR_COMPILING, normalizedNames);
}

/** @param buildRequires normalised names of a project's build requirements (PEP 518) */
export function packagesForBuildingWith(buildRequires: Iterable<string>): readonly string[] {
  return packagesOf(FOR_BUILDING_WITH, buildRequires);
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
