/** The last lines of a job, for saying what went wrong. */
import { Tail } from '../tail.js';

const CHARACTERS = 1024 * 1024;

export class LogTail {
  private readonly tail: Tail<string>;
  private count = 0;

  constructor(limit = 400) {
    this.tail = new Tail({ items: limit, characters: CHARACTERS }, (line) => line.length);
  }

  push(line: string): void {
    this.count += 1;
    this.tail.push(line);
  }

  /** Lines so far, the dropped ones included. */
  get total(): number {
    return this.count;
  }

  /** The first match, and the 1-based number of its line in the whole output. */
  find(pattern: RegExp): { readonly match: RegExpExecArray; readonly line: number } | undefined {
    for (const [i, text] of this.tail.toArray().entries()) {
      const match = pattern.exec(text);
      if (match) return { match, line: this.count - this.tail.size + i + 1 };
    }
    return undefined;
  }

  /** What is left of it, oldest first. */
  get lines(): readonly string[] {
    return this.tail.toArray();
  }

  /** The last match. */
  findLast(pattern: RegExp): RegExpExecArray | undefined {
    for (const text of this.tail.toArray().toReversed()) {
      const match = pattern.exec(text);
      if (match) return match;
    }
    return undefined;
  }

  /** The last line that says something. */
  last(): string | undefined {
    return this.tail
      .toArray()
      .findLast((line) => line.trim() !== '')
      ?.trim();
  }
}
