/** The core's thread over time: started by the first call, ended when nobody has asked for a while, started again after that. */
import { Worker } from 'node:worker_threads';
import { CancelledError, FRONT_END_ENDS } from '../core/errors.js';
import type { Call, ValueOf } from '../protocol/worker.js';
import type { CallOptions, CoreClient } from './core-client.js';
import { valueOf } from './core-error.js';
import { loadCoreClient } from './load-core-client.js';

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

  constructor(private readonly file: string) {}

  async call<C extends Call>(call: C, options: CallOptions = {}): Promise<ValueOf<C>> {
    if (this.ending.signal.aborted) throw new CancelledError();
    clearTimeout(this.idle);
    const signal = options.signal ? AbortSignal.any([options.signal, this.ending.signal]) : this.ending.signal;
    const work = (this.client ??= this.open()).then((client) => client.call(call, { ...options, signal }));
    this.running.add(work);
    try {
      return valueOf(await work);
    } finally {
      this.running.delete(work);
      if (this.running.size === 0) this.endLater();
    }
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
    own.catch(forget);
    return own;
  }

  private async start(onEnd: () => void): Promise<CoreClient> {
    const { CoreClient, THREAD } = await loadCoreClient();
    return new CoreClient(new Worker(this.file, THREAD), onEnd);
  }

  private endLater(): void {
    this.idle = setTimeout(() => {
      const { client } = this;
      this.client = undefined;
      void client?.then((client) => client.close());
    }, IDLE_MINUTES * 60_000);
    this.idle.unref();
  }
}
