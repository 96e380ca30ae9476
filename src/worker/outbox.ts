/**
 * What goes out for one call while it works: gathered for a moment, then sent as one batch, and the next batch only when the
 * host has drawn the last one. A build can print faster than an editor draws, and the host's thread is everybody's: a batch is
 * small, and what waits is bounded. It leaves out the oldest lines, which the log file has, and then there is a pause: nobody
 * reads so fast. Everything that is not a line is kept.
 */
export interface Amount {
  readonly lines: number;
  readonly characters: number;
}

export interface OutboxOptions<T> {
  readonly send: (items: readonly T[]) => void;
  /** Characters of a line; undefined for what is none. */
  readonly lineLength: (item: T) => number | undefined;
  /** One item in place of `count` lines, made after the pattern of the last of them. */
  readonly leftOut: (last: T, count: number) => T;
  /** Whether an item makes the one right before it worthless, as the next state of the same bar does. Default: never. */
  readonly replaces?: (item: T, before: T) => boolean;
  /** How much of lines may wait. */
  readonly limit?: Amount;
  /** How much of lines goes out at a time. */
  readonly batch?: Amount;
  /** Milliseconds. */
  readonly delay?: number;
  /** Milliseconds between a batch from which lines were left out and the next. */
  readonly pause?: number;
}

export class Outbox<T> {
  private waiting: T[] = [];
  private lines = 0;
  private characters = 0;
  private dropped: { last: T; count: number; at: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private unacknowledged = false;
  private readonly limit: Amount;
  private readonly batch: Amount;

  constructor(private readonly options: OutboxOptions<T>) {
    this.limit = options.limit ?? { lines: 5000, characters: 512 * 1024 };
    this.batch = options.batch ?? { lines: 400, characters: 48 * 1024 };
  }

  add(item: T): void {
    const length = this.options.lineLength(item);
    const before = this.waiting.at(-1);
    if (length === undefined && before !== undefined && this.options.replaces?.(item, before)) this.waiting.pop();
    this.waiting.push(item);
    if (length !== undefined) {
      this.lines += 1;
      this.characters += length;
      if (this.lines > this.limit.lines || this.characters > this.limit.characters) this.dropOldHalf();
    }
    if (this.timer === undefined) this.flushIn(this.delay);
  }

  acknowledge(): void {
    this.unacknowledged = false;
    if (this.timer === undefined) this.flush();
  }

  /** Sends what waits, acknowledged or not: the answer to the call follows. */
  end(): void {
    while (this.waiting.length > 0) this.flush();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private get delay(): number {
    return this.options.delay ?? 25;
  }

  private flushIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!this.unacknowledged) this.flush();
    }, ms);
  }

  private flush(): void {
    if (this.waiting.length === 0) return;
    const hasLeftOut = this.dropped !== undefined;
    if (this.dropped) this.waiting.splice(this.dropped.at, 0, this.options.leftOut(this.dropped.last, this.dropped.count));
    this.dropped = undefined;
    const items = this.waiting.splice(0, this.sizeOfBatch());
    if (hasLeftOut || this.waiting.length > 0) this.flushIn(hasLeftOut ? (this.options.pause ?? 250) : this.delay);
    this.unacknowledged = true;
    this.options.send(items);
  }

  /** Takes what is in it off the account. */
  private sizeOfBatch(): number {
    let lines = 0;
    let characters = 0;
    for (const [size, item] of this.waiting.entries()) {
      const length = this.options.lineLength(item);
      if (length === undefined) continue;
      if (lines > 0 && (lines === this.batch.lines || characters + length > this.batch.characters)) return size;
      lines += 1;
      characters += length;
      this.lines -= 1;
      this.characters -= length;
    }
    return this.waiting.length;
  }

  /** Half at once, so that a flood costs one pass over the queue in hundreds of lines. */
  private dropOldHalf(): void {
    let { last, count, at } = this.dropped ?? { last: undefined, count: 0, at: -1 };
    const kept: T[] = [];
    for (const item of this.waiting) {
      const length = this.options.lineLength(item);
      if (length !== undefined && (this.lines > this.limit.lines / 2 || this.characters > this.limit.characters / 2)) {
        count += 1;
        last = item;
        this.lines -= 1;
        this.characters -= length;
        if (at < 0) at = kept.length;
      } else {
        kept.push(item);
      }
    }
    this.waiting = kept;
    if (last !== undefined) this.dropped = { last, count, at };
  }
}
