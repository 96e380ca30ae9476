/**
 * Where a run's events meet their readers. Each event gets its number here. A reader that comes late first gets what it
 * missed, except log lines: those are kept in a bounded tail (the complete log is a file).
 */
import { EVENT_VERSION } from './events.js';
import type { EventBody, RunEvent } from './events.js';

export type EventReader = (event: RunEvent) => void;

const LOG_TAIL = 500;

export class EventHub {
  private readonly readers = new Set<EventReader>();
  private readonly history: RunEvent[] = [];
  private readonly logTail: RunEvent[] = [];
  private seq = 0;

  constructor(
    readonly run: string,
    public target: string,
    private readonly redact: (text: string) => string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  publish(body: EventBody): void {
    this.seq += 1;
    const event: RunEvent = { v: EVENT_VERSION, run: this.run, seq: this.seq, time: this.now().toISOString(), target: this.target, ...this.clean(body) };
    this.remember(event);
    for (const reader of this.readers) reader(event);
  }

  /** Calls `reader` with the snapshot, then with each event as it comes. Returns what ends that. */
  subscribe(reader: EventReader): () => void {
    for (const event of [...this.history, ...this.logTail].sort((a, b) => a.seq - b.seq)) reader(event);
    this.readers.add(reader);
    return () => void this.readers.delete(reader);
  }

  private remember(event: RunEvent): void {
    if (event.type === 'log') {
      this.logTail.push(event);
      if (this.logTail.length > LOG_TAIL) this.logTail.shift();
    } else if (event.type !== 'progress') this.history.push(event);
  }

  /** Only text that containers, indexes and engines wrote can hold a credential. */
  private clean(body: EventBody): EventBody {
    if (body.type === 'log') return { ...body, text: this.redact(body.text) };
    if (body.type === 'step') return { ...body, name: this.redact(body.name) };
    if (body.type !== 'stage.failed' && body.type !== 'run.finished') return body;
    const { error } = body;
    if (!error) return body;
    const { why, detail } = error;
    return {
      ...body,
      error: {
        ...error,
        message: this.redact(error.message),
        ...(why !== undefined && { why: this.redact(why) }),
        ...(detail !== undefined && { detail: this.redact(detail) }),
      },
    };
  }
}
