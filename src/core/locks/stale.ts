/** Whether a lock still says what the project asks for. */
import type { Place } from '../errors.js';
import { parseRequirement, type Requirement } from '../project/requirement.js';
import { formatVersion, parseSpecifiers, parseVersion, satisfies } from '../project/specifiers.js';
import type { LockedPackage, LockEnvironment, ProjectLock } from './locked.js';
import { createMarkerTest } from './markers.js';
import { staleLock } from './problems.js';

export interface AskedRequirement {
  /** PEP 508, without markers on extras. */
  readonly text: string;
  readonly place: Place;
}

/**
 * That every requirement is locked, in a version that it admits. Of locks that hold packages only, this is all that can be known;
 * it serves for a wheel's Requires-Dist too, where the project's own metadata is dynamic.
 * @throws UserError `lock-stale` at the requirement
 */
export function checkLocked(
  lock: Pick<ProjectLock, 'file' | 'format' | 'packages'>,
  asked: readonly AskedRequirement[],
  environment: LockEnvironment,
  fix?: string,
): void {
  const holds = createMarkerTest(environment);
  const byName = new Map(lock.packages.map((item) => [item.name, item]));
  for (const { text, place } of asked) {
    const requirement = parseRequirement(text);
    if (!requirement || !holds(requirement.marker, place)) continue;
    const found = byName.get(requirement.name);
    const wanted = nameAndBounds(requirement);
    if (!found) throw staleLock(lock.format, lock.file, place, `${place.file} asks for ${wanted}, and it does not lock ${requirement.name}`, fix);
    const version = versionOf(found);
    if (version !== undefined && !admitsVersion(requirement, version)) {
      throw staleLock(lock.format, lock.file, place, `${place.file} asks for ${wanted}, and it locks ${found.name} ${version}`, fix);
    }
  }
}

function versionOf(item: LockedPackage): string | undefined {
  return item.kind === 'files' || item.kind === 'hashes' ? item.version : undefined;
}

function admitsVersion({ specifiers }: Requirement, version: string): boolean {
  const parsed = parseVersion(version);
  return !parsed || satisfies(parsed, specifiers, version);
}

export function nameAndBounds({ name, extras, specifierText, url }: Requirement): string {
  const named = name + (extras.length > 0 ? `[${extras.join(',')}]` : '');
  return url === undefined ? named + specifierText.replace(/\s+/g, '') : `${named} from ${url}`;
}

/** The same for `>=1.0, <2` and `<2,>=1.0`. */
export function normalBounds(text: string): string {
  const specifiers = parseSpecifiers(text);
  if (!specifiers) return text;
  const bounds = specifiers.map(
    ({ operator, version, text: written, prefix }) => `${operator}${version && operator !== '===' ? formatVersion(version) : written}${prefix ? '.*' : ''}`,
  );
  return [...new Set(bounds)].sort().join(',');
}
