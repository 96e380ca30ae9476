/** Requirements as PEP 508 writes them: https://packaging.python.org/en/latest/specifications/dependency-specifiers/ */
import { normalizeName } from './names.js';
import { parseSpecifiers, type Specifier } from './specifiers.js';

export interface Requirement {
  /** PEP 503. */
  readonly name: string;
  /** Normalised, sorted. */
  readonly extras: readonly string[];
  /** None where every version will do, and where a URL is named. */
  readonly specifiers: readonly Specifier[];
  /** As written, without brackets: `>=8.1,<9`. */
  readonly specifierText: string;
  readonly url: string | undefined;
  /** As written. */
  readonly marker: string | undefined;
}

/** undefined for what is no requirement; a marker is not looked at. */
export function parseRequirement(text: string): Requirement | undefined {
  const head = /^\s*(?<name>[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?)\s*(?:\[(?<extras>[^\]]*)\])?\s*(?<rest>.*)$/is.exec(text)?.groups;
  if (!head) return undefined;
  const rest = (head['rest'] ?? '').trim();
  const extras = (head['extras'] ?? '')
    .split(',')
    .map((extra) => extra.trim())
    .filter((extra) => extra !== '');
  const common = { name: normalizeName(head['name'] ?? ''), extras: [...new Set(extras.map(normalizeName))].sort() };
  if (rest.startsWith('@')) {
    // A URL may hold a semicolon: the marker's stands after a space.
    const [, url, marker] = /^@\s*(\S+?)(?:\s+;\s*(.*)|;\s+(.*))?$/s.exec(rest) ?? [];
    return url === undefined ? undefined : { ...common, specifiers: [], specifierText: '', url, marker: markerOf(marker) };
  }
  const at = rest.indexOf(';');
  const specifierText = (at < 0 ? rest : rest.slice(0, at)).trim().replace(/^\((.*)\)$/s, '$1');
  const specifiers = parseSpecifiers(specifierText);
  return specifiers && { ...common, specifiers, specifierText, url: undefined, marker: markerOf(at < 0 ? undefined : rest.slice(at + 1)) };
}

function markerOf(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** The opposite of `parseRequirement`. */
export function formatRequirement({ name, extras, specifierText, url, marker }: Omit<Requirement, 'specifiers'>): string {
  const named = name + (extras.length > 0 ? `[${extras.join(',')}]` : '');
  const wanted = url === undefined ? named + specifierText.replace(/\s+/g, '') : `${named} @ ${url}`;
  return marker === undefined ? wanted : `${wanted} ; ${marker}`;
}
