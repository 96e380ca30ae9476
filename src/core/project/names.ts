/** Names of distributions and extras. */

/** PEP 503: `Django_REST.framework` is `django-rest-framework`. Extras are normalised likewise (PEP 685). */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/#name-format */
export function isValidName(name: string): boolean {
  return /^(?:[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$/i.test(name);
}

/** The name a PEP 508 requirement begins with, normalised. */
export function requirementName(requirement: string): string | undefined {
  const name = /^\s*([A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?)/i.exec(requirement)?.[1];
  return name === undefined ? undefined : normalizeName(name);
}

/** The candidate that is one or two typing errors away from the word. */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substituted));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
