/** Streams that remember: a pipe keeps its text, a terminal interprets it as far as the command line uses it, and shows its screen. */
import type { Output } from '../../../src/terminal/style.js';
import { widthOf } from '../../../src/terminal/width.js';

export class Pipe implements Output {
  text = '';

  write(text: string): void {
    this.text += text;
  }

  on(): void {}

  off(): void {}
}

export class Screen implements Output {
  readonly isTTY = true;
  columns: number;
  raw = '';
  isCursorShown = true;
  readonly #resized = new Set<() => void>();
  /** Logical rows; a row longer than the screen is wide is broken when shown, as terminals do. */
  #rows: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    this.raw += text;
    for (const [piece] of text.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|[\s\S]/gu)) this.#put(piece);
  }

  on(_event: 'resize', listener: () => void): void {
    this.#resized.add(listener);
  }

  off(_event: 'resize', listener: () => void): void {
    this.#resized.delete(listener);
  }

  get resizeListeners(): number {
    return this.#resized.size;
  }

  /** As a terminal that breaks its lines anew: the cursor goes with its text. */
  resize(columns: number): void {
    this.columns = columns;
    const rows: string[] = [];
    this.#rows.forEach((row, index) => {
      const pieces = row.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''];
      rows.push(...pieces);
      if (index === this.#row) {
        this.#row = rows.length - 1;
        this.#column = (pieces.at(-1) ?? '').length;
      }
    });
    this.#rows = rows;
    for (const listener of this.#resized) listener();
  }

  /** What a person sees, without empty rows at the end. */
  get lines(): readonly string[] {
    return this.#rows
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd()
      .split('\n');
  }

  get widest(): number {
    return Math.max(...this.#rows.map((row) => widthOf(row)));
  }

  #put(piece: string): void {
    if (piece === '\n') {
      this.#row += 1;
      this.#column = 0;
      if (this.#row === this.#rows.length) this.#rows.push('');
    } else if (piece === '\r') {
      this.#column = 0;
    } else if (piece.startsWith('\u001b[')) {
      this.#control(piece);
    } else {
      const row = (this.#rows[this.#row] ?? '').padEnd(this.#column);
      this.#rows[this.#row] = row.slice(0, this.#column) + piece + row.slice(this.#column + piece.length);
      this.#column += piece.length;
    }
  }

  #control(sequence: string): void {
    const count = Number.parseInt(sequence.slice(2), 10) || 0;
    if (sequence === '\u001b[?25l') this.isCursorShown = false;
    else if (sequence === '\u001b[?25h') this.isCursorShown = true;
    else if (sequence.endsWith('A')) this.#row = Math.max(0, this.#row - Math.max(1, count));
    else if (sequence.endsWith('J')) {
      this.#rows = [...this.#rows.slice(0, this.#row), (this.#rows[this.#row] ?? '').slice(0, this.#column)];
    } else if (!sequence.endsWith('m')) throw new Error(`this terminal does not know ${JSON.stringify(sequence)}`);
  }
}
