/** Which Python a project is packaged with. */
import { UserError, type Place } from '../errors.js';
import type { PythonChoice } from './project.js';
import { parseSpecifiers, parseVersion, satisfies, type Specifier } from './specifiers.js';

/** Newest first. https://devguide.python.org/versions/ */
const KNOWN = ['3.14', '3.13', '3.12', '3.11', '3.10', '3.9'] as const;
const DEFAULT = '3.13';
/** Stands for the newest patch release of a minor version, whatever it is by now: images carry that one. */
const NEWEST_PATCH = 99;
const OLDEST_PATCH = 0;

export interface RequiresPython {
  readonly text: string;
  readonly place: Place;
}

/**
 * `.python-version` wins, then `requires-python`, then the default.
 * @param versionFile content of `.python-version`, undefined when there is none
 */
export function choosePython(versionFile: string | undefined, requires: RequiresPython | undefined): PythonChoice {
  const specifiers = requires ? (parseSpecifiers(requires.text) ?? []) : [];
  const pinned = versionFile === undefined ? undefined : readPin(versionFile);
  if (pinned?.minor !== undefined) {
    if (requires && !pinSatisfies(pinned.text, pinned.minor, specifiers)) throw contradiction(pinned, requires);
    return { version: pinned.minor, reason: `.python-version names ${pinned.text}` };
  }
  const ignored = pinned ? ` (.python-version names "${pinned.text}", which is no version)` : '';
  if (!requires || specifiers.length === 0) return { version: DEFAULT, reason: `default${ignored}` };
  return { version: newestThatSatisfies(requires, specifiers), reason: `requires-python ${requires.text}${ignored}` };
}

interface Pin {
  readonly text: string;
  /** undefined when the file names no version of CPython, such as a virtual environment of pyenv. */
  readonly minor: string | undefined;
  readonly line: number;
}

function readPin(content: string): Pin | undefined {
  for (const [i, raw] of content.split(/\r?\n/).entries()) {
    const text = raw.replace(/#.*$/, '').trim();
    if (text === '') continue;
    // pyenv writes 3.13.2, uv also cpython@3.13 and cpython-3.13.2-linux-x86_64-gnu.
    const match = /^(?:(?:cpython|python)[-@]?)?(?<major>\d+)\.(?<minor>\d+)(?:\.\d+)?(?:(?:a|b|rc)\d+|-dev)?(?:-[\w.-]+)?$/i.exec(text);
    const { major, minor } = match?.groups ?? {};
    if (major === undefined || minor === undefined) return { text, minor: undefined, line: i + 1 };
    if (major !== '3') {
      throw new UserError({
        kind: 'project',
        code: 'python-unsupported',
        message: `.python-version asks for Python ${text}, which cannot be packaged`,
        where: { file: '.python-version', line: i + 1 },
        why: `Only Python 3 is supported`,
        fix: `Write a version of Python 3, such as ${DEFAULT}`,
      });
    }
    return { text, minor: `${major}.${minor}`, line: i + 1 };
  }
  return undefined;
}

function pinSatisfies(text: string, minor: string, specifiers: readonly Specifier[]): boolean {
  const exact = /\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?/.exec(text)?.[0];
  const version = exact === undefined ? undefined : parseVersion(exact);
  return version ? satisfies(version, specifiers) : anyPatchSatisfies(minor, specifiers);
}

function contradiction(pin: Pin, requires: RequiresPython): UserError {
  const place = requires.place.line === undefined ? requires.place.file : `${requires.place.file}:${requires.place.line}`;
  return new UserError({
    kind: 'project',
    code: 'python-contradiction',
    message: `.python-version names Python ${pin.text}, but ${requires.place.file} wants ${requires.text}`,
    where: { file: '.python-version', line: pin.line },
    why: `${place} says requires-python ${requires.text}, and ${pin.text} is not in it`,
    fix: `Change .python-version, or the bound in ${place}`,
  });
}

function newestThatSatisfies(requires: RequiresPython, specifiers: readonly Specifier[]): string {
  const newestPatch = (minor: string): boolean => satisfiesPatch(minor, NEWEST_PATCH, specifiers);
  if (newestPatch(DEFAULT)) return DEFAULT;
  // `<=3.13` lets 3.13.0 in but no later patch release, so 3.12 is the better answer; `==3.11.4` has no better one than 3.11.
  const found = KNOWN.find(newestPatch) ?? KNOWN.find((minor) => anyPatchSatisfies(minor, specifiers));
  if (found !== undefined) return found;
  throw new UserError({
    kind: 'project',
    code: 'python-unsatisfiable',
    message: `No supported Python satisfies requires-python ${requires.text}`,
    where: requires.place,
    why: `Supported are ${KNOWN.at(-1) ?? ''} to ${KNOWN[0]}`,
    fix: `Change the bound in ${requires.place.file}`,
  });
}

function anyPatchSatisfies(minor: string, specifiers: readonly Specifier[]): boolean {
  for (let patch = OLDEST_PATCH; patch <= NEWEST_PATCH; patch++) if (satisfiesPatch(minor, patch, specifiers)) return true;
  return false;
}

function satisfiesPatch(minor: string, patch: number, specifiers: readonly Specifier[]): boolean {
  const version = parseVersion(`${minor}.${patch}`);
  return version !== undefined && satisfies(version, specifiers);
}
