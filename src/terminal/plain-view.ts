/**
 * A run in a pipe, a file or a CI log: nothing moves. Lines of containers carry their stage and a bar, so that none of them
 * can pass for a line of ours.
 */
import { formatDuration } from '../core/format.js';
import { harmless } from '../core/harmless.js';
import type { Progress, RunEvent, Step } from '../core/pipeline/events.js';
import type { Output, Style } from './style.js';
import { closing, errorBlock, finishedLine, headline, stageColumn, stageLine, stepLabel } from './wording.js';
import { GatheredOutput } from './gathered-output.js';
import { progressText, RunMemory } from './run-memory.js';
import type { RunView, ViewOptions } from './view.js';

/** Milliseconds between two lines of progress. */
const PROGRESS_EVERY = 10_000;

export class PlainView implements RunView {
  readonly #out: GatheredOutput;
  readonly #err: Output;
  readonly #style: { readonly out: Style; readonly err: Style };
  readonly #options: ViewOptions;
  readonly #memory = new RunMemory();
  #lastProgress = 0;
  #began = false;

  constructor(out: Output, err: Output, style: { readonly out: Style; readonly err: Style }, options: ViewOptions) {
    this.#out = new GatheredOutput(out);
    this.#err = err;
    this.#style = style;
    this.#options = options;
  }

  event(event: RunEvent): Promise<void> | undefined {
    const style = this.#style.out;
    switch (event.type) {
      case 'run.started':
        this.#began = true;
        this.#print(`${headline(event, style)}\n`);
        break;
      case 'stage.started':
        this.#lastProgress = Date.parse(event.time);
        this.#print(`${stageColumn(event.stage)}started: ${harmless(event.reason)}`);
        break;
      case 'step':
        this.#print(`${stageColumn(event.stage)}> ${stepText(event)}`);
        break;
      case 'log':
        this.#print(`${stageColumn(event.stage)}${event.stream === 'note' ? 'note:' : '|'} ${harmless(event.text, style.colour)}`.trimEnd());
        break;
      case 'progress':
        this.#progress(event, Date.parse(event.time));
        break;
      case 'stage.skipped':
        this.#print(stageLine({ stage: event.stage, summary: event.reason, paint: style.dim }));
        break;
      case 'stage.finished':
        this.#print(finishedLine(event, this.#memory.stage?.reason, style));
        break;
      case 'stage.failed':
        if (event.error.kind !== 'cancelled') this.#print(stageLine({ stage: event.stage, summary: 'failed', paint: style.red, ms: event.ms }));
        break;
      case 'artifact':
      case 'run.finished':
        break;
    }
    this.#memory.take(event);
    if (event.type === 'run.finished') this.#finish(event);
    if (event.type !== 'log') this.#out.flush();
    return this.#out.room();
  }

  cancelling(): void {
    this.#out.flush();
    this.#err.write('Cancelling. Ctrl+C again ends it at once.\n');
  }

  close(): void {
    this.#out.flush();
  }

  #finish(event: Extract<RunEvent, { type: 'run.finished' }>): void {
    this.#out.flush();
    const gap = this.#began ? '\n' : '';
    switch (event.outcome) {
      case 'done':
        this.#print(gap + closing(event, event.release && this.#options.next?.(event.release.serves)));
        break;
      case 'cancelled':
        this.#err.write(`Cancelled after ${formatDuration(event.ms)}.\n`);
        break;
      case 'failed': {
        const { failure, log } = this.#memory;
        if (failure === undefined) break;
        const context = { stage: failure.stage, step: failure.step, log: log && this.#options.showPath(log), detail: this.#options.verbose };
        this.#err.write(`${errorBlock(failure.error, this.#style.err, context)}\n`);
      }
    }
  }

  #progress(event: Progress, now: number): void {
    if (now - this.#lastProgress < PROGRESS_EVERY) return;
    this.#lastProgress = now;
    this.#print(`${stageColumn(event.stage)}> ${harmless(progressText(event))}`);
  }

  #print(line: string): void {
    this.#out.write(`${line}\n`);
  }
}

function stepText({ name, state, ms }: Step): string {
  const text = stepLabel(name);
  switch (state) {
    case 'started':
      return text;
    case 'cached':
      return `${text} (cached)`;
    case 'done':
      return `${text} (done${ms === undefined ? '' : ` in ${formatDuration(ms)}`})`;
    case 'failed':
      return `${text} (failed${ms === undefined ? '' : ` after ${formatDuration(ms)}`})`;
  }
}
