/** The host's end of one worker thread: calls out, answers and batches in. A bundle of its own, loaded with the first call. */
import { CancelledError, type ErrorReport, FRONT_END_ENDS, messageOf, reportOf } from '../core/errors.js';
import type { ObjectChange } from '../core/objects/object-rows.js';
import type { RunEvent } from '../core/pipeline/events.js';
import {
  type Call,
  type HostMessage,
  type OutputLine,
  parseValue,
  parseWorkerMessage,
  type TerminalSize,
  type ValueOf,
  type WorkerMessage,
} from '../protocol/worker.js';
import type { Answer } from './core-error.js';

export { THREAD } from './thread-options.js';
// Their schemas are in this bundle, which is loaded where there is a record to read.
export { markTold, readRecord, stateOfRecord } from '../core/pipeline/run-record.js';

/** The part of a Worker that is used here. */
export interface Thread {
  postMessage(message: HostMessage): void;
  on(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): unknown;
  terminate(): Promise<number>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onEvents?: (events: readonly RunEvent[]) => void;
  readonly onLines?: (lines: readonly OutputLine[]) => void;
  readonly onChanges?: (changes: readonly ObjectChange[]) => void;
  /** What a terminal prints. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Called when the call is on its way, with what its terminal is told by. */
  readonly onOpen?: (input: TerminalInput) => void;
}

export interface TerminalInput {
  type(data: string): void;
  resize(size: TerminalSize): void;
}

interface Pending extends CallOptions {
  readonly settle: (answer: Answer<unknown>) => void;
}

export class CoreClient {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private death: ErrorReport | undefined;

  constructor(
    private readonly thread: Thread,
    /** Called once, when the thread has ended for whatever reason. */
    onEnd: () => void,
  ) {
    let ended = false;
    const end = (why: string, detail?: string): void => {
      this.death ??= { kind: 'defect', code: 'worker-ended', message: `The packaging thread ended: ${why}`, ...(detail !== undefined && { detail }) };
      for (const { settle } of this.pending.values()) settle({ error: this.death });
      this.pending.clear();
      if (ended) return;
      ended = true;
      onEnd();
    };
    thread.on('message', (raw) => {
      try {
        this.receive(parseWorkerMessage(raw));
      } catch (error) {
        end(messageOf(error));
        void thread.terminate();
      }
    });
    thread.on('error', (error) => end(messageOf(error), error instanceof Error ? error.stack : undefined));
    thread.on('exit', (code) => end(`exit code ${String(code)}`));
  }

  get busy(): boolean {
    return this.pending.size > 0;
  }

  /** Never rejects. */
  async call<C extends Call>(call: C, options: CallOptions = {}): Promise<Answer<ValueOf<C>>> {
    const { signal } = options;
    if (signal?.aborted) return { error: reportOf(new CancelledError()) };
    if (this.death) return { error: this.death };
    const id = ++this.lastId;
    const cancel = (): void => this.thread.postMessage({ type: 'cancel', id, ...(signal?.reason === FRONT_END_ENDS && { ends: true }) });
    try {
      const answer = await new Promise<Answer<unknown>>((settle) => {
        this.pending.set(id, { ...options, settle });
        signal?.addEventListener('abort', cancel, { once: true });
        this.thread.postMessage({ type: 'call', id, call });
        options.onOpen?.(this.inputOf(id));
      });
      return 'error' in answer ? answer : { value: parseValue(call.method, answer.value) };
    } catch (error) {
      return { error: reportOf(error) };
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.pending.delete(id);
    }
  }

  /** Lets running calls end, then the thread. */
  close(): void {
    this.thread.postMessage({ type: 'close' });
  }

  async terminate(): Promise<void> {
    await this.thread.terminate();
  }

  private inputOf(id: number): TerminalInput {
    const tell = (message: HostMessage): void => {
      if (this.pending.has(id)) this.thread.postMessage(message);
    };
    return {
      type: (data) => tell({ type: 'input', id, data }),
      resize: ({ columns, rows }) => tell({ type: 'resize', id, columns, rows }),
    };
  }

  private receive(message: WorkerMessage): void {
    const pending = this.pending.get(message.id);
    switch (message.type) {
      case 'reply':
        pending?.settle({ value: message.value });
        return;
      case 'failure':
        pending?.settle({ error: message.error });
        return;
      case 'events':
        pending?.onEvents?.(message.events);
        this.thread.postMessage({ type: 'ack', id: message.id });
        return;
      case 'changes':
        pending?.onChanges?.(message.changes);
        this.thread.postMessage({ type: 'ack', id: message.id });
        return;
      case 'lines':
        pending?.onLines?.(message.lines);
        this.thread.postMessage({ type: 'ack', id: message.id });
        return;
      case 'bytes':
        pending?.onBytes?.(message.bytes);
        this.thread.postMessage({ type: 'ack', id: message.id });
        return;
      default:
        message satisfies never;
    }
  }
}
