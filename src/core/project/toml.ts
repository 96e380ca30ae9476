/** TOML with places: values with the line they stand on, and errors that say where. */
import { parse, TomlError } from 'smol-toml';
import { UserError } from '../errors.js';

export type TomlTable = Readonly<Record<string, unknown>>;

/** Which file a message is about, and under which code. */
export interface TomlSource {
  readonly file: string;
  readonly code: string;
}

export function decodeUtf8(content: Uint8Array, source: TomlSource): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch (cause) {
    const line = lineOfBadByte(content);
    throw new UserError({
      kind: 'project',
      code: source.code,
      message: `${source.file} is not UTF-8 text`,
      where: { file: source.file, line },
      fix: 'Save the file as UTF-8',
      cause,
    });
  }
}

function lineOfBadByte(content: Uint8Array): number {
  let line = 1;
  let start = 0;
  for (;;) {
    const end = content.indexOf(10, start);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(content.subarray(start, end < 0 ? undefined : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    line++;
    start = end + 1;
  }
}

export function parseToml(text: string, source: TomlSource): TomlTable {
  if (text.startsWith('\uFEFF')) {
    throw new UserError({
      kind: 'project',
      code: source.code,
      message: `${source.file} begins with a byte order mark`,
      where: { file: source.file, line: 1, column: 1 },
      why: 'TOML forbids it, and Python build tools refuse such a file',
      fix: 'Save the file as UTF-8 without BOM',
    });
  }
  try {
    return parse(text, { useLegacyDate: true, integersAsBigInt: 'asNeeded' });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'not valid TOML';
    throw new UserError({
      kind: 'project',
      code: source.code,
      message: `${source.file} is not valid TOML: ${what}`,
      where: { file: source.file, line: cause.line, column: cause.column },
      cause,
    });
  }
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

export function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** What a person calls the type of a value. */
export function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'boolean') return 'a boolean';
  return typeof value === 'number' || typeof value === 'bigint' ? 'a number' : 'a table';
}

interface Scanned {
  readonly path: readonly string[];
  readonly line: number;
}

/**
 * 1-based line where a key is set or its table begins; of the nearest enclosing table when the key itself is not there.
 * Parsers of TOML keep no places, so this reads the lines of a text that is known to be valid.
 */
export function lineOf(text: string, path: readonly string[]): number | undefined {
  let best: Scanned | undefined;
  for (const found of scanKeys(text)) {
    const common = found.path.length <= path.length && found.path.every((part, i) => part === path[i]);
    // `[project.optional-dependencies]` with a wanted ['project', 'optional-dependencies'], and keys below a wanted table.
    const below = found.path.length > path.length && path.every((part, i) => part === found.path[i]);
    if (below && (best?.path.length ?? 0) < path.length) best = { path, line: found.line };
    if (common && found.path.length > (best?.path.length ?? 0)) best = found;
  }
  return best?.line;
}

/** The line at or after `from` that holds this string literal, else `from`. */
export function lineOfString(text: string, from: number | undefined, value: string): number | undefined {
  if (from === undefined) return undefined;
  const lines = text.split('\n');
  const at = lines.findIndex(
    (line, i) => i >= from - 1 && (line.includes(`"${value}"`) || line.includes(`'${value}'`) || line.includes(JSON.stringify(value))),
  );
  return at < 0 ? from : at + 1;
}

/** The lines where the tables of an array begin (`[[package]]`), in their order: one reading for a file with hundreds of them. */
export function linesOfTables(text: string, name: string): readonly number[] {
  const header = new RegExp(`^[ \\t]*\\[\\[[ \\t]*${name}[ \\t]*\\]\\]`, 'gm');
  const lines: number[] = [];
  let line = 1;
  let from = 0;
  for (const { index } of text.matchAll(header)) {
    for (let at = text.indexOf('\n', from); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
    from = index;
    lines.push(line);
  }
  return lines;
}

function* scanKeys(text: string): Generator<Scanned> {
  let table: readonly string[] = [];
  /** Delimiter of the multi-line string that we are in. */
  let until: string | undefined;
  let depth = 0;
  for (const [i, line] of text.split('\n').entries()) {
    if (until === undefined && depth === 0) {
      const header = /^\s*\[\[?(.+?)\]\]?\s*(?:#.*)?$/.exec(line);
      if (header) {
        table = splitKey(header[1] ?? '');
        yield { path: table, line: i + 1 };
        continue;
      }
      const key = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/.exec(line);
      if (key) yield { path: [...table, ...splitKey(key[1] ?? '')], line: i + 1 };
    }
    ({ until, depth } = afterLine(line, until, depth));
  }
}

function splitKey(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** Follows strings and brackets over one line, so that text inside a value is not taken for a key. */
function afterLine(line: string, until: string | undefined, depth: number): { until: string | undefined; depth: number } {
  let at = 0;
  while (at < line.length) {
    if (until !== undefined) {
      const end = line.indexOf(until, at);
      if (end < 0) return { until, depth };
      at = end + until.length;
      until = undefined;
      continue;
    }
    const char = line[at] ?? '';
    if (char === '#') break;
    const triple = line.slice(at, at + 3);
    if (triple === '"""' || triple === "'''") {
      until = triple;
      at += 3;
      continue;
    }
    if (char === '"' || char === "'") {
      at++;
      while (at < line.length && line[at] !== char) at += char === '"' && line[at] === '\\' ? 2 : 1;
    } else if (char === '[' || char === '{') depth++;
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1);
    at++;
  }
  return { until, depth };
}
