/**
 * Notices that an answer will not come. A cut connection shows by itself; one whose other end is gone without a word, or an engine that is
 * stuck, shows only when it is asked: while nothing arrives, the engine is asked for a sign of life on another connection. A build that
 * prints nothing for an hour is fine, as long as the engine gives one.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

export interface Timings {
  /** Milliseconds without a byte until the engine is asked for a sign of life, and between two such questions. */
  readonly heartbeat: number;
  /** Milliseconds that it may take to give one. */
  readonly answer: number;
  /** Milliseconds without a byte that an ordinary request may take although the engine lives: its own connection is dead then. */
  readonly silence: number;
  /** Milliseconds without a byte over the session of a build, whose health the engine checks every second (20.10) or every 5 s. */
  readonly session: number;
}

export const TIMINGS: Timings = { heartbeat: 10_000, answer: 15_000, silence: 300_000, session: 25_000 };

export interface WatchdogOptions {
  readonly timings: Timings;
  /** Rejects with what is wrong with the engine. */
  readonly signOfLife: () => Promise<void>;
  /** What is wrong when the engine lives and this request got nothing for `silence`; undefined where that may be. */
  readonly silent: (() => Error) | undefined;
}

export class Watchdog {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private uploaded = 0;
  private response: IncomingMessage | undefined;
  private seen = 0;
  private since = performance.now();
  private isAsking = false;
  /** Why the answer was given up. */
  problem: Error | undefined;

  constructor(private readonly options: WatchdogOptions) {
    this.timer = setInterval(() => void this.look(), options.timings.heartbeat);
  }

  /** Aborted when the answer is given up before it began. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** What is sent counts: an upload may take long. */
  uploads(body: Readable): void {
    body.on('data', (chunk: Uint8Array) => (this.uploaded += chunk.length));
  }

  /** From now on until it closes this is what is watched. When it is given up, the reason is its error. */
  downloads(response: IncomingMessage): void {
    this.response = response;
    response.once('close', () => this.end());
  }

  end(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const { timings, signOfLife, silent } = this.options;
    const quiet = this.quiet();
    if (this.isAsking || quiet < timings.heartbeat) return;
    if (silent && quiet > timings.silence) return this.giveUp(silent());
    this.isAsking = true;
    try {
      await signOfLife();
    } catch (error) {
      if (this.quiet() > quiet) this.giveUp(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.isAsking = false;
    }
  }

  /** Milliseconds since a byte went either way. */
  private quiet(): number {
    const bytes = this.uploaded + (this.response?.socket?.bytesRead ?? 0);
    if (bytes !== this.seen) {
      this.seen = bytes;
      this.since = performance.now();
    }
    return performance.now() - this.since;
  }

  private giveUp(problem: Error): void {
    this.end();
    this.problem = problem;
    if (this.response) this.response.destroy(problem);
    else this.controller.abort();
  }
}
