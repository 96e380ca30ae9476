/** From a wheel's Requires-Dist and the wanted extras to what has to be resolved. */
import { normalizeName, requirementName } from '../project/names.js';

/**
 * Requirements of the wanted extras lose their `extra == "…"`, those of others go. An extra that asks for other extras of
 * the same distribution (`all = ["app[a,b]"]`) is followed here: left to an index it would fetch whatever has the name.
 * @param requiresDist PEP 508
 */
export function requirementsFor(distribution: string, requiresDist: readonly string[], extras: readonly string[]): readonly string[] {
  const own = normalizeName(distribution);
  const wanted = new Set(extras.map(normalizeName));
  const found = new Set<string>();
  for (let size = -1; size !== wanted.size;) {
    size = wanted.size;
    for (const requirement of requiresDist) {
      const kept = forExtras(requirement, wanted);
      if (kept === undefined) continue;
      if (requirementName(kept) === own) for (const extra of extrasOf(kept)) wanted.add(normalizeName(extra));
      else found.add(kept);
    }
  }
  return [...found].sort();
}

const EXTRA_CLAUSE = /extra\s*==\s*(['"])([^'"]*)\1|(['"])([^'"]*)\3\s*==\s*extra/g;

function forExtras(requirement: string, wanted: ReadonlySet<string>): string | undefined {
  const at = requirement.indexOf(';');
  if (at < 0) return requirement.trim();
  const marker = requirement.slice(at + 1);
  if (!/\bextra\b/.test(marker)) return requirement.trim();
  // A clause becomes one that pip finds true or false; what stands around it (and, or, brackets) keeps its meaning.
  let isWanted = false;
  const decided = marker.replaceAll(EXTRA_CLAUSE, (_all, _q1, left: string | undefined, _q2, right: string | undefined) => {
    const hit = wanted.has(normalizeName(left ?? right ?? ''));
    isWanted ||= hit;
    return hit ? "python_version >= '0'" : "python_version < '0'";
  });
  if (!isWanted && !/\bor\b/.test(marker)) return undefined;
  const simple = decided.trim().replace(/\s+and\s+\(?python_version >= '0'\)?$/, '');
  const whole = /^\(?python_version >= '0'\)?$/.test(simple);
  return whole ? requirement.slice(0, at).trim() : `${requirement.slice(0, at).trim()} ; ${simple}`;
}

function extrasOf(requirement: string): readonly string[] {
  return (/\[([^\]]*)\]/.exec(requirement)?.[1] ?? '')
    .split(',')
    .map((extra) => extra.trim())
    .filter(Boolean);
}

export function isExtraProvided(providesExtra: readonly string[], extra: string): boolean {
  return providesExtra.some((provided) => normalizeName(provided) === normalizeName(extra));
}
