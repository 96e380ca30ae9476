/** The one line at the bottom of the terminal that is drawn again in place. Everything else is printed above it. */
import type { Output } from './style.js';
import { truncate, widthOf } from './width.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_TO_END = '\u001b[0J';
/** Milliseconds between two drawings, so that a flood of events does not become a flood of drawings. */
const REDRAW_EVERY = 50;
const TICK = 1000;
/** A terminal prints ^C where the cursor is; the line must not be broken by it. */
const ROOM_FOR_ECHO = 2;

export class LiveLine {
  readonly #out: Output;
  readonly #text: () => string;
  readonly #paint: (line: string) => string;
  /** What stands there now, without colour; undefined when nothing does. */
  #drawn: string | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #pending: NodeJS.Timeout | undefined;

  /** `text` is asked anew for every drawing: it holds a running clock. An empty one draws nothing. */
  constructor(out: Output, text: () => string, paint: (line: string) => string = (line) => line) {
    this.#out = out;
    this.#text = text;
    this.#paint = paint;
  }

  start(): void {
    if (this.#ticking !== undefined) return;
    this.#ticking = setInterval(() => this.#draw(), TICK);
    this.#ticking.unref();
    this.#out.on('resize', this.#draw);
    this.#out.write(HIDE_CURSOR);
    this.#draw();
  }

  /** Draws soon. */
  update(): void {
    if (this.#ticking === undefined || this.#pending !== undefined) return;
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      this.#draw();
    }, REDRAW_EVERY);
    this.#pending.unref();
  }

  /** Prints whole lines above. `other` is where they go when not to the stream of the live line, such as standard error. */
  print(text: string, other: Output = this.#out): void {
    this.#erase();
    other.write(`${text}\n`);
    this.update();
  }

  /** Takes the line away and gives the cursor back. */
  close(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    if (this.#ticking === undefined) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    this.#out.off('resize', this.#draw);
    this.#erase();
    this.#out.write(SHOW_CURSOR);
  }

  readonly #draw = (): void => {
    if (this.#ticking === undefined) return;
    this.#erase();
    const line = truncate(this.#text(), this.#columns() - 1 - ROOM_FOR_ECHO);
    if (line === '') return;
    this.#out.write(this.#paint(line));
    this.#drawn = line;
  };

  /** A terminal that has become narrower has broken the line into several: all of them go. */
  #erase(): void {
    if (this.#drawn === undefined) return;
    const rows = Math.max(1, Math.ceil(widthOf(this.#drawn) / this.#columns()));
    this.#out.write(`\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}${CLEAR_TO_END}`);
    this.#drawn = undefined;
  }

  #columns(): number {
    return Math.max(2, this.#out.columns ?? 80);
  }
}
