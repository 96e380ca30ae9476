/** The core's thread over time: started by the first call, ended when nobody has asked for a while, started again after that. */
import { Worker } from 'node:worker_threads';
import { CancelledError, detailOf, type ErrorReport, FRONT_END_ENDS } from '../core/errors.js';
import type { RunEvent } from '../core/pipeline/events.js';
import type { Call, ValueOf } from '../protocol/worker.js';
import type { CallOptions, CoreClient } from './core-client.js';
import { type Answer, valueOf } from './core-error.js';
import type { Notes } from './journal.js';
import { loadCoreClient } from './load-core-client.js';
import { THREAD } from './thread-options.js';

const IDLE_MINUTES = 5;
/** How long a closing window waits for cancelled work to clean up; VS Code itself gives five seconds. */
const GOODBYE_MS = 4_000;

/** What the rest of the extension sees of the core. */
export interface CoreCalls {
  call<C extends Call>(call: C, options?: CallOptions): Promise<ValueOf<C>>;
}

export class CoreThread implements CoreCalls {
  private client: Promise<CoreClient> | undefined;
  private idle: NodeJS.Timeout | undefined;
  private readonly running = new Set<Promise<unknown>>();
  private readonly ending = new AbortController();

  constructor(
    private readonly file: string,
    private readonly notes: Notes,
  ) {}

  async call<C extends Call>(call: C, options: CallOptions = {}): Promise<ValueOf<C>> {
    if (this.ending.signal.aborted) throw new CancelledError();
    clearTimeout(this.idle);
    const signal = options.signal ? AbortSignal.any([options.signal, this.ending.signal]) : this.ending.signal;
    const began = performance.now();
    this.notes.note('trace', `${call.method}: asked`);
    const { onEvents } = options;
    const noted = onEvents && {
      onEvents: (events: readonly RunEvent[]): void => {
        this.noteEvents(events);
        onEvents(events);
      },
    };
    const work = (this.client ??= this.open()).then((client) => client.call(call, { ...options, ...noted, signal }));
    this.running.add(work);
    try {
      const answer = await work;
      this.noteEnd(call, answer, performance.now() - began);
      return valueOf(answer);
    } finally {
      this.running.delete(work);
      if (this.running.size === 0) this.endLater();
    }
  }

  /** Starts the thread for a call that is about to come, so that both load side by side. */
  warm(): void {
    if (this.ending.signal.aborted || this.client) return;
    this.client = this.open();
    this.endLater();
  }

  /** Cancels what runs, gives it a moment to clean up, and ends the thread. */
  async end(): Promise<void> {
    clearTimeout(this.idle);
    this.ending.abort(FRONT_END_ENDS);
    const { client } = this;
    if (!client) return;
    await Promise.race([Promise.allSettled(this.running), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    await (await client).terminate();
  }

  private open(): Promise<CoreClient> {
    const forget = (): void => {
      if (this.client === own) this.client = undefined;
    };
    const own: Promise<CoreClient> = this.start(forget);
    own.catch((error: unknown) => {
      forget();
      this.notes.note('error', `the packaging thread does not start: ${detailOf(error)}`);
    });
    return own;
  }

  private async start(onEnd: () => void): Promise<CoreClient> {
    const began = performance.now();
    const worker = new Worker(this.file, THREAD);
    worker.once('online', () => this.notes.note('info', `the packaging thread runs after ${Math.round(performance.now() - began)} ms`));
    worker.once('exit', (code) =>
      this.notes.note(code === 0 || this.ending.signal.aborted ? 'info' : 'warn', `the packaging thread ended with exit code ${code}`),
    );
    // Its schemas are read while it starts. Until then nobody else hears of its end.
    const ended = new Promise<never>((_, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`exit code ${code}`)));
    });
    ended.catch(() => undefined);
    const { CoreClient } = await Promise.race([loadCoreClient(), ended]);
    return new CoreClient(worker, onEnd);
  }

  /** The milestones of a run; what a project prints is in its own log. */
  private noteEvents(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === 'run.started') this.notes.note('info', `run ${event.run}: ${event.project.name} on ${event.engine}`);
      else if (event.type === 'stage.finished') this.notes.note('debug', `run ${event.run}: ${event.stage} took ${event.ms} ms`);
      else if (event.type === 'stage.failed') this.noteError(`run ${event.run}: ${event.stage} failed after ${event.ms} ms`, event.error);
      else if (event.type === 'run.finished') this.notes.note('info', `run ${event.run}: ${event.outcome} after ${event.ms} ms`);
    }
  }

  private noteEnd({ method, params }: Call, answer: Answer<unknown>, ms: number): void {
    const took = `${method}: ${Math.round(ms)} ms`;
    if (!('error' in answer)) {
      this.notes.note(method === 'run' ? 'info' : 'debug', took + engineIn(answer.value));
      return;
    }
    if (answer.error.kind === 'cancelled') this.notes.note('info', `${took}, cancelled`);
    else this.noteError(`${took}${'folder' in params ? ` in ${params.folder}` : ''}`, answer.error);
  }

  /** What a person can act on is no fault of the extension, and may quote what a tool printed: its code will do. */
  private noteError(what: string, { kind, code, message, detail }: ErrorReport): void {
    if (kind === 'defect') this.notes.note('error', `${what}, a defect: ${detail ?? message}`);
    else this.notes.note('warn', `${what}, ${kind === 'engine' || kind === 'lease' ? `${code}: ${message}` : code}`);
  }

  private endLater(): void {
    this.idle = setTimeout(() => {
      const { client } = this;
      this.client = undefined;
      this.notes.note('debug', `the packaging thread is ended: nothing was asked for ${IDLE_MINUTES} min`);
      void client?.then((client) => client.close());
    }, IDLE_MINUTES * 60_000);
    this.idle.unref();
  }
}

/** Which engine an answer came from. */
function engineIn(value: unknown): string {
  const engine: unknown = typeof value === 'object' && value !== null && 'engine' in value ? value.engine : undefined;
  if (typeof engine !== 'object' || engine === null || !('product' in engine && 'version' in engine && 'url' in engine && 'source' in engine)) return '';
  return `, ${String(engine.product)} ${String(engine.version)} at ${String(engine.url)} (${String(engine.source)})`;
}
