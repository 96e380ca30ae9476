/**
 * Since when containers run, by our clock, out of what lists say of it: the more often one is listed, the better it is known, and it changes only
 * when a list contradicts it, so that a row is not another one for it every second. Pure.
 */
import type { ContainerSummary } from '../engine/engine.js';

/** Between the engine's answer and our look at a clock, in ms. */
const LATE = 2_000;

export class UpSince {
  private readonly known = new Map<string, number>();

  /** Milliseconds since 1970, full seconds; undefined of one that does not run, and where the engine does not say it. */
  of({ id, upFor, startedAt, state }: ContainerSummary, now: number): number | undefined {
    if (state !== 'running' && state !== 'paused') {
      this.known.delete(id);
      return undefined;
    }
    if (!upFor) return (startedAt === undefined ? 0 : Math.floor(Date.parse(startedAt) / 1000) * 1000) || undefined;
    const before = this.known.get(id);
    const age = before === undefined ? -1 : now - before;
    if (before !== undefined && age >= upFor.least - LATE && age < upFor.below + LATE) return before;
    const since = Math.floor((now - upFor.least) / 1000) * 1000;
    this.known.set(id, since);
    return since;
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.known.delete(id);
  }
}
