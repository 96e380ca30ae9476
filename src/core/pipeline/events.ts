/**
 * What a run says while it works. Front ends draw these and nothing else; `--json` prints them one a line.
 * The format is versioned: fields are added, never changed; `v` grows when that promise has to be broken.
 */
import type { LineEnd } from '../engine/engine.js';
import type { ErrorReport } from '../errors.js';

export const EVENT_VERSION = 1;

export const STAGES = ['base', 'builder', 'wheels', 'release'] as const;
export type StageName = (typeof STAGES)[number];

interface EventHead {
  readonly v: typeof EVENT_VERSION;
  /** Run id: UTC time and four hex digits, unique enough to name a log file. */
  readonly run: string;
  /** Counts from 1 without gaps within a run. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly target: string;
}

export interface RunStarted {
  readonly type: 'run.started';
  readonly project: { readonly name: string; readonly version?: string; readonly root: string };
  readonly python: string;
  /** For people: `Docker 28.5 (default socket)`. */
  readonly engine: string;
  /** The stages this run looks at, in order. */
  readonly stages: readonly StageName[];
  /** Further facts for the headline, such as `14 dependencies`. */
  readonly facts: readonly string[];
  /** The complete log's file, where one is written. */
  readonly log?: string;
}

export interface StageStarted {
  readonly type: 'stage.started';
  readonly stage: StageName;
  /** Why it is not up to date: `polls/views.py changed`. */
  readonly reason: string;
}

/** One step of a stage: an instruction of a Dockerfile, or a phase of a container's work. */
export interface Step {
  readonly type: 'step';
  readonly stage: StageName;
  /** Stable within the run: the same step is reported again as its state changes. */
  readonly id: string;
  readonly name: string;
  readonly state: 'started' | 'cached' | 'done' | 'failed';
  /** Milliseconds of work, once it ended. */
  readonly ms?: number;
}

export interface Log {
  readonly type: 'log';
  readonly stage: StageName;
  readonly step?: string;
  /** `note` is a sentence of ours: a warning, or what was decided and why. */
  readonly stream: 'stdout' | 'stderr' | 'note';
  /**
   * One line, without its end; of one that is longer than 64 KiB, a piece. What was no UTF-8 has U+FFFD in its place wherever events are
   * sent or shown; only the log file has the bytes.
   */
  readonly text: string;
  /** What it ended with, where that was no newline. Nothing: the next event of this step and stream goes on with the line, or there is none. */
  readonly end?: Exclude<LineEnd, '\n'>;
}

export interface Progress {
  readonly type: 'progress';
  readonly stage: StageName;
  readonly label: string;
  readonly current: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'items';
}

export interface Artifact {
  readonly type: 'artifact';
  readonly stage: StageName;
  readonly kind: 'image' | 'wheel' | 'lock' | 'export';
  /** Image reference, wheel file name or path. */
  readonly name: string;
  readonly digest?: string;
  /** Bytes. */
  readonly size?: number;
}

export interface StageSkipped {
  readonly type: 'stage.skipped';
  readonly stage: StageName;
  /** `up to date`, or what else made it unnecessary. */
  readonly reason: string;
}

export interface StageFinished {
  readonly type: 'stage.finished';
  readonly stage: StageName;
  /** Two or three words: `built`, `1 built, 14 kept`. */
  readonly summary: string;
  /** The rest of the line: what was made. */
  readonly detail: string;
  readonly ms: number;
}

export interface StageFailed {
  readonly type: 'stage.failed';
  readonly stage: StageName;
  readonly error: ErrorReport;
  readonly ms: number;
}

/** What `all` and `release` end with. */
export interface ReleaseSummary {
  readonly name: string;
  readonly version: string;
  readonly image: string;
  readonly tags: readonly string[];
  readonly imageId: string;
  /** Bytes. */
  readonly size: number;
  readonly command: readonly string[];
  readonly serves: boolean;
}

export interface RunFinished {
  readonly type: 'run.finished';
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** False when every stage was up to date. */
  readonly changed: boolean;
  readonly ms: number;
  readonly release?: ReleaseSummary;
  readonly error?: ErrorReport;
}

export type EventBody = RunStarted | StageStarted | Step | Log | Progress | Artifact | StageSkipped | StageFinished | StageFailed | RunFinished;

export type RunEvent = EventHead & EventBody;
