/** From bytes as they come to lines of text. */
import type { Pace, Paced } from '../../pace.js';

const NEWLINE = 10;
const RETURN = 13;
/** A longer line is handed out in pieces, so that one line cannot fill the memory. */
const MAX_LINE = 64 * 1024;

/** Splits bytes, not text: a character may be cut by the end of a message. Bytes that are not UTF-8 become U+FFFD. */
export class LineSplitter {
  private parts: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly emit: Paced<[line: string]>) {}

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
    if (this.length > 0) void this.out(this.take());
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
      const cut = characterStart(rest, MAX_LINE);
      pace = this.emit(rest.toString('utf8', 0, cut));
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
    const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
    return this.emit(Buffer.from(line.buffer, line.byteOffset, end).toString('utf8'));
  }
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
