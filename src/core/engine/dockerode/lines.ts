/** From bytes as they come to lines of text. */
import { decodeBytes } from '../../bytes.js';
import type { Pace, Paced } from '../../pace.js';
import type { LineEnd } from '../engine.js';

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
/** A longer line is handed out in pieces, so that one line cannot fill the memory. */
const MAX_LINE = 64 * 1024;
/** How far back a piece is ended at a space: what is redacted line by line should not be cut in two. */
const LONGEST_WORD = 4 * 1024;

/** Splits bytes, not text: a character may be cut by the end of a message. What it hands out says all bytes: text with its end. */
export class LineSplitter {
  private parts: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly emit: Paced<[line: string, end: LineEnd]>) {}

  /** Hands out all lines at once, and returns what the last of them was answered with. */
  push(data: Uint8Array): Pace {
    let pace: Pace = undefined;
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      pace = this.endLine(data.subarray(start, end));
      start = end + 1;
    }
    if (start < data.length) pace = this.keep(data.subarray(start)) ?? pace;
    return pace;
  }

  /** Hands out a line that lacks its end. */
  flush(): void {
    if (this.length === 0) return;
    const rest = this.take();
    const isReturn = rest.at(-1) === RETURN;
    void this.emit(decodeBytes(isReturn ? rest.subarray(0, -1) : rest), isReturn ? '\r' : '');
  }

  private endLine(last: Uint8Array): Pace {
    if (this.length === 0 && last.length <= MAX_LINE) return this.out(last); // the common case, without a copy
    void this.keep(last);
    return this.out(this.take());
  }

  private keep(data: Uint8Array): Pace {
    this.parts.push(Uint8Array.prototype.slice.call(data)); // a copy: what it points into may be large or be reused
    this.length += data.length;
    if (this.length <= MAX_LINE) return;
    let pace: Pace = undefined;
    let rest = this.take();
    while (rest.length > MAX_LINE) {
      const cut = wordEnd(rest, MAX_LINE) ?? characterStart(rest, MAX_LINE);
      pace = this.emit(decodeBytes(rest.subarray(0, cut)), '');
      rest = rest.subarray(cut);
    }
    this.parts = [rest];
    this.length = rest.length;
    return pace;
  }

  private take(): Buffer {
    const line = Buffer.concat(this.parts);
    this.parts = [];
    this.length = 0;
    return line;
  }

  private out(line: Uint8Array): Pace {
    const isReturn = line.at(-1) === RETURN;
    return this.emit(decodeBytes(isReturn ? line.subarray(0, -1) : line), isReturn ? '\r\n' : '\n');
  }
}

/** Behind the last space before `at`, where there is one nearby. */
function wordEnd(bytes: Uint8Array, at: number): number | undefined {
  for (let i = at; i > at - LONGEST_WORD; i--) if ((bytes[i - 1] ?? 0) <= SPACE) return i;
  return undefined;
}

/** The last place at or before `at` that does not cut a UTF-8 character. */
function characterStart(bytes: Uint8Array, at: number): number {
  for (let i = at; i > at - 4; i--) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return i;
  return at;
}

/** A stream's chunk, which Node's types call anything. */
export function bytesOf(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}
