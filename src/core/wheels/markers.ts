/** The syntax of environment markers, and what is left of one when extras are known. https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers */
import { normalizeName } from '../project/names.js';

/** `and` and `or` have two terms or more; words of a comparison are as written, strings with their quotes. */
export type Marker =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Marker[] }
  | { readonly kind: 'comparison'; readonly left: string; readonly operator: string; readonly right: string };

/** undefined for what is no marker. */
export function parseMarker(text: string): Marker | undefined {
  const reader = new MarkerReader(text.match(/'[^']*'|"[^"]*"|[()]|[<>=!~]+|[\w.]+|\S/g) ?? []);
  const marker = reader.any();
  return reader.isAtEnd ? marker : undefined;
}

/** What a string of a marker holds; undefined for the name of a variable. */
export function unquoted(word: string): string | undefined {
  return /^(['"])(.*)\1$/s.exec(word)?.[2];
}

/** Decided, or the text of what is still open. `isLoose`: it holds an `or` outside brackets. */
type Term = boolean | { readonly text: string; readonly isLoose: boolean };

/**
 * What is left of a marker when the wanted extras are known: true where it always holds, false where it never does, else a
 * shorter marker. One that cannot be read is given back as it is: pip says what is wrong with it.
 * @param wanted normalised names
 */
export function withExtras(text: string, wanted: ReadonlySet<string>): string | boolean {
  const marker = parseMarker(text);
  if (!marker) return text;
  const term = decide(marker, wanted);
  return typeof term === 'boolean' ? term : term.text;
}

function decide(marker: Marker, wanted: ReadonlySet<string>): Term {
  if (marker.kind === 'comparison') {
    const { left, operator, right } = marker;
    const extra = left === 'extra' ? unquoted(right) : right === 'extra' ? unquoted(left) : undefined;
    if (extra !== undefined && (operator === '==' || operator === '===')) return wanted.has(normalizeName(extra));
    if (extra !== undefined && operator === '!=') return !wanted.has(normalizeName(extra));
    return { text: `${left} ${operator} ${right}`, isLoose: false };
  }
  const isOr = marker.kind === 'or';
  const terms = marker.terms.map((term) => decide(term, wanted));
  if (terms.includes(isOr)) return isOr;
  const open = terms.filter((term) => typeof term !== 'boolean');
  const [first] = open;
  if (first === undefined) return !isOr;
  if (open.length === 1) return first;
  if (isOr) return { text: open.map(({ text }) => text).join(' or '), isLoose: true };
  return { text: open.map(({ text, isLoose }) => (isLoose ? `(${text})` : text)).join(' and '), isLoose: false };
}

class MarkerReader {
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  get isAtEnd(): boolean {
    return this.at === this.tokens.length;
  }

  any(): Marker | undefined {
    return this.list('or', () => this.all());
  }

  private all(): Marker | undefined {
    return this.list('and', () => this.one());
  }

  private list(kind: 'and' | 'or', read: () => Marker | undefined): Marker | undefined {
    const terms: Marker[] = [];
    do {
      const term = read();
      if (term === undefined) return undefined;
      terms.push(term);
    } while (this.take(kind));
    return terms.length === 1 ? terms[0] : { kind, terms };
  }

  private one(): Marker | undefined {
    if (this.take('(')) {
      const inner = this.any();
      return this.take(')') ? inner : undefined;
    }
    const left = this.next();
    const operator = this.operator();
    const right = this.next();
    return left === undefined || operator === undefined || right === undefined ? undefined : { kind: 'comparison', left, operator, right };
  }

  private operator(): string | undefined {
    if (this.take('not')) return this.take('in') ? 'not in' : undefined;
    const token = this.next();
    return token !== undefined && (token === 'in' || /^[<>=!~]+$/.test(token)) ? token : undefined;
  }

  private next(): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || token === '(' || token === ')') return undefined;
    this.at += 1;
    return token;
  }

  private take(word: string): boolean {
    if (this.tokens[this.at] !== word) return false;
    this.at += 1;
    return true;
  }
}
