/** From a wheel's Requires-Dist and the wanted extras to what has to be resolved. */
import { normalizeName, requirementName } from '../project/names.js';
import { withExtras } from './markers.js';

/**
 * Requirements of the wanted extras lose their `extra == "…"`, those of others go. An extra that asks for other extras of
 * the same distribution (`all = ["app[a,b]"]`) is followed here: left to an index it would fetch whatever has the name.
 * @param requiresDist PEP 508
 */
export function requirementsFor(distribution: string, requiresDist: readonly string[], extras: readonly string[]): readonly string[] {
  const own = normalizeName(distribution);
  const wanted = new Set(extras.map(normalizeName));
  // Each round may name further extras, under which the next finds more.
  for (;;) {
    const before = wanted.size;
    const found = new Set<string>();
    for (const requirement of requiresDist) {
      const kept = forExtras(requirement, wanted);
      if (kept === undefined) continue;
      if (requirementName(kept) === own) for (const extra of extrasOf(kept)) wanted.add(normalizeName(extra));
      else found.add(kept);
    }
    if (wanted.size === before) return [...found].sort();
  }
}

/** undefined for what no wanted extra asks for. */
function forExtras(requirement: string, wanted: ReadonlySet<string>): string | undefined {
  // A URL may hold a semicolon; behind one, the marker's stands after a space (PEP 508).
  const at = /^[^;]*?@/.test(requirement) ? requirement.search(/\s;/) : requirement.indexOf(';');
  if (at < 0) return requirement.trim();
  // Without an extra in it nothing is decided here, and the text stays as it is.
  if (!/\bextra\b/.test(requirement.slice(at))) return requirement.trim();
  const bare = requirement.slice(0, at).trim();
  const marker = withExtras(requirement.slice(at).replace(/^\s*;/, '').trim(), wanted);
  if (marker === false) return undefined;
  return marker === true ? bare : `${bare} ; ${marker}`;
}

function extrasOf(requirement: string): readonly string[] {
  return (/^[^[;@]*\[([^\]]*)\]/.exec(requirement)?.[1] ?? '')
    .split(',')
    .map((extra) => extra.trim())
    .filter(Boolean);
}
