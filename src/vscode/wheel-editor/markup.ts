/** HTML in which everything that is filled in is text, unless it was made here. Pure. */

export class Markup {
  constructor(readonly text: string) {}
}

type Filled = Markup | string | number | readonly Markup[];

export function html(parts: TemplateStringsArray, ...filled: readonly Filled[]): Markup {
  return new Markup(parts.reduce((text, part, i) => `${text}${textOf(filled[i - 1] ?? '')}${part}`));
}

export const NOTHING = new Markup('');

function textOf(value: Filled): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value));
  return value.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
