/**
 * What the extension `pypackage.pypackage-docker` exports to other extensions. This file needs nothing but `@types/vscode`:
 * copy it into yours.
 */
import type { CancellationToken, Event } from 'vscode';

export interface PyPackageApi {
  /** Grows when something changes in a way that breaks callers; what is added beside it does not. */
  readonly version: 1;
  /** The targets of this window's projects, also of those below the top of a folder. Contacts no container engine. */
  targets(): Promise<readonly Target[]>;
  /**
   * Builds what is stale of a target. A run of the target that is at work in this window is joined, and not run twice; one
   * elsewhere is waited for. Resolves when it has ended, however it ended.
   * Rejects where the target is not of this window, where its folder is not trusted, and where an argument is not as below.
   */
  run(target: Target, options?: RunOptions): Promise<RunResult>;
  /** Every event of every run of this window, in order, whoever started it. Lines of logs may be left out where they come too fast. */
  readonly onDidRunEvent: Event<TargetRunEvent>;
  /** A target came or went, or has another name. */
  readonly onDidChangeTargets: Event<void>;
}

export interface Target {
  /** As people see it. */
  readonly name: string;
  /** The folder of its project, absolute. */
  readonly root: string;
}

export type StageName = 'base' | 'builder' | 'wheels' | 'release';

export interface RunOptions {
  /** The stages that are wanted; what they need is added. Default: all. */
  readonly stages?: readonly StageName[];
  /** Cancels the run. One that was joined goes on. */
  readonly token?: CancellationToken;
  /** Show neither progress nor messages: the caller does. Default: false. */
  readonly quiet?: boolean;
}

export interface RunResult {
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** False where everything was up to date. */
  readonly changed: boolean;
  readonly milliseconds: number;
  /** Path of the complete log. */
  readonly log?: string;
  /** What a run up to the release ended with. */
  readonly release?: {
    readonly version: string;
    /** Name of the image without a tag. */
    readonly image: string;
    readonly tags: readonly string[];
    readonly imageId: string;
    /** Bytes. */
    readonly size: number;
  };
  /** Of a failure. */
  readonly error?: {
    /** Stable, such as `compile-missing-file`. */
    readonly code: string;
    readonly message: string;
    /** Relative to the folder of the project where it lies in it; line and column count from 1. */
    readonly where?: { readonly file: string; readonly line?: number; readonly column?: number };
    readonly why?: string;
    /** The next step, in the words of the command line. */
    readonly fix?: string;
  };
}

export interface TargetRunEvent {
  readonly target: Target;
  /** The same that `pypackage --json` prints: versioned, fields are added and never changed. */
  readonly event: RunEvent;
}

export interface RunEvent {
  readonly v: 1;
  /** Id of the run. */
  readonly run: string;
  /** Counts from 1 within the run. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly target: string;
  readonly type:
    | 'run.started'
    | 'stage.started'
    | 'step'
    | 'log'
    | 'progress'
    | 'artifact'
    | 'stage.skipped'
    | 'stage.finished'
    | 'stage.failed'
    | 'run.finished';
  readonly stage?: StageName;
  /** The rest depends on the type. */
  readonly [field: string]: unknown;
}
