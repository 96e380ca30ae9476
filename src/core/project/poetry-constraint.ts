/** Poetry's version constraints as PEP 440 writes them: https://python-poetry.org/docs/dependency-specification/#version-constraints */
import { parseSpecifiers, parseVersion } from './specifiers.js';

/**
 * `^1.2 || >=3,<4` → `['>=1.2,<2', '>=3,<4']`: one of them must hold; `''` lets every version in.
 * undefined for what is no constraint.
 */
export function poetryAlternatives(constraint: string): readonly string[] | undefined {
  const alternatives = constraint.split(/\s*\|\|?\s*/).map(asSpecifiers);
  const known = alternatives.filter((text) => text !== undefined);
  return known.length === alternatives.length ? known : undefined;
}

function asSpecifiers(text: string): string | undefined {
  const bounds = text
    // `>= 1.0` is one bound, and `>=1.0 <2` are two.
    .replace(/([<>=!~^])\s+/g, '$1')
    .split(/[\s,]+/)
    .filter((part) => part !== '' && part !== '*')
    .map(asBounds)
    .join(',');
  return parseSpecifiers(bounds) ? bounds : undefined;
}

function asBounds(part: string): string {
  const [, operator = '', written = part] = /^(\^|~(?!=)|[<>=!~]+)?(.*)$/.exec(part) ?? [];
  if (operator === '=') return `==${written}`;
  if (operator !== '' && operator !== '^' && operator !== '~') return part;
  if (operator === '') return `==${written}`;
  const release = parseVersion(written)?.release;
  return release ? `>=${written},<${operator === '^' ? afterCaret(release) : afterTilde(release)}` : part;
}

/** The part that may not change is the first that is not zero: `^1.2` ends at 2, `^0.2.3` at 0.3. */
function afterCaret(release: readonly number[]): string {
  const significant = release.findIndex((part) => part > 0);
  return nextAt(release, significant < 0 ? release.length - 1 : significant);
}

/** `~1.2.3` ends at 1.3, `~1` at 2. */
function afterTilde(release: readonly number[]): string {
  return nextAt(release, release.length > 1 ? 1 : 0);
}

function nextAt(release: readonly number[], at: number): string {
  return [...release.slice(0, at), (release[at] ?? 0) + 1].join('.');
}
