/** One event a line on standard output, and nothing else. Errors are in the events. */
import type { RunEvent } from '../../core/pipeline/events.js';
import type { Output } from '../style.js';
import type { RunView } from './view.js';

export class JsonView implements RunView {
  readonly #out: Output;

  constructor(out: Output) {
    this.#out = out;
  }

  event(event: RunEvent): void {
    this.#out.write(`${JSON.stringify(event)}\n`);
  }

  cancelling(): void {}

  close(): void {}
}
