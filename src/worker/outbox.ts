/**
 * What goes out for one call while it works: gathered for a moment, then sent as one batch, and the next batch only when the
 * host has drawn the last one. A build can print faster than an editor draws; the queue is bounded and leaves out the oldest
 * lines, which the log file still has. Everything that is not a line is kept.
 */
export interface OutboxOptions<T> {
  readonly send: (items: readonly T[]) => void;
  readonly isLine: (item: T) => boolean;
  /** One item in place of `count` lines, made after the pattern of the last of them. */
  readonly leftOut: (last: T, count: number) => T;
  /** How many items may wait. */
  readonly limit?: number;
  /** Milliseconds. */
  readonly delay?: number;
}

export class Outbox<T> {
  private waiting: T[] = [];
  private lines = 0;
  private dropped: { last: T; count: number; at: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private unacknowledged = false;
  private readonly limit: number;

  constructor(private readonly options: OutboxOptions<T>) {
    this.limit = options.limit ?? 5000;
  }

  add(item: T): void {
    this.waiting.push(item);
    if (this.options.isLine(item) && ++this.lines > this.limit) this.dropOldHalf();
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!this.unacknowledged) this.flush();
    }, this.options.delay ?? 25);
  }

  acknowledge(): void {
    this.unacknowledged = false;
    if (this.timer === undefined) this.flush();
  }

  /** Sends what waits, acknowledged or not: the answer to the call follows. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flush();
  }

  private flush(): void {
    if (this.waiting.length === 0) return;
    const items = this.waiting;
    if (this.dropped) items.splice(this.dropped.at, 0, this.options.leftOut(this.dropped.last, this.dropped.count));
    this.waiting = [];
    this.lines = 0;
    this.dropped = undefined;
    this.unacknowledged = true;
    this.options.send(items);
  }

  /** Half at once, so that a flood costs one pass over the queue in thousands of lines. */
  private dropOldHalf(): void {
    let surplus = Math.ceil(this.lines / 2);
    let { last, count, at } = this.dropped ?? { last: undefined, count: 0, at: -1 };
    const kept: T[] = [];
    for (const item of this.waiting) {
      if (surplus > 0 && this.options.isLine(item)) {
        surplus--;
        count++;
        last = item;
        this.lines--;
        if (at < 0) at = kept.length;
      } else {
        kept.push(item);
      }
    }
    this.waiting = kept;
    if (last !== undefined) this.dropped = { last, count, at };
  }
}
