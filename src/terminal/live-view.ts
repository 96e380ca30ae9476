/** A run in a terminal: a line for every stage that ended, and one that moves for the stage that runs. */
import type { ErrorReport } from '../core/errors.js';
import { formatDuration, formatElapsed } from '../core/format.js';
import { harmless } from '../core/harmless.js';
import { roomIn } from '../core/pace.js';
import type { RunEvent, StageName } from '../core/pipeline/events.js';
import type { Output, Style } from './style.js';
import { closing, errorBlock, finishedLine, headline, stageColumn, stageLine, stepLabel } from './wording.js';
import { LiveLine } from './live-line.js';
import { RunMemory } from './run-memory.js';
import type { RunView, ViewOptions } from './view.js';

/** Milliseconds. */
const WORTH_SAYING = 1000;

export class LiveView implements RunView {
  readonly #out: Output;
  readonly #err: Output;
  readonly #style: { readonly out: Style; readonly err: Style };
  readonly #options: ViewOptions & { readonly now: () => number };
  readonly #memory = new RunMemory();
  readonly #line: LiveLine;
  readonly #since: number;
  #began = false;
  #cancelling = false;

  constructor(out: Output, err: Output, style: { readonly out: Style; readonly err: Style }, options: ViewOptions & { readonly now: () => number }) {
    this.#out = out;
    this.#err = err;
    this.#style = style;
    this.#options = options;
    this.#since = options.now();
    this.#began = options.joined ?? false;
    this.#line = new LiveLine(out, () => this.#running());
    this.#line.start();
  }

  event(event: RunEvent): Promise<void> | undefined {
    const style = this.#style.out;
    switch (event.type) {
      case 'run.started':
        this.#began = true;
        this.#line.print(`${headline(event, style)}\n`);
        break;
      case 'log':
        if (event.stream === 'note') this.#line.print(`${stageColumn(event.stage)}${style.yellow('note:')} ${harmless(event.text)}`);
        else if (this.#options.verbose) this.#line.print(`${stageColumn(event.stage)}${style.dim('|')} ${harmless(event.text, style.colour)}`.trimEnd());
        break;
      case 'stage.skipped':
        this.#line.print(stageLine({ stage: event.stage, summary: event.reason, paint: style.dim }));
        break;
      case 'stage.finished':
        this.#line.print(finishedLine(event, this.#memory.stage?.reason, style));
        break;
      case 'stage.failed':
        if (event.error.kind !== 'cancelled') this.#line.print(stageLine({ stage: event.stage, summary: 'failed', paint: style.red, ms: event.ms }));
        break;
      case 'stage.started':
      case 'step':
      case 'progress':
      case 'artifact':
      case 'run.finished':
        break;
    }
    this.#memory.take(event);
    this.#line.update();
    if (event.type === 'run.finished') this.#finish(event);
    return roomIn(this.#out);
  }

  /** Where a run is that this view did not see begin. */
  resume({ stage, stageStartedAt }: { readonly stage?: StageName; readonly stageStartedAt?: number }): void {
    if (stage === undefined) return;
    this.#memory.stage = { stage, since: stageStartedAt ?? this.#since, reason: '' };
    this.#line.update();
  }

  cancelling(): void {
    this.#cancelling = true;
    this.#line.update();
  }

  close(): void {
    this.#line.close();
  }

  #running(): string {
    const { stage, step, progress } = this.#memory;
    const cancelling = this.#cancelling ? 'cancelling (Ctrl+C again ends it at once)' : undefined;
    if (stage === undefined) return cancelling === undefined ? this.#looking() : `  ${cancelling}`;
    const clock = formatElapsed(this.#options.now() - stage.since);
    const what = [cancelling, progress ?? stepLabel(step ?? stage.reason)].filter((part) => part !== undefined).map((part) => harmless(part));
    return `${stageColumn(stage.stage)}${clock.padEnd(10)}${what.join(' · ')}`;
  }

  /** An engine far away takes its time to answer; a quick one is not worth a line that only flickers. */
  #looking(): string {
    const waited = this.#options.now() - this.#since;
    return this.#began || waited < WORTH_SAYING ? '' : `  looking at the project and the engine  ${formatElapsed(waited)}`;
  }

  #finish(event: Extract<RunEvent, { type: 'run.finished' }>): void {
    const gap = this.#began ? '\n' : '';
    switch (event.outcome) {
      case 'done':
        this.#line.print(gap + closing(event, event.release && this.#options.next?.(event.release.serves)));
        break;
      case 'cancelled':
        this.#line.print(`${gap}Cancelled after ${formatDuration(event.ms)}.`, this.#err);
        break;
      case 'failed':
        this.#explain(gap);
    }
    this.close();
  }

  #explain(gap: string): void {
    const { failure, log } = this.#memory;
    if (failure === undefined) return;
    const style = this.#style.err;
    const quote = (text: string): string => `  ${tells(text, failure.error) ? style.red('>') : style.dim('|')} ${harmless(text, style.colour)}`.trimEnd();
    const complaints = failure.complaints.length === 0 ? [] : [...failure.complaints.map(quote), `  ${style.dim('…')}`];
    const tail = [...complaints, ...failure.tail.map(quote)];
    const said = !this.#options.verbose && tail.length > 0 ? `${tail.join('\n')}\n\n` : '';
    const context = { stage: failure.stage, step: failure.step, log: log && this.#options.showPath(log), detail: this.#options.verbose };
    this.#line.print(gap + said + errorBlock(failure.error, style, context), this.#err);
  }
}

/**
 * Whether the line is where the error's own place was read. It is pointed at, and not behind a bar: the editor's problem matchers
 * look behind bars only, and this place has been told already.
 */
function tells(text: string, { where }: ErrorReport): boolean {
  return where?.line !== undefined && where.file !== '' && text.includes(`${where.file}:${where.line}:`);
}
