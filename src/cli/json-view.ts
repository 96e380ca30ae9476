/** One event a line on standard output, and nothing else. Errors are in the events. */
import type { RunEvent } from '../core/pipeline/events.js';
import { jsonLine } from './json-line.js';
import type { Output } from '../terminal/style.js';
import { GatheredOutput } from '../terminal/gathered-output.js';
import type { RunView } from '../terminal/view.js';

export class JsonView implements RunView {
  readonly #out: GatheredOutput;

  constructor(out: Output) {
    this.#out = new GatheredOutput(out);
  }

  event(event: RunEvent): Promise<void> | undefined {
    this.#out.write(`${jsonLine(event)}\n`);
    if (event.type !== 'log') this.#out.flush();
    return this.#out.room();
  }

  cancelling(): void {}

  close(): void {
    this.#out.flush();
  }
}
