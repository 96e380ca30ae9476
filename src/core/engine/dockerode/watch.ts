/** Following what happens on the engine for as long as somebody looks, whatever becomes of the connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.js';
import type { ObjectKind, WatchRequest, WatchState } from '../engine.js';
import { connectionLost } from '../problems.js';
import { Bookmark } from './bookmark.js';
import { EventStream } from './event-stream.js';
import type { Link } from './event-stream.js';
import type { RawEvent } from './events.js';
import { carries } from './filters.js';
import type { LabelFilter } from './filters.js';
import { LabelMemory } from './label-memory.js';
import { hashOf, snapshotOf } from './snapshot.js';

/** Milliseconds. */
export interface WatchTimings {
  /**
   * Between two looks at the whole, each over new connections: one that died without a word (a laptop that slept, a lost VPN) is as silent as an idle
   * engine's. What an engine tells no events of is found by it, too.
   */
  readonly check: number;
  /** Until an answer must be there. */
  readonly answer: number;
  /** Before connecting again: at first, and at most. */
  readonly pause: { readonly first: number; readonly longest: number };
}

const TIMINGS: WatchTimings = { check: 15_000, answer: 20_000, pause: { first: 100, longest: 2_000 } };

const KINDS: readonly ObjectKind[] = ['container', 'image', 'volume', 'network'];

export async function watch(dial: () => Link, request: WatchRequest, timings: WatchTimings = TIMINGS): Promise<void> {
  await new Watch(dial, request, timings).run();
}

class Watch {
  private readonly kinds: readonly ObjectKind[];
  private readonly labels: LabelFilter;
  private readonly bookmark = new Bookmark();
  private readonly memory = new LabelMemory();
  private lastHash = '';
  private lastState = '';
  private connectedAt: number | undefined;
  /** What a callback threw. */
  private thrown: { readonly error: unknown } | undefined;

  constructor(
    private readonly dial: () => Link,
    private readonly request: WatchRequest,
    private readonly timings: WatchTimings,
  ) {
    this.kinds = request.kinds ?? KINDS;
    this.labels = request.labels ?? {};
  }

  async run(): Promise<void> {
    const { signal } = this.request;
    const { first, longest } = this.timings.pause;
    for (let pause = first; !signal.aborted; pause = Math.min(pause * 2, longest)) {
      this.connectedAt = undefined;
      const link = this.dial();
      try {
        await this.follow(link);
      } catch (error) {
        if (this.thrown) throw this.thrown.error;
        if (!signal.aborted) this.tell({ connected: false, problem: error instanceof UserError ? error : connectionLost(link.api.endpoint, error) });
      }
      // An engine that hangs up at once is not asked faster for having answered.
      if (this.connectedAt !== undefined && performance.now() - this.connectedAt > longest) pause = first;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Ends with an error, or with the signal. */
  private async follow(link: Link): Promise<void> {
    const { signal } = this.request;
    // Before the lists: what happens after them comes over it.
    let stream = await this.open(link);
    try {
      if (this.lastHash === '') await this.passOver(stream);
      await this.look(stream, { always: true });
      this.connectedAt = performance.now();
      let check = this.connectedAt + this.timings.check;
      while (!signal.aborted) {
        const event = stream.queue.take();
        if (event) await this.handOn(event, stream);
        else await stream.queue.arrival(check - performance.now(), signal);
        if (stream.queue.takeLoss()) await this.look(stream, { always: true });
        // Not while events wait: two looks before one of them, and nobody would know the labels of what it tells the end of.
        if (event || performance.now() < check) continue;
        const fresh = await this.open(this.dial());
        stream.close();
        stream = fresh;
        await this.look(stream, { always: false });
        check = performance.now() + this.timings.check;
      }
    } finally {
      stream.close();
    }
  }

  private open(link: Link): Promise<EventStream> {
    return EventStream.open(link, this.bookmark, this.timings.answer, this.request.signal);
  }

  /** What happened before the first lists are asked for is in them. It is only remembered, so that it is known when it comes again. */
  private async passOver(stream: EventStream): Promise<void> {
    await stream.time(this.timings.answer); // by then, what the engine still knew has come
    for (let event = stream.queue.take(); event; event = stream.queue.take()) this.bookmark.add(event);
  }

  /** Events that come meanwhile wait in the queue. */
  private async look(stream: EventStream, { always }: { readonly always: boolean }): Promise<void> {
    const snapshot = await stream.within(this.timings.answer, snapshotOf(stream.api, this.kinds, this.labels, stream.signal));
    this.memory.learn(snapshot);
    const hash = hashOf(snapshot);
    this.tell({ connected: true });
    if (always || hash !== this.lastHash) this.call(() => this.request.onSnapshot(snapshot));
    this.lastHash = hash;
  }

  private async handOn(event: RawEvent, stream: EventStream): Promise<void> {
    if (this.bookmark.has(event)) return;
    const isWanted = this.kinds.includes(event.kind);
    const labels = isWanted ? await this.memory.labelsOf(event, stream.api, stream.signal, this.timings.answer) : undefined;
    // Not before: if the question fails, the event has to come again over the next connection.
    this.bookmark.add(event);
    if (!isWanted || !carries(labels ?? {}, this.labels)) return;
    const { kind, action, detail, id, time } = event;
    const name = kind === 'image' ? stream.api.dialect.shownTag(event.name) : event.name;
    this.call(() => this.request.onEvent({ kind, action, ...(detail !== '' && { detail }), id, name, labels: labels ?? {}, time }));
  }

  private tell(state: WatchState): void {
    const words = state.connected ? 'connected' : `${state.problem.code} ${state.problem.message}`;
    if (words === this.lastState) return;
    this.lastState = words;
    this.call(() => this.request.onState(state));
  }

  private call(callback: () => void): void {
    if (this.request.signal.aborted) return;
    try {
      callback();
    } catch (error) {
      this.thrown = { error };
      throw error;
    }
  }
}
