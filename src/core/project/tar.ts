/** Headers of a POSIX tar (ustar with pax records): https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */

const BLOCK = 512;
/** 2 February 2020: any constant will do that zip, whose times begin in 1980, can hold too. */
export const CONSTANT_TIME = 1_580_601_600;
/** 11 octal digits. */
const LARGEST_PLAIN_SIZE = 0o77777777777;

export interface TarEntry {
  /** With `/`; a folder's ends with one. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** Of a link. */
  readonly target?: string;
}

/** One header, after a pax header for what plain fields cannot hold: long or non-ASCII names, sizes of 8 GiB and more. */
export function tarHeader(entry: TarEntry): Buffer {
  const records: [string, string][] = [];
  if (!fits(entry.name)) records.push(['path', entry.name]);
  if (entry.target !== undefined && !fits(entry.target)) records.push(['linkpath', entry.target]);
  if (entry.size > LARGEST_PLAIN_SIZE) records.push(['size', String(entry.size)]);
  const header = block({ ...entry, name: shorten(entry.name), ...(entry.target !== undefined && { target: shorten(entry.target) }) }, typeFlag(entry.type));
  if (records.length === 0) return header;
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const pax = block({ name: 'PaxHeader/pypackage', type: 'file', mode: 0o644, size: body.length }, 'x');
  return Buffer.concat([pax, body, tarPadding(body.length), header]);
}

/** What fills the last block of an entry's content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

export function endOfTar(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

function fits(text: string): boolean {
  return text.length <= 100 && /^[\x20-\x7e]*$/.test(text);
}

function shorten(text: string): string {
  return fits(text) ? text : text.replace(/[^\x20-\x7e]/g, '_').slice(-100);
}

function typeFlag(type: TarEntry['type']): string {
  switch (type) {
    case 'file':
      return '0';
    case 'link':
      return '2';
    case 'folder':
      return '5';
  }
}

function block(entry: TarEntry, flag: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  header.write(entry.name, 0, 'latin1');
  octal(entry.mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(Math.min(entry.size, LARGEST_PLAIN_SIZE), 124, 11);
  octal(CONSTANT_TIME, 136, 11);
  header.fill(' ', 148, 156);
  header.write(flag, 156, 'latin1');
  if (entry.target !== undefined) header.write(entry.target, 157, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
