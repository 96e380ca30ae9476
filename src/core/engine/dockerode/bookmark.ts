/** How far a watch has come in the engine's events, so that it can go on there over another connection. */
import type { RawEvent } from './events.js';

/**
 * Events are not strictly sorted by time: two that happen at once may come in either order (moby daemon/events publishes after it has stored;
 * Podman writes an image's `untag` after the `remove` that has a later time). So more is asked for than is needed, and what is known is passed over.
 */
const MARGIN_MS = 1_000;
/** More than an engine tells again: Docker keeps 256, Podman tells what its file holds of the margin. */
const REMEMBERED = 2_048;

export class Bookmark {
  private readonly seen = new Set<string>();
  private place: { readonly time: number; readonly at: number } | undefined;
  private beginning = 0;

  /** To be called with the engine's time before the first connection: nothing older is asked for. */
  begin(engineNow: number): void {
    this.beginning = engineNow;
    this.place = { time: engineNow, at: performance.now() };
  }

  has(event: RawEvent): boolean {
    return this.seen.has(event.key);
  }

  add(event: RawEvent): void {
    this.place = { time: event.time, at: performance.now() };
    this.seen.add(event.key);
    if (this.seen.size <= REMEMBERED) return;
    const [oldest] = this.seen;
    if (oldest !== undefined) this.seen.delete(oldest);
  }

  /** What to ask for, in milliseconds since 1970 by the engine's clock; undefined before it has begun. */
  since(): number | undefined {
    if (!this.place) return undefined;
    const { time } = this.place;
    // Since then its clock was set back.
    if (time < this.beginning) return time - MARGIN_MS;
    return Math.max(this.beginning, time - MARGIN_MS);
  }

  /** The same by our own clock, which only runs forwards: for an engine whose clock was set back. */
  sinceByElapsed(engineNow: number): number | undefined {
    return this.place && engineNow - (performance.now() - this.place.at) - 2 * MARGIN_MS;
  }
}
