/**
 * Bytes that somebody prints, as text from which the very bytes can be had again. What is not UTF-8 stands as half a surrogate pair, as in
 * Python (PEP 383): 0x80 is U+DC80. Inside only: whatever leaves us as JSON or is shown has U+FFFD in its place (`wellFormed`).
 */
import { isUtf8 } from 'node:buffer';

const ESCAPE = 0xdc00;
const ESCAPED = /[\udc80-\udcff]/u;
const LONE = /\p{Surrogate}/u;
const ALL_LONE = /\p{Surrogate}/gu;

export function decodeBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString('utf8');
  return !text.includes('\ufffd') || isUtf8(buffer) ? text : decodeMixed(buffer);
}

function decodeMixed(buffer: Buffer): string {
  let text = '';
  let start = 0;
  for (let at = 0; at < buffer.length;) {
    const length = lengthOfCharacter(buffer, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += buffer.toString('utf8', start, at) + String.fromCharCode(ESCAPE + (buffer[at] ?? 0));
    at += 1;
    start = at;
  }
  return text + buffer.toString('utf8', start);
}

/** 0 where no character of UTF-8 begins. The Unicode Standard, table 3-7. */
function lengthOfCharacter(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length === 0 || second < lowest || second > highest) return 0;
  for (let i = at + 2; i < at + length; i++) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Whether it holds bytes that are not UTF-8, which only `encodeText` writes as they were. */
export const holdsBytes = (text: string): boolean => ESCAPED.test(text);

/** The bytes that `decodeBytes` was given. */
export function encodeText(text: string): Buffer {
  const pieces: Buffer[] = [];
  let rest = text;
  for (let at = rest.search(ESCAPED); at >= 0; at = rest.search(ESCAPED)) {
    pieces.push(Buffer.from(rest.slice(0, at)), Buffer.of(rest.charCodeAt(at) - ESCAPE));
    rest = rest.slice(at + 1);
  }
  return Buffer.concat([...pieces, Buffer.from(rest)]);
}

/** For everybody else. */
export function wellFormed(text: string): string {
  return LONE.test(text) ? text.replace(ALL_LONE, '\ufffd') : text;
}
