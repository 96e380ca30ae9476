/** Lines that come together go out together: a write for each costs more than the line, in time and in memory. */
import { roomIn } from '../core/pace.js';
import type { Output } from './style.js';

/** Characters. */
const BLOCK = 64 * 1024;

export class GatheredOutput {
  readonly #out: Output;
  #text = '';
  #flushing: NodeJS.Immediate | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Goes out with the end of this turn of the event loop at the latest. */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= BLOCK) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
  }

  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#out.write(text);
  }

  /** undefined while there is room; else what settles when there is. */
  room(): Promise<void> | undefined {
    return roomIn(this.#out);
  }
}
