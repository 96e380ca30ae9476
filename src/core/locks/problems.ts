/** What may be wrong with a lock, each as an error that names file, line and remedy. */
import { UserError, type Place } from '../errors.js';
import { nearestName } from '../project/names.js';
import type { LockEnvironment, ProjectLock } from './locked.js';

/** The command that makes a lock of this kind anew. */
export function relockCommand(format: ProjectLock['format'], file: string): string {
  switch (format) {
    case 'uv':
      return 'uv lock';
    case 'poetry':
      return 'poetry lock';
    case 'pdm':
      return 'pdm lock';
    case 'pylock':
      return file.endsWith('pylock.toml') ? 'pypackage lock, or the tool that wrote it' : 'pypackage lock';
    case 'requirements':
      return 'the tool that wrote it, such as uv pip compile --generate-hashes or pip-compile --generate-hashes';
  }
}

export function invalidLock(place: Place, what: string): UserError {
  return new UserError({ kind: 'project', code: 'lock-invalid', message: `${place.file} is no valid lock: ${what}`, where: place });
}

/**
 * @param place what has changed since: a line of pyproject.toml, or of the lock
 * @param what a sentence: `pyproject.toml asks for click>=8.1, and it locks click 8.0`
 */
export function staleLock(
  format: ProjectLock['format'],
  file: string,
  place: Place,
  what: string,
  fix = `Lock again: ${relockCommand(format, file)}`,
): UserError {
  return new UserError({ kind: 'project', code: 'lock-stale', message: `${file} is out of date: ${what}`, where: place, fix });
}

export function missingHash(format: ProjectLock['format'], place: Place, name: string, why?: string): UserError {
  return new UserError({
    kind: 'project',
    code: 'lock-hash-missing',
    message: `${name} has no sha256 in ${place.file}`,
    where: place,
    why: why ?? 'What is installed is checked against the hash of the lock',
    fix: `Lock again with hashes: ${relockCommand(format, place.file)}`,
  });
}

/** @param bounds `>=3.14`: what the lock or a package of it wants */
export function otherPython(place: Place, who: string, bounds: string, { python }: LockEnvironment, format: ProjectLock['format']): UserError {
  return new UserError({
    kind: 'project',
    code: 'lock-other-python',
    message: `${who} is for Python ${bounds}, and the base image has Python ${python}`,
    where: place,
    fix: `Choose a base image with a Python that fits, or lock again for Python ${python}: ${relockCommand(format, place.file)}`,
  });
}

export function noFileFits(
  place: Place,
  named: string,
  misfit: 'python' | 'platform',
  files: readonly string[],
  environment: LockEnvironment,
  format: ProjectLock['format'],
): UserError {
  const { python, machine, glibc } = environment;
  const some = files.slice(0, 3).join(', ') + (files.length > 3 ? ` and ${files.length - 3} more` : '');
  const wanted = misfit === 'python' ? `Python ${python}` : `Linux on ${machine} with glibc ${glibc}`;
  return new UserError({
    kind: 'project',
    code: misfit === 'python' ? 'lock-other-python' : 'lock-other-platform',
    message: `${place.file} locks no file of ${named} for ${wanted}`,
    where: place,
    why: files.length > 0 ? `It has ${some}, and no source distribution` : 'It has no file at all',
    fix:
      misfit === 'python'
        ? `Choose a base image with another Python, or lock again: ${relockCommand(format, place.file)}`
        : `Lock again for Linux too: ${relockCommand(format, place.file)}`,
  });
}

/** @param environments markers: what the lock says it is for */
export function otherPlatform(place: Place, environments: readonly string[], { python, machine }: LockEnvironment, format: ProjectLock['format']): UserError {
  return new UserError({
    kind: 'project',
    code: 'lock-other-platform',
    message: `${place.file} is not for Python ${python} on Linux ${machine}`,
    where: place,
    why: `It is for ${environments.join(', and for ')}`,
    fix: `Lock again for this platform: ${relockCommand(format, place.file)}`,
  });
}

export function unknownGroup(name: string, group: string, known: Iterable<string>, place: Place): UserError {
  const names = [...known].sort();
  const nearest = nearestName(group, names);
  return new UserError({
    kind: 'project',
    code: 'unknown-group',
    message: `${name} has no dependency group named ${group}`,
    where: place,
    why: names.length > 0 ? `Its groups are ${names.join(', ')}` : 'It declares no groups',
    fix: nearest === undefined ? `Choose one of its groups, or declare ${group} below [dependency-groups]` : `Did you mean ${nearest}?`,
  });
}

/** @param asked `the extra cpu` */
export function conflictingChoice(place: Place, asked: readonly string[]): UserError {
  return new UserError({
    kind: 'project',
    code: 'lock-conflict',
    message: `${asked.join(' and ')} exclude each other in ${place.file}`,
    where: place,
    why: 'tool.uv.conflicts says so, and they lock different versions',
    fix: 'Choose one of them',
  });
}
