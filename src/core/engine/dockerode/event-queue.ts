/** Events between the connection that brings them and the watch that hands them on. */
import type { RawEvent } from './events.js';

/**
 * The connection is read at once, whatever the watch is doing: an engine drops events for a reader that is 1,024 behind (moby daemon/events,
 * pubsub), without a word. So they pile up here instead, up to this many; beyond, they are given up for a look at the whole.
 */
const CAPACITY = 10_000;

export class EventQueue {
  private events: RawEvent[] = [];
  private at = 0;
  private wake: (() => void) | undefined;
  /** Why nothing more comes. */
  private reason: { readonly error: unknown } | undefined;
  private lost = false;

  push(event: RawEvent): void {
    if (this.events.length - this.at >= CAPACITY) {
      this.lost = true;
      this.clear();
    }
    this.events.push(event);
    this.wake?.();
  }

  /** What came before is still handed out. */
  end(error: unknown): void {
    this.reason ??= { error };
    this.wake?.();
  }

  /** The next one, if there is one; throws what it ended with when there is none left. */
  take(): RawEvent | undefined {
    const event = this.events[this.at];
    if (event) {
      this.at += 1;
      if (this.at === this.events.length) this.clear();
    } else if (this.reason) {
      throw this.reason.error;
    }
    return event;
  }

  /** Whether events were given up since this was asked last. */
  takeLoss(): boolean {
    const { lost } = this;
    this.lost = false;
    return lost;
  }

  /** Until there is something to take, or the time is over, or the signal is aborted. */
  async arrival(ms: number, signal: AbortSignal): Promise<void> {
    if (this.events.length > 0 || this.reason || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms)); // it may be time already
      signal.addEventListener('abort', done);
      this.wake = done;
    });
  }

  private clear(): void {
    this.events = [];
    this.at = 0;
  }
}
