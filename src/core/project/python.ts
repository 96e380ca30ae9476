/** Which Python a project is packaged with. */
import { UserError, type Place } from '../errors.js';
import type { PythonBound, PythonChoice } from './project.js';
import { parseSpecifiers, parseVersion, satisfies, type Specifier } from './specifiers.js';

/** Newest first. https://devguide.python.org/versions/ */
const KNOWN = ['3.14', '3.13', '3.12', '3.11', '3.10', '3.9'] as const;
const DEFAULT = '3.13';
/** Stands for the newest patch release of a minor version, whatever it is by now: images carry that one. */
const NEWEST_PATCH = 99;
const OLDEST_PATCH = 0;

/**
 * What the user's configuration names, then `.python-version`, then the newest that all bounds let in, then the default.
 * @param versionFile content of `.python-version`, and what errors call it; undefined when there is none
 */
export function choosePython(versionFile: VersionFile | undefined, bounds: readonly PythonBound[]): PythonChoice {
  const pinned = versionFile === undefined ? undefined : readPin(versionFile);
  if (pinned?.minor !== undefined) {
    const { text, minor, file } = pinned;
    const broken = bounds.find((bound) => !pinSatisfies(text, minor, specifiersOf(bound)));
    if (!broken) return { version: minor, reason: `${file} names ${text}` };
    // One above the project's folder speaks for all that lie there, and need not mean this one.
    if (!file.startsWith('../')) throw contradiction(pinned, broken);
  }
  const ignored = pinned && pinned.minor === undefined ? ` (${pinned.file} names "${pinned.text}", which is no version)` : '';
  if (!bounds.some((bound) => specifiersOf(bound).length > 0)) return { version: DEFAULT, reason: `default${ignored}` };
  return { version: newestThatSatisfies(bounds), reason: `${[...new Set(bounds.map((bound) => bound.says))].join(', ')}${ignored}` };
}

/** Of the same bounds, and one that is written by a person for this target: the version it names. */
export function pinnedPython(version: string, place: Place, bounds: readonly PythonBound[]): PythonChoice {
  const broken = bounds.find((bound) => !anyPatchSatisfies(version, specifiersOf(bound)));
  if (broken) throw contradiction({ text: version, file: place.file, line: place.line ?? 1 }, broken);
  return { version, reason: `${place.file} names ${version}` };
}

/** Versions of Python with an image of their own that all bounds let in, newest first. */
export function fittingPythons(bounds: readonly PythonBound[]): readonly string[] {
  return KNOWN.filter((minor) => satisfiesPatch(minor, NEWEST_PATCH, bounds.flatMap(specifiersOf)));
}

/** The first bound that a version breaks. @param version `3.13.2` */
export function brokenBound(version: string, bounds: readonly PythonBound[]): PythonBound | undefined {
  const parsed = parseVersion(version);
  return parsed && bounds.find((bound) => !satisfies(parsed, specifiersOf(bound)));
}

export interface VersionFile {
  readonly file: string;
  readonly text: string;
}

/** What is no specifier was refused when it was read, or, in a lock, binds nothing. */
function specifiersOf({ text }: PythonBound): readonly Specifier[] {
  return parseSpecifiers(text) ?? [];
}

interface Pin {
  readonly file: string;
  readonly text: string;
  /** undefined when the file names no version of CPython, such as a virtual environment of pyenv. */
  readonly minor: string | undefined;
  readonly line: number;
}

function readPin({ file, text: content }: VersionFile): Pin | undefined {
  for (const [i, raw] of content.split(/\r?\n/).entries()) {
    const text = raw.replace(/#.*$/, '').trim();
    if (text === '') continue;
    // pyenv writes 3.13.2, uv also cpython@3.13 and cpython-3.13.2-linux-x86_64-gnu.
    const match = /^(?:(?:cpython|python)[-@]?)?(?<major>\d+)\.(?<minor>\d+)(?:\.\d+)?(?:(?:a|b|rc)\d+|-dev)?(?:-[\w.-]+)?$/i.exec(text);
    const { major, minor } = match?.groups ?? {};
    if (major === undefined || minor === undefined) return { file, text, minor: undefined, line: i + 1 };
    if (major !== '3') {
      throw new UserError({
        kind: 'project',
        code: 'python-unsupported',
        message: `${file} asks for Python ${text}, which cannot be packaged`,
        where: { file, line: i + 1 },
        why: `Only Python 3 is supported`,
        fix: `Write a version of Python 3, such as ${DEFAULT}`,
      });
    }
    return { file, text, minor: `${major}.${minor}`, line: i + 1 };
  }
  return undefined;
}

function pinSatisfies(text: string, minor: string, specifiers: readonly Specifier[]): boolean {
  const exact = /\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?/.exec(text)?.[0];
  const version = exact === undefined ? undefined : parseVersion(exact);
  return version ? satisfies(version, specifiers) : anyPatchSatisfies(minor, specifiers);
}

function contradiction(pin: Pick<Pin, 'file' | 'text' | 'line'>, { says, place }: PythonBound): UserError {
  const at = placeText(place);
  return new UserError({
    kind: 'project',
    code: 'python-contradiction',
    message: `${pin.file} names Python ${pin.text}, but ${place.file} wants ${says}`,
    where: { file: pin.file, line: pin.line },
    why: `${at} says ${says}, and ${pin.text} is not in it`,
    fix: `Change ${pin.file}, or the bound in ${at}`,
  });
}

/** `pyproject.toml:4` */
export function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

function newestThatSatisfies(bounds: readonly PythonBound[]): string {
  const specifiers = bounds.flatMap(specifiersOf);
  const newestPatch = (minor: string): boolean => satisfiesPatch(minor, NEWEST_PATCH, specifiers);
  if (newestPatch(DEFAULT)) return DEFAULT;
  // `<=3.13` lets 3.13.0 in but no later patch release, so 3.12 is the better answer; `==3.11.4` has no better one than 3.11.
  const found = KNOWN.find(newestPatch) ?? KNOWN.find((minor) => anyPatchSatisfies(minor, specifiers));
  if (found !== undefined) return found;
  const [first, ...others] = bounds;
  throw new UserError({
    kind: 'project',
    code: 'python-unsatisfiable',
    message: `No supported Python satisfies ${bounds.map((bound) => bound.says).join(' and ')}`,
    where: first?.place ?? { file: '' },
    why: `Supported are ${KNOWN.at(-1) ?? ''} to ${KNOWN[0]}${others.length > 0 ? `; ${others.map(({ says, place }) => `${says} stands in ${placeText(place)}`).join(', ')}` : ''}`,
    fix: `Change the bound in ${first?.place.file ?? ''}`,
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
