/**
 * Environment markers, as far as extras decide them: https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
 * Everything else in them is left to pip, which knows the environment.
 */
import { normalizeName } from '../project/names.js';

/** Decided, or the text of what is still open. `isLoose`: it holds an `or` outside brackets. */
type Term = boolean | { readonly text: string; readonly isLoose: boolean };

/**
 * What is left of a marker when the wanted extras are known: true where it always holds, false where it never does, else a
 * shorter marker. One that cannot be read is given back as it is: pip says what is wrong with it.
 * @param wanted normalised names
 */
export function withExtras(marker: string, wanted: ReadonlySet<string>): string | boolean {
  const tokens = marker.match(/'[^']*'|"[^"]*"|[()]|[<>=!~]+|[\w.]+|\S/g) ?? [];
  const reader = new MarkerReader(tokens, wanted);
  const term = reader.any();
  if (term === undefined || !reader.isAtEnd) return marker;
  return typeof term === 'boolean' ? term : term.text;
}

class MarkerReader {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly wanted: ReadonlySet<string>,
  ) {}

  get isAtEnd(): boolean {
    return this.at === this.tokens.length;
  }

  any(): Term | undefined {
    const terms = this.list('or', () => this.all());
    if (!terms) return undefined;
    if (terms.includes(true)) return true;
    const open = terms.filter((term) => typeof term !== 'boolean');
    const [first] = open;
    if (first === undefined) return false;
    return open.length === 1 ? first : { text: open.map(({ text }) => text).join(' or '), isLoose: true };
  }

  private all(): Term | undefined {
    const terms = this.list('and', () => this.one());
    if (!terms) return undefined;
    if (terms.includes(false)) return false;
    const open = terms.filter((term) => typeof term !== 'boolean');
    const [first] = open;
    if (first === undefined) return true;
    if (open.length === 1) return first;
    return { text: open.map(({ text, isLoose }) => (isLoose ? `(${text})` : text)).join(' and '), isLoose: false };
  }

  private list(word: 'and' | 'or', read: () => Term | undefined): readonly Term[] | undefined {
    const terms: Term[] = [];
    do {
      const term = read();
      if (term === undefined) return undefined;
      terms.push(term);
    } while (this.take(word));
    return terms;
  }

  private one(): Term | undefined {
    if (this.take('(')) {
      const inner = this.any();
      return this.take(')') ? inner : undefined;
    }
    const left = this.next();
    const operator = this.operator();
    const right = this.next();
    if (left === undefined || operator === undefined || right === undefined) return undefined;
    const extra = left === 'extra' ? unquoted(right) : right === 'extra' ? unquoted(left) : undefined;
    if (extra !== undefined && (operator === '==' || operator === '===')) return this.wanted.has(normalizeName(extra));
    if (extra !== undefined && operator === '!=') return !this.wanted.has(normalizeName(extra));
    return { text: `${left} ${operator} ${right}`, isLoose: false };
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

function unquoted(token: string): string | undefined {
  return /^(['"])(.*)\1$/s.exec(token)?.[2];
}
