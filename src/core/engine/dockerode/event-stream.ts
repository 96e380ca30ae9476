/** One connection that events come over. */
import type { IncomingMessage } from 'node:http';
import { connectionLost, noAnswer } from '../problems.js';
import { jsonLines } from './api.js';
import type { EngineApi } from './api.js';
import type { Bookmark } from './bookmark.js';
import { EventQueue } from './event-queue.js';
import { parseEvent } from './events.js';

/** Connections of its own: a request over one that has been idle says nothing about whether the engine can be reached now. */
export interface Link {
  readonly api: EngineApi;
  /** Ends all its connections, also those in use. */
  close(): void;
}

export class EventStream {
  readonly queue = new EventQueue();

  private constructor(
    readonly api: EngineApi,
    /** Aborted when it is closed, too. */
    readonly signal: AbortSignal,
    readonly close: () => void,
  ) {}

  /** Resolves once the engine has begun to answer: from then on nothing is missed. */
  static async open(link: Link, bookmark: Bookmark, answerMs: number, watching: AbortSignal): Promise<EventStream> {
    const own = new AbortController();
    const stream = new EventStream(link.api, AbortSignal.any([watching, own.signal]), () => {
      own.abort();
      link.close();
    });
    try {
      if (bookmark.since() === undefined) bookmark.begin((await stream.time(answerMs)) ?? Date.now());
      let response = await stream.ask(bookmark.since(), answerMs);
      const since = bookmark.since();
      const engineNow = dateOf(response);
      if (engineNow !== undefined && since !== undefined && engineNow + 1000 < since) {
        // Its clock was set back. Podman would tell nothing until it has caught up.
        response.destroy();
        response = await stream.ask(bookmark.sinceByElapsed(engineNow), answerMs);
      }
      void stream.read(response);
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** The engine's clock, in milliseconds since 1970. */
  async time(answerMs: number): Promise<number | undefined> {
    const response = await this.within(answerMs, this.api.open({ method: 'GET', path: '/_ping', what: 'give a sign of life', signal: this.signal }));
    response.resume();
    return dateOf(response);
  }

  private async ask(since: number | undefined, answerMs: number): Promise<IncomingMessage> {
    const query = { since: since === undefined ? undefined : (since / 1000).toFixed(6) };
    const call = { method: 'GET', path: '/events', query, what: 'tell its events', signal: this.signal, mayBeSilent: true } as const;
    return this.within(answerMs, this.api.open(call));
  }

  /** What does not answer in time takes the connection with it. */
  async within<T>(ms: number, work: Promise<T>): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, ms);
    try {
      return await work;
    } catch (error) {
      throw isLate ? noAnswer(this.api.endpoint, ms / 1000, error) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async read(response: IncomingMessage): Promise<void> {
    try {
      for await (const line of jsonLines(response)) {
        const event = parseEvent(line);
        if (event) this.queue.push(event);
      }
      this.queue.end(connectionLost(this.api.endpoint, new Error('the engine ended its events')));
    } catch (error) {
      this.queue.end(this.api.explain(error, undefined));
    }
  }
}

/** Whole seconds, rounded down. */
function dateOf(response: IncomingMessage): number | undefined {
  const date = Date.parse(response.headers.date ?? '');
  return Number.isNaN(date) ? undefined : date;
}
