/** What has to be remembered of a run's events to tell the later ones: names of steps, what runs, the last lines of each step. */
import type { ErrorReport } from '../core/errors.js';
import { shortened } from '../core/harmless.js';
import type { Progress, RunEvent, StageName } from '../core/pipeline/events.js';

const TAIL_LINES = 20;
const MOST_COMPLAINTS = 20;
/** What a compiler says of a line: under the traceback of whoever called it, it would be out of sight. */
const COMPLAINT = /^\s*[^\s:]+:\d+(?::\d+)?: (?:fatal )?(?:error|warning): /;
/** Characters of a line of a tail. */
const LONGEST_LINE = 2000;
/** Lines that belong to no step. */
const NO_STEP = '';

interface RunningStage {
  readonly stage: StageName;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly reason: string;
}

export interface Failure {
  readonly stage: StageName | undefined;
  readonly step: string | undefined;
  readonly error: ErrorReport;
  /** The last lines of the step that failed; of the whole stage where it had none. */
  readonly tail: readonly string[];
  /** Complaints of compilers from before the tail, the first of them. */
  readonly complaints: readonly string[];
}

export class RunMemory {
  log: string | undefined;
  stage: RunningStage | undefined;
  /** Of the running stage, `45 %` or `3 of 14`, with its label. */
  progress: string | undefined;
  failure: Failure | undefined;
  readonly #names = new Map<string, string>();
  readonly #running = new Set<string>();
  #failedStep: string | undefined;
  readonly #tails = new Map<string, string[]>();
  readonly #complaints: string[] = [];

  take(event: RunEvent): void {
    switch (event.type) {
      case 'run.started':
        this.log = event.log;
        return;
      case 'stage.started':
        this.stage = { stage: event.stage, since: Date.parse(event.time), reason: event.reason };
        return;
      case 'step':
        this.#names.set(event.id, event.name);
        this.progress = undefined;
        if (event.state === 'started') this.#running.add(event.id);
        else this.#running.delete(event.id);
        if (event.state === 'failed') this.#failedStep = event.id;
        return;
      case 'log':
        if (event.stream !== 'note') this.#remember(event.step, event.text);
        return;
      case 'progress':
        this.progress = progressText(event);
        return;
      case 'stage.failed':
        this.failure = this.#failureOf(event.stage, event.error);
        this.#forget();
        return;
      case 'stage.finished':
      case 'stage.skipped':
        this.#forget();
        return;
      case 'run.finished':
        if (event.outcome === 'failed' && event.error !== undefined)
          this.failure ??= { stage: undefined, step: undefined, error: event.error, tail: [], complaints: [] };
        return;
      case 'artifact':
    }
  }

  /** The step that was started last and still runs. */
  get step(): string | undefined {
    const id = [...this.#running].at(-1);
    return id === undefined ? undefined : this.#names.get(id);
  }

  #remember(step: string | undefined, line: string): void {
    const text = shortened(line, LONGEST_LINE);
    if (this.#complaints.length < MOST_COMPLAINTS && COMPLAINT.test(text)) this.#complaints.push(text);
    for (const key of new Set([NO_STEP, step ?? NO_STEP])) {
      const tail = this.#tails.get(key) ?? [];
      this.#tails.set(key, tail);
      tail.push(text);
      if (tail.length > TAIL_LINES) tail.shift();
    }
  }

  #failureOf(stage: StageName, error: ErrorReport): Failure {
    const id = this.#failedStep ?? [...this.#running].at(-1);
    const tail = (id === undefined ? undefined : this.#tails.get(id)) ?? this.#tails.get(NO_STEP) ?? [];
    const complaints = this.#complaints.filter((line) => !tail.includes(line));
    return { stage, step: id === undefined ? undefined : this.#names.get(id), error, tail, complaints };
  }

  #forget(): void {
    this.stage = undefined;
    this.progress = undefined;
    this.#failedStep = undefined;
    this.#names.clear();
    this.#running.clear();
    this.#tails.clear();
    this.#complaints.length = 0;
  }
}

export function progressText({ label, current, total, unit }: Progress): string {
  if (total === undefined || total <= 0) return unit === 'items' ? `${label} ${current}` : label;
  return unit === 'items' ? `${label} ${current} of ${total}` : `${label} ${Math.floor((100 * Math.min(current, total)) / total)} %`;
}
