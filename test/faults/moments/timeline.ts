/** Where a run is when: a measured run in parts, and moments that are spread evenly over it. */
import type { RunEvent } from '../../../src/core/pipeline/events.js';
import { STAGES } from '../../../src/core/pipeline/events.js';

/** `start`: until the first stage begins. `end`: after the last one. */
export const PARTS = ['start', ...STAGES, 'end'] as const;
export type Part = (typeof PARTS)[number];

/** Milliseconds that each part takes. */
export type Timeline = Readonly<Record<Part, number>>;

/** Somewhere in a part: 0 is its beginning, 1 its end. */
export interface Place {
  readonly part: Part;
  readonly fraction: number;
}

export interface Moment {
  readonly part: Part;
  /** Milliseconds after the part's beginning. */
  readonly after: number;
}

/** An event with the milliseconds since the process was started. */
export interface Timed {
  readonly event: RunEvent;
  readonly at: number;
}

/** Between two stages it is in the one before. */
export function partAt(events: readonly Timed[]): Part {
  return events.reduce<Part>((part, { event }) => beginning(event) ?? part, 'start');
}

/** The part that an event begins. */
export function beginning(event: RunEvent): Part | undefined {
  if (event.type === 'stage.started') return event.stage;
  return event.type === 'stage.finished' && event.stage === STAGES.at(-1) ? 'end' : undefined;
}

/** Of the parts that came to their end: how long each took. `ms`: when the process ended by itself. */
export function spansOf(events: readonly Timed[], ms: number | undefined): ReadonlyMap<Part, number> {
  const beginnings: (readonly [Part | undefined, number])[] = [['start', 0]];
  for (const { event, at } of events) {
    const part = beginning(event);
    if (part) beginnings.push([part, at]);
  }
  if (ms !== undefined) beginnings.push([undefined, ms]);
  return new Map(
    beginnings.flatMap(([part, began], i) => {
      const next = beginnings[i + 1];
      return part && next ? [[part, next[1] - began] as const] : [];
    }),
  );
}

/** How long parts take: what was seen last counts, as a machine is not always as busy. */
export class Pace {
  private readonly seen = new Map<Part, number[]>();

  learn(events: readonly Timed[], ms: number | undefined): void {
    for (const [part, span] of spansOf(events, ms)) this.seen.set(part, [...(this.seen.get(part) ?? []), span].slice(-5));
  }

  get timeline(): Timeline {
    const of = (part: Part): number => [...(this.seen.get(part) ?? [])].sort((a, b) => a - b)[Math.floor((this.seen.get(part)?.length ?? 0) / 2)] ?? 0;
    return { start: of('start'), base: of('base'), builder: of('builder'), wheels: of('wheels'), release: of('release'), end: of('end') };
  }

  momentAt({ part, fraction }: Place): Moment {
    return { part, after: Math.round(fraction * this.timeline[part]) };
  }
}

/** Evenly over the time, and `least` in each stage however short it is; each moment somewhere in its slot. In the order of the run. */
export function spread(timeline: Timeline, count: number, random: () => number, least = Math.min(3, Math.floor(count / STAGES.length))): readonly Place[] {
  const counts = new Map<Part, number>(PARTS.map((part) => [part, STAGES.some((stage) => stage === part) ? least : 0]));
  const total = PARTS.reduce((sum, part) => sum + timeline[part], 0);
  for (let left = count - least * STAGES.length; left > 0; left--) {
    // To the part that has fewest for its length.
    const lacks = (part: Part): number => (timeline[part] / total) * count - (counts.get(part) ?? 0);
    const part = PARTS.reduce((most, other) => (lacks(other) > lacks(most) ? other : most));
    counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return PARTS.flatMap((part) => {
    const slots = counts.get(part) ?? 0;
    return Array.from({ length: slots }, (_, i) => ({ part, fraction: (i + random()) / slots }));
  });
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
