/** From the engine's repeated reports on a build to events that say each thing once. */
import type { Pace, Paced } from '../../../pace.js';
import type { LineEnd } from '../../engine.js';
import { LineSplitter } from '../lines.js';
import { decodeStatus } from './status.js';
import type { Vertex, VertexLog } from './status.js';

export type TraceEvent =
  | { readonly type: 'started'; readonly digest: string; readonly name: string }
  | { readonly type: 'cached'; readonly digest: string; readonly name: string }
  | { readonly type: 'done'; readonly digest: string; readonly name: string; readonly ms: number }
  | { readonly type: 'failed'; readonly digest: string; readonly name: string; readonly ms: number }
  | { readonly type: 'log'; readonly digest: string; readonly stream: 'stdout' | 'stderr'; readonly text: string; readonly end: LineEnd }
  | { readonly type: 'progress'; readonly digest: string; readonly label: string; readonly current: number; readonly total: number };

interface Step {
  running: boolean;
  cached: boolean;
  startedAt: number;
  /** The sum over all its runs. */
  ms: number;
}

/**
 * A step may be reopened, so whoever draws it sets its state by the last event: 26.1 and later report the work on a
 * cache key as a run of its own (0.04 ms) before the real one, and FROM may be done first and cached later. `ms` adds up.
 */
export class Trace {
  private readonly steps = new Map<string, Step>();
  private readonly splitters = new Map<string, LineSplitter>();
  /** The last step that failed by itself: the one to blame. */
  failed: { readonly digest: string; readonly name: string; readonly message: string } | undefined;

  /** What the last event was answered with. */
  private pace: Pace = undefined;

  constructor(private readonly onEvent: Paced<[event: TraceEvent]>) {}

  apply(message: Uint8Array): Pace {
    this.pace = undefined;
    const status = decodeStatus(message);
    for (const vertex of status.vertexes) this.onVertex(vertex);
    for (const { vertex, id, current, total } of status.statuses) {
      if (total > 0) this.emit({ type: 'progress', digest: vertex, label: id, current, total });
    }
    for (const log of status.logs) void this.splitter(log).push(log.data);
    for (const warning of status.warnings) {
      const line = warning.lines[0]?.start;
      const text = `warning: ${warning.short}${line === undefined ? '' : ` (line ${line})`}`;
      this.emit({ type: 'log', digest: warning.vertex, stream: 'stderr', text, end: '\n' });
    }
    return this.pace;
  }

  /** Hands out lines that lack their end. */
  finish(): void {
    for (const splitter of this.splitters.values()) splitter.flush();
  }

  private emit(event: TraceEvent): void {
    this.pace = this.onEvent(event);
  }

  private onVertex(vertex: Vertex): void {
    const { digest, name, started } = vertex;
    const step = this.step(digest);
    if (vertex.cached) {
      step.startedAt = started ?? step.startedAt;
      step.running = false;
      if (!step.cached) this.emit({ type: 'cached', digest, name });
      step.cached = true;
      return;
    }
    if (started !== undefined && started !== step.startedAt) {
      step.startedAt = started;
      step.running = true;
      this.emit({ type: 'started', digest, name });
    }
    if (vertex.completed !== undefined && step.running) this.onCompleted(vertex, step, vertex.completed);
  }

  private onCompleted(vertex: Vertex, step: Step, completed: number): void {
    const { digest, name, error } = vertex;
    step.running = false;
    step.ms += completed - step.startedAt;
    for (const stream of [1, 2]) this.splitters.get(`${digest} ${stream}`)?.flush();
    if (!error) return this.emit({ type: 'done', digest, name, ms: step.ms });
    // Steps that ran beside the failed one end with "context canceled": not theirs to answer for.
    if (!/context canceled/.test(error)) this.failed = { digest, name, message: error };
    this.emit({ type: 'failed', digest, name, ms: step.ms });
  }

  private splitter(log: VertexLog): LineSplitter {
    const key = `${log.vertex} ${log.stream}`;
    const known = this.splitters.get(key);
    if (known) return known;
    const stream = log.stream === 2 ? 'stderr' : 'stdout';
    const made = new LineSplitter((text, end) => this.emit({ type: 'log', digest: log.vertex, stream, text, end }));
    this.splitters.set(key, made);
    return made;
  }

  private step(digest: string): Step {
    const known = this.steps.get(digest);
    if (known) return known;
    const step: Step = { running: false, cached: false, startedAt: 0, ms: 0 };
    this.steps.set(digest, step);
    return step;
  }
}
