/** One event a line on standard output, and nothing else. Errors are in the events. */
import { roomIn } from '../../core/pace.js';
import type { RunEvent } from '../../core/pipeline/events.js';
import { jsonLine } from '../json-line.js';
import type { Output } from '../style.js';
import type { RunView } from './view.js';

export class JsonView implements RunView {
  readonly #out: Output;

  constructor(out: Output) {
    this.#out = out;
  }

  event(event: RunEvent): Promise<void> | undefined {
    this.#out.write(`${jsonLine(event)}\n`);
    return roomIn(this.#out);
  }

  cancelling(): void {}

  close(): void {}
}
