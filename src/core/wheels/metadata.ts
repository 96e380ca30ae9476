/** The text files of a wheel's .dist-info: METADATA, WHEEL, RECORD, entry_points.txt. */
import { parseIni } from '../project/setuptools.js';

/** Headers in the format of e-mail (RFC 822) by lower-case name, in their order; folded lines are joined. The body is left out. */
export function parseHeaders(text: string): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    // An empty line ends the headers; the description follows as the body.
    if (line === '') break;
    if (/^[ \t]/.test(line)) {
      const value = last?.pop();
      if (last && value !== undefined) last.push(`${value}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    last = headers.get(name) ?? [];
    last.push(line.slice(colon + 1).trim());
    headers.set(name, last);
  }
  return headers;
}

/** What follows the headers: the description of METADATA. https://packaging.python.org/en/latest/specifications/core-metadata/#description */
export function parseBody(text: string): string {
  const gap = /^\r?\n|\r?\n\r?\n/.exec(text);
  return gap ? text.slice(gap.index + gap[0].length) : '';
}

export interface EntryPoint {
  /** `console_scripts`, `pytest11` … */
  readonly group: string;
  readonly name: string;
  /** `module:attribute`, with extras where it has them. */
  readonly value: string;
}

/** All of entry_points.txt, in its order. */
export function parseEntryPoints(text: string): readonly EntryPoint[] {
  return [...parseIni(text, false)].flatMap(([group, entries]) => [...entries].map(([name, { value }]) => ({ group, name, value })));
}

/** `console_scripts` of entry_points.txt: name → `module:attribute`. https://packaging.python.org/en/latest/specifications/entry-points/ */
export function parseConsoleScripts(text: string): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  // Names are case-sensitive there, and a value's extras are deprecated and mean nothing to an installed script.
  for (const [name, { value }] of parseIni(text, false).get('console_scripts') ?? []) scripts.set(name, value.replace(/\s*\[.*\]\s*$/, '').replace(/\s+/g, ''));
  return scripts;
}

export interface RecordEntry {
  readonly path: string;
  /** `sha256=…`, URL-safe base64 without padding; undefined for RECORD itself. */
  readonly hash: string | undefined;
  readonly size: number | undefined;
}

/** https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file; undefined when a line is not CSV. */
export function parseRecord(text: string): readonly RecordEntry[] | undefined {
  const entries: RecordEntry[] = [];
  for (const fields of parseCsv(text)) {
    if (fields.length === 1 && fields[0] === '') continue;
    const [path = '', hash = '', size = ''] = fields;
    if (fields.length !== 3 || path === '' || !/^\d*$/.test(size)) return undefined;
    entries.push({ path, hash: hash === '' ? undefined : hash, size: size === '' ? undefined : Number(size) });
  }
  return entries;
}

/** RFC 4180: fields may be quoted, a quote in them is doubled, and a line feed in quotes ends nothing. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n][^,\r\n]*|))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    // A quote in the wrong place: the row gets a number of fields that nobody accepts.
    if (!match) return [...rows, ['', '', '', '']];
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') {
      if (field.lastIndex === text.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

export interface RecordProblem {
  readonly path: string;
  readonly kind: 'missing' | 'different' | 'unknown-algorithm';
}

/**
 * Compares files with a RECORD.
 * @param files sha256 in hexadecimal digits by path, as RECORD writes paths (relative to site-packages)
 * @returns every listed file that is missing or different; files without a hash (RECORD itself, bytecode) only have to be listed
 */
export function verifyRecord(record: readonly RecordEntry[], files: ReadonlyMap<string, string>): readonly RecordProblem[] {
  const problems: RecordProblem[] = [];
  for (const { path, hash } of record) {
    if (hash === undefined) continue;
    const found = files.get(path);
    if (!hash.startsWith('sha256=')) problems.push({ path, kind: 'unknown-algorithm' });
    else if (found === undefined) problems.push({ path, kind: 'missing' });
    else if (Buffer.from(found, 'hex').toString('base64url') !== hash.slice('sha256='.length)) problems.push({ path, kind: 'different' });
  }
  return problems;
}
