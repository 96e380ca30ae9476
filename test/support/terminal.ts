/** A terminal of the kind that the editor has: what is typed, what is printed, its size. */
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { TerminalStreams } from '../../src/core/engine/engine.js';

export class FakeTerminal implements TerminalStreams {
  readonly tty = true;
  readonly stdin = new PassThrough();
  raw = '';
  readonly stdout = Object.assign(
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.raw += chunk.toString();
        done();
      },
    }),
    { columns: 80, rows: 24 },
  );
  readonly stderr = this.stdout;

  /** Without what moves cursors and sets modes. */
  get text(): string {
    return stripVTControlCharacters(this.raw).replaceAll(/\r+\n/g, '\n').replaceAll('\r', '');
  }

  type(text: string): void {
    this.stdin.write(text);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.stdout, { columns, rows });
    this.stdout.emit('resize');
  }

  /** Waits until what was printed matches. */
  async says(text: RegExp, ms = 10_000): Promise<void> {
    const end = performance.now() + ms;
    while (!text.test(this.text)) {
      if (performance.now() > end) throw new Error(`the terminal did not say ${text.source} within ${ms} ms:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
