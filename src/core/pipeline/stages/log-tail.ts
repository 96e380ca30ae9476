/** The last lines of a job, for saying what went wrong. */
export class LogTail {
  private readonly lines: string[] = [];
  private count = 0;

  constructor(private readonly limit = 400) {}

  push(line: string): void {
    this.count += 1;
    this.lines.push(line);
    if (this.lines.length > this.limit) this.lines.shift();
  }

  /** Lines so far, the dropped ones included. */
  get total(): number {
    return this.count;
  }

  /** The first match, and the 1-based number of its line in the whole output. */
  find(pattern: RegExp): { readonly match: RegExpExecArray; readonly line: number } | undefined {
    for (const [i, text] of this.lines.entries()) {
      const match = pattern.exec(text);
      if (match) return { match, line: this.count - this.lines.length + i + 1 };
    }
    return undefined;
  }

  /** The last match. */
  findLast(pattern: RegExp): RegExpExecArray | undefined {
    for (const text of this.lines.toReversed()) {
      const match = pattern.exec(text);
      if (match) return match;
    }
    return undefined;
  }

  /** The last line that says something. */
  last(): string | undefined {
    return this.lines.findLast((line) => line.trim() !== '')?.trim();
  }
}
