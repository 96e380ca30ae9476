/** Extras that were asked for, against those that exist. pip only warns about an unknown one (exit 0) and installs without it. */
import { UserError, type Place } from '../errors.js';
import { nearestName, normalizeName } from './names.js';
import type { Project } from './project.js';

/** An extra that a file asks for. */
export interface WrittenExtra {
  readonly text: string;
  readonly place: Place;
}

/**
 * Returns the extras normalised, sorted and without repetition. Where the project's extras are dynamic nothing can be
 * checked here: check the wheel's Provides-Extra with `checkKnownExtras` once it is built.
 */
export function checkExtras(
  project: Pick<Project, 'name' | 'extras' | 'extrasPlace'>,
  extras: readonly string[],
  written: readonly WrittenExtra[] = [],
): readonly string[] {
  const wanted = normalizeExtras(extras);
  if (project.extras) checkKnownExtras(project.name, project.extras.keys(), wanted, project.extrasPlace, written);
  return wanted;
}

export function normalizeExtras(extras: readonly string[]): readonly string[] {
  return [...new Set(extras.map(normalizeName))].sort();
}

export function checkKnownExtras(name: string, known: Iterable<string>, wanted: readonly string[], place: Place, written: readonly WrittenExtra[] = []): void {
  const names = [...new Set([...known].map(normalizeName))].sort();
  for (const extra of normalizeExtras(wanted)) {
    if (names.includes(extra)) continue;
    const nearest = nearestName(extra, names);
    const asked = written.find(({ text }) => normalizeName(text) === extra);
    throw new UserError({
      kind: 'project',
      code: 'unknown-extra',
      message: `${name} has no extra named ${extra}`,
      where: asked?.place ?? place,
      ...(asked && { related: [{ ...place, what: 'where its extras are declared' }] }),
      ...(asked && nearest !== undefined && { remedy: { kind: 'replacement', at: asked.place, from: asked.text, to: nearest } }),
      why: names.length > 0 ? `Its extras are ${names.join(', ')}` : 'It declares no extras',
      fix: nearest === undefined ? `Choose one of its extras, or declare ${extra} in ${place.file}` : `Did you mean ${nearest}?`,
    });
  }
}
