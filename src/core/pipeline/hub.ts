/**
 * Where a run's events meet their readers. Each event gets its number here. A reader that comes late first gets what it
 * missed, except log lines: those are kept in a bounded tail (the complete log is a file).
 */
import { isHeld } from '../pace.js';
import type { Pace, Paced } from '../pace.js';
import type { Redactor } from '../redactor.js';
import { EVENT_VERSION } from './events.js';
import type { EventBody, RunEvent } from './events.js';
import { Tail } from './tail.js';

export type EventReader = Paced<[event: RunEvent]>;

const TAIL = { items: 500, characters: 256 * 1024 };

export class EventHub {
  private readonly readers = new Set<EventReader>();
  private readonly history: RunEvent[] = [];
  private readonly logTail = new Tail<RunEvent>(TAIL, (event) => (event.type === 'log' ? event.text.length : 0));
  private readonly full = new Set<Promise<void>>();
  private seq = 0;
  private last = { time: 0, at: 0 };

  constructor(
    readonly run: string,
    public target: string,
    private readonly redactor: Redactor,
    private readonly now: () => Date = () => new Date(),
  ) {}

  publish(body: EventBody): void {
    this.seq += 1;
    const event: RunEvent = { v: EVENT_VERSION, run: this.run, seq: this.seq, time: this.time(), target: this.target, ...this.clean(body) };
    this.remember(event);
    for (const reader of this.readers) this.hold(reader(event));
  }

  /** Calls `reader` with the snapshot, then with each event as it comes. Returns what ends that. */
  subscribe(reader: EventReader): () => void {
    for (const event of [...this.history, ...this.logTail.toArray()].sort((a, b) => a.seq - b.seq)) this.hold(reader(event));
    this.readers.add(reader);
    return () => void this.readers.delete(reader);
  }

  /**
   * undefined while every reader has room; else what settles when all have. Who publishes much waits for it: readers that
   * may leave lines out never ask for time, and those that may not are full sooner or later.
   */
  room(): Promise<void> | undefined {
    return this.full.size === 0 ? undefined : Promise.all(this.full).then(() => undefined);
  }

  /** Goes on from the last one when the machine's clock is set back meanwhile: readers take differences for durations. */
  private time(): string {
    const at = performance.now();
    const now = this.now().getTime();
    const time = now < this.last.time ? this.last.time + at - this.last.at : now;
    this.last = { time, at };
    return new Date(time).toISOString();
  }

  private hold(pace: Pace): void {
    if (!isHeld(pace) || this.full.has(pace)) return;
    this.full.add(pace);
    void pace.then(() => this.full.delete(pace));
  }

  private remember(event: RunEvent): void {
    if (event.type === 'log') this.logTail.push(event);
    else if (event.type !== 'progress') this.history.push(event);
  }

  /** Nothing leaves without it: whoever reads events never sees a credential. A log line is all text, and there are many. */
  private clean(body: EventBody): EventBody {
    return body.type === 'log' ? { ...body, text: this.redactor.redact(body.text) } : this.redactor.redactAll(body);
  }
}
