/** Static metadata, whichever file it stands in. */
import { UserError, type Place } from '../errors.js';
import type { BuildSystem } from './project.js';
import { parseSpecifiers, parseVersion } from './specifiers.js';

export interface Metadata {
  /** Relative: `pyproject.toml`, `setup.cfg`, `setup.py`. */
  readonly file: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly requiresPython: { readonly text: string; readonly place: Place } | undefined;
  readonly buildSystem: BuildSystem;
  readonly dependencies: readonly string[] | undefined;
  readonly extras: ReadonlyMap<string, readonly string[]> | undefined;
  readonly extrasPlace: Place;
}

/** What pip takes where a project states none (PEP 517, source trees without build-backend). */
export const DEFAULT_BUILD_SYSTEM: BuildSystem = { requires: ['setuptools>=40.8.0'], backend: 'setuptools.build_meta:__legacy__', backendPath: [] };

export function invalid(place: Place, message: string, why?: string, fix?: string): UserError {
  const code = place.file === 'pyproject.toml' ? 'pyproject-invalid' : 'metadata-invalid';
  return new UserError({ kind: 'project', code, message, where: place, ...(why !== undefined && { why }), ...(fix !== undefined && { fix }) });
}

export function checkVersion(version: string, place: Place): string {
  if (parseVersion(version)) return version.trim();
  throw invalid(place, `The version "${version}" in ${place.file} is no valid version`, 'Versions follow PEP 440, such as 1.4.0, 2.0rc1 or 1.0.post2');
}

export function checkRequiresPython(text: string, place: Place): string {
  if (parseSpecifiers(text)) return text.trim();
  const bare = parseVersion(text) ? `Write ">=${text.trim()}" when that version or any newer one will do` : 'Write bounds with an operator, such as ">=3.10"';
  throw invalid(place, `The Python versions "${text}" in ${place.file} are no valid version specifier (PEP 440)`, undefined, bare);
}

/** Enough of PEP 508 to tell a requirement from an option, a path or a typing error. */
export function isRequirement(text: string): boolean {
  const match = /^\s*[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?\s*(?:\[[^\]]*\])?\s*(?<rest>.*)$/is.exec(text);
  const rest = (match?.groups?.['rest'] ?? '').trim();
  const [specifiers = ''] = rest.split(';');
  const bare = specifiers.trim().replace(/^\((.*)\)$/, '$1');
  return match !== null && (rest.startsWith('@') || parseSpecifiers(bare) !== undefined);
}

export function checkRequirement(requirement: string, place: Place): string {
  if (isRequirement(requirement)) return requirement.trim();
  throw invalid(
    place,
    `The dependency "${requirement}" in ${place.file} is no valid requirement (PEP 508)`,
    /^\s*(?:-|\.|\/)/.test(requirement) ? 'Options of pip and paths cannot stand in the metadata' : undefined,
    'Write the name, then its versions, such as "django>=5.2,<6"',
  );
}
