/** The lines of a requirements file as pip reads them: https://pip.pypa.io/en/stable/reference/requirements-file-format/ */

export interface LogicalLine {
  readonly text: string;
  /** 1-based: where it begins. */
  readonly line: number;
}

/** Without comments and empty lines; a line that ends with `\` goes on in the next. */
export function logicalLines(text: string): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: string[] = [];
  let start = 1;
  const end = (): void => {
    const whole = parts
      .join('')
      .replace(/(?:^|\s+)#.*$/s, '')
      .trim();
    if (whole !== '') lines.push({ text: whole, line: start });
    parts = [];
  };
  for (const [i, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (parts.length === 0) start = i + 1;
    const isComment = /(?:^|\s+)#/.test(raw);
    if (raw.endsWith('\\') && !isComment) {
      parts.push(raw.slice(0, -1));
      continue;
    }
    // A comment below a continued line ends it, and hides nothing that stood before.
    parts.push(/^\s*#/.test(raw) ? ` ${raw.trim()}` : raw);
    end();
  }
  if (parts.length > 0) end();
  return lines;
}

/** Words of a line as a shell splits them, as far as requirements need it: quotes and backslashes. */
export function splitWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s"'\\])+/gs)].map(([word]) =>
    word.replace(
      /"((?:\\.|[^"])*)"|'([^']*)'|\\(.)/gs,
      (_whole, double?: string, single?: string, escaped?: string) => double?.replace(/\\(.)/gs, '$1') ?? single ?? escaped ?? '',
    ),
  );
}

/** A requirement's line, apart from the options that follow it (`--hash`, `--config-settings`). */
export function splitRequirement(text: string): { readonly requirement: string; readonly options: readonly string[] } {
  // An option begins a word; a URL may hold `--`.
  const at = text.search(/\s--?[A-Za-z]/);
  return at < 0 ? { requirement: text, options: [] } : { requirement: text.slice(0, at).trim(), options: splitWords(text.slice(at)) };
}

/** `--hash=x`, `--hash x`, `-rfile`, `-r file` → name and value; undefined for what is no option. */
export function splitOption(
  words: readonly string[],
): { readonly name: string; readonly value: string | undefined; readonly rest: readonly string[] } | undefined {
  const [first = '', ...rest] = words;
  const long = /^(--[A-Za-z][\w-]*)(?:=(.*))?$/s.exec(first);
  const short = /^(-[A-Za-z])(.*)$/s.exec(first);
  const [, name, attached] = long ?? short ?? [];
  if (name === undefined) return undefined;
  if (attached !== undefined && attached !== '') return { name, value: attached, rest };
  if (FLAGS.has(name)) return { name, value: undefined, rest };
  const [value, ...more] = rest;
  return { name, value, rest: more };
}

const FLAGS = new Set(['--no-index', '--prefer-binary', '--require-hashes', '--pre', '--no-deps']);
